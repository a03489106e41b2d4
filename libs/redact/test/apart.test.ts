import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { redactJsonApart } from "../src/apart.ts"
import { redactJson } from "../src/index.ts"
import { known } from "./secrets.ts"

const [, secret] = known[0] ?? ["", ""]

describe("a text of JSON in a thread of its own", () => {
  it("is redacted as it would be here; nothing is said of one that has no secret", async () => {
    const values = fc.sample(fc.oneof(fc.jsonValue(), fc.constantFrom({ password: "x" }, [`say ${secret}`])), {
      numRuns: 8,
      seed: 1,
    })
    for (const value of [...values, { password: "x" }, {}]) {
      const redacted = redactJson(value)
      expect(await redactJsonApart(JSON.stringify(value))).toBe(
        redacted === value ? undefined : JSON.stringify(redacted),
      )
    }
  })

  it("does not keep this one waiting, however long it is", async () => {
    const text = JSON.stringify({ text: `say ${secret} `.repeat(20_000) })
    let turns = 0
    const counting = setInterval(() => (turns += 1), 0)
    const redacted = await redactJsonApart(text)
    clearInterval(counting)
    expect(redacted).not.toContain(secret)
    expect(turns).toBeGreaterThan(20)
  })

  it("that is none is refused, and the next one is answered", async () => {
    const [broken, next] = await Promise.allSettled([redactJsonApart("{"), redactJsonApart('{"password":"x"}')])
    expect(broken.status).toBe("rejected")
    expect(next).toEqual({ status: "fulfilled", value: '{"password":"[redacted: password]"}' })
  })
})

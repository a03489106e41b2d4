import { readFileSync } from "node:fs"
import { expect, it } from "vitest"
import { verifyHistory } from "../src/index.ts"

const vector = JSON.parse(readFileSync(new URL("fixtures/rolling-hash-vector.json", import.meta.url), "utf8")) as {
  salt: string
  envelopes: string[]
  head: string
}

it("arrives at the published head, at once or in two parts", async () => {
  expect(await verifyHistory(vector.envelopes, vector.salt)).toBe(vector.head)
  const half = await verifyHistory(vector.envelopes.slice(0, 2), vector.salt)
  expect(await verifyHistory(vector.envelopes.slice(2), vector.salt, { from: half })).toBe(vector.head)
})

it("takes texts as a stream gives them", async () => {
  async function* texts() {
    yield* vector.envelopes
  }
  expect(await verifyHistory(texts(), vector.salt)).toBe(vector.head)
})

it.each([
  ["another salt", (texts: string[]) => texts, "f".repeat(32)],
  ["one left out", (texts: string[]) => texts.toSpliced(1, 1)],
  ["two in another order", (texts: string[]) => [texts[1], texts[0], ...texts.slice(2)] as string[]],
  ["one twice", (texts: string[]) => [texts[0], ...texts] as string[]],
  ["one letter changed", (texts: string[]) => texts.map((text) => text.replace("demo", "dema"))],
])("notices %s", async (_what, change, salt = vector.salt) => {
  await expect(verifyHistory(change(vector.envelopes), salt)).rejects.toMatchObject({ code: "history-broken" })
})

it("refuses what is no event", async () => {
  await expect(verifyHistory(["{}"], vector.salt)).rejects.toThrow("not an event")
})

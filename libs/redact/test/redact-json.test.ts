import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { redactJson } from "../src/index.ts"
import { known, letters } from "./secrets.ts"

describe("a value of JSON", () => {
  it("loses what its names say is secret, whole", () => {
    const value = {
      user: "ada",
      password: "swordfish",
      accessToken: 12345,
      secrets: { a: ["one"], b: 2 },
      nested: [{ "x-api-key": "k", Cookie: "a=b" }],
    }
    expect(redactJson(value)).toEqual({
      user: "ada",
      password: "[redacted: password]",
      accessToken: "[redacted: token]",
      secrets: "[redacted: secret]",
      nested: [{ "x-api-key": "[redacted: key]", Cookie: "[redacted: cookie]" }],
    })
  })

  it("loses secrets in its texts and in its names", () => {
    const [, secret] = known[0] ?? ["", ""]
    expect(redactJson({ [`of ${secret}`]: [`say ${secret}`, 1] })).toEqual({
      "of [redacted: aegis-key]": ["say [redacted: aegis-key]", 1],
    })
  })

  it("loses a secret that was cut into blocks of content", () => {
    const secret = letters(40)
    // Each too short to be known alone.
    const [one, two, three] = [secret.slice(0, 14), secret.slice(14, 28), secret.slice(28)]
    const blocks = [
      { type: "content", content: { type: "text", text: `is ${one}` } },
      { type: "diff", path: "/a" },
      { type: "text", text: two },
      { type: "text", text: `${three}.` },
    ]
    expect(redactJson({ content: blocks })).toEqual({
      content: [
        { type: "content", content: { type: "text", text: "is [redacted: random]" } },
        { type: "diff", path: "/a" },
        { type: "text", text: "" },
        { type: "text", text: "." },
      ],
    })
  })

  it("loses what follows a flag in a command's words", () => {
    expect(redactJson({ args: ["deploy", "--token", "swordfish", "--to", "prod"] })).toEqual({
      args: ["deploy", "--token", "[redacted: token]", "--to", "prod"],
    })
  })

  it("is the very same where it has no secret, and says nothing of what is too deep", () => {
    const value = {
      a: [1, null, true, "text"],
      b: { token: null, password: "", isSecret: true, tokens: 5 },
      PWD: "/home",
    }
    expect(redactJson(value)).toBe(value)
    let deep: unknown = "swordfish"
    for (let level = 0; level < 3000; level += 1) deep = [deep]
    expect(JSON.stringify(redactJson(deep))).toMatch(/^\[+"\[redacted: too-deep\]"\]+$/)
  })

  it("keeps a name that objects have by themselves", () => {
    const value: unknown = JSON.parse('{"__proto__": {"password": "x"}, "constructor": "a"}')
    expect(JSON.stringify(redactJson(value))).toBe(
      '{"__proto__":{"password":"[redacted: password]"},"constructor":"a"}',
    )
  })

  it("is the same beside something secret as alone, whatever its texts begin and end with", () => {
    const part = fc.oneof(
      fc.constantFrom(
        "token=",
        "password: ",
        "abc123",
        "Bearer ",
        '"',
        "\\",
        "\n",
        "-----BEGIN CERTIFICATE-----",
        "--token",
      ),
      fc.constantFrom(
        "-----END CERTIFICATE-----",
        letters(32),
        letters(24, 9),
        letters(64, 3),
        known[0]?.[1] ?? "",
        "machine a ",
      ),
      fc.string({ maxLength: 5 }),
    )
    const text = fc.array(part, { maxLength: 4 }).map((parts) => parts.join(""))
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        text,
        fc.record({ text }),
        fc.array(tie("value"), { maxLength: 4 }),
        fc.dictionary(fc.oneof(text, fc.constantFrom("a", "content", "token")), tie("value"), { maxKeys: 3 }),
      ),
    }))
    fc.assert(
      fc.property(value, (some) => {
        expect(redactJson([[some], { password: "x" }])).toEqual([
          redactJson([some]),
          { password: "[redacted: password]" },
        ])
      }),
      { numRuns: 2000 },
    )
  })

  it("is the same when it is redacted twice, and keeps what is no text", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const once = redactJson(value)
        expect(redactJson(once)).toEqual(once)
        if (typeof value !== "string" && typeof value !== "object") expect(once).toBe(value)
      }),
    )
  })
})

import { readFileSync } from "node:fs"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { redactText } from "../src/index.ts"
import { known, letters } from "./secrets.ts"

const password = "hunter2"

describe("a secret that says what it is", () => {
  it.each(known)("%s, wherever it stands", (kind, secret) => {
    const mark = `[redacted: ${kind}]`
    expect(redactText(secret)).toBe(mark)
    expect(redactText(`It is ${secret}, they say.`)).toBe(`It is ${mark}, they say.`)
    const told = JSON.stringify(JSON.stringify({ said: `a ${secret}\n` }))
    expect(redactText(told)).not.toContain(secret.slice(-20))
    expect(JSON.parse(JSON.parse(redactText(told)))).toEqual({ said: `a ${mark}\n` })
  })

  it.each(known)("%s, in hex, base64 and percent signs", (_kind, secret) => {
    const text = `key ${secret}`
    const hex = [...text].map((letter) => letter.charCodeAt(0).toString(16).padStart(2, "0")).join("")
    for (const coded of [
      hex,
      hex.toUpperCase(),
      btoa(text),
      hex.replaceAll(/../g, "%$&"),
      encodeURIComponent(btoa(text)),
    ])
      expect(redactText(`x ${coded} y`)).toMatch(/^x \[redacted: [a-z-]+\] y$/)
  })

  it.each(known)("%s, in base64 behind other letters of it", (_kind, secret) => {
    for (const text of [`key ${secret}`, `is it?${"?".repeat(5)} ~~~~ ${secret}`])
      for (const coded of [btoa(text), btoa(text).replaceAll("+", "-").replaceAll("/", "_")])
        for (const before of ["/", "/v1/", "/v1/sessions/", "api/", "abc/", "x-key_", "+", "one+two+", "-----"])
          for (const whole of [`${before}${coded}`, `${before}${encodeURIComponent(coded)}/messages`])
            expect.soft(redactText(whole), whole).not.toContain(coded.slice(-24, -8))
  })
})

describe("a value whose name says that it is a secret", () => {
  it.each([
    ["JSON", `{"password": "${password}", "user": "ada"}`, `{"password": "•", "user": "ada"}`],
    ["JSON in JSON", `{\\"password\\":\\"${password}\\"}`, `{\\"password\\":\\"•\\"}`],
    ["JSON that was cut", `{"clientSecret":"${password}`, `{"clientSecret":"•`],
    ["YAML", `db:\n  password: ${password}\n  user: ada\n`, `db:\n  password: •\n  user: ada\n`],
    ["YAML, a word", "db:\n  password: swordfish\n", "db:\n  password: •\n"],
    [".env", `export API_TOKEN=swordfish\nDEBUG=1\n`, `export API_TOKEN=•\nDEBUG=1\n`],
    [".env with quotes", `DB_PASSWORD_2='${password} and more'\n`, `DB_PASSWORD_2='•'\n`],
    [".npmrc", `//registry.npmjs.org/:_authToken=${letters(12)}\n`, "//registry.npmjs.org/:_authToken=•\n"],
    ["settings", `[db]\npassword = ${password}\n`, "[db]\npassword = •\n"],
    ["a query", `https://x.example/a?access_token=swordfish&b=1`, "https://x.example/a?access_token=•&b=1"],
    ["a signature", `https://x.example/a?sig=${letters(40)}&b=1`, "https://x.example/a?sig=•&b=1"],
    ["a connection string", "Server=db;User Id=sa;Password=swordfish;", "Server=db;User Id=sa;Password=•;"],
    ["an address's user", `postgres://app:${password}@db:5432/x`, "postgres://app:•@db:5432/x"],
    ["a header", `Authorization: Basic ${btoa("a:b")}\nAccept: x`, "Authorization: Basic •\nAccept: x"],
    ["a header of its own", `X-Api-Key: ${password}\n`, "X-Api-Key: •\n"],
    ["a header in a list", `["authorization", "Token ${password}"]`, `["authorization", "•"]`],
    ["a bearer", `with Bearer ${letters(16)}9, he said`, "with Bearer •, he said"],
    ["cookies", `Cookie: a=1; b=2\nHost: x`, "Cookie: •\nHost: x"],
    ["XML", `<password>swordfish</password>`, "<password>•</password>"],
    ["a flag", "deploy --token swordfish --dry-run", "deploy --token • --dry-run"],
    ["a flag with =", "deploy --api-key=swordfish --dry-run", "deploy --api-key=• --dry-run"],
    ["curl", `curl -s -u ada:${password} https://x.example`, "curl -s -u ada:• https://x.example"],
    ["mysql", `mysql -h db -p${password} shop`, "mysql -h db -p• shop"],
    ["docker", `docker login -u ada -p ${password}`, "docker login -u ada -p •"],
    ["a program", `const apiKey = "swordfish"`, `const apiKey = "•"`],
    [".netrc", `machine x.example login ada password swordfish`, "machine x.example login ada password •"],
    ["a webhook", `https://hooks.slack.com/services/T0/B0/${letters(24)}`, "https://hooks.slack.com/services/•"],
  ])("in %s", (_where, text, hidden) => {
    expect(redactText(text).replaceAll(/\[redacted: [a-z-]+\]/g, "•")).toBe(hidden)
  })
})

describe("what is none", () => {
  it.each([
    "if (token === undefined) throw new Error('no token')",
    "const token = await readToken(config)",
    "export interface Login { token: string; password?: string; cookie: Cookie }",
    "password: z.string().min(8), token: options.token,",
    "max_tokens=4096 nextToken: abc123def usage: { inputTokens: 5 }",
    "Send Authorization: Bearer with the token of `ag token`.",
    "Use --token to pass one, or --password <password>; --token $TOKEN works, too.",
    "headers: { Authorization: `Bearer ${token}` }, PASSWORD=${PASSWORD} token=$(cat file)",
    "The secret: nobody knows. Password: at least eight characters.",
    '"required": ["token", "password"], { "token": { "type": "string" } }',
    "commit 59cf5d1e0f8b7c2a3d4e5f60718293a4b5c6d7e8\nindex 3f2a1b0..4d5e6f7 100644",
    "0d9bc5a1-6f0e-4a7c-9d2e-1f3b5a7c9e0d PWD=/home/ada OLDPWD=/tmp",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "integrity: sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3n0kq1XmPz7t5x2Qv8Rr4wYh6uLc9dGbTfEoSsVaKm ada@home",
    "toolu_01A09q90qw90lq917835lq9Xy in /home/ada/Projects2024/MyApp/src/components/UserProfileCardV2.tsx",
    "createECDHKeyAgreementP256V1(getUserByIdAndNameV2FromCache, ERR_HTTP2_INVALID_SESSION)",
    "docker run -u 1000:1000 -p 8080:80 nginx; git push -u origin main",
    '"cookie": "^0.7.1", COOKIE = "aegis_session", credentials: "same-origin"',
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
    "postgres://user:password@localhost/db and https://user:${PASSWORD}@x.example",
  ])("is left: %s", (text) => {
    expect(redactText(text)).toBe(text)
  })

  it("is left: a picture, a certificate, a public key", () => {
    const picture = letters(3000)
    const block = `-----BEGIN CERTIFICATE-----\n${letters(64, 2)}\n${letters(64, 4)}\n-----END CERTIFICATE-----`
    for (const text of [picture, `"${picture}"`, block, JSON.stringify(block)]) expect(redactText(text)).toBe(text)
  })

  it("is left: this library", () => {
    for (const name of ["redact-json", "redact-pieces", "find-named", "find-random", "named-value", "secret-name"]) {
      const source = readFileSync(new URL(`../src/${name}.ts`, import.meta.url), "utf8")
      expect(redactText(source)).toBe(source)
    }
  })
})

const secrets = fc.constantFrom(...known.map(([, secret]) => secret))
const parts = fc.oneof(
  fc.constantFrom(
    "token=",
    "password: ",
    '"',
    "'",
    "\\",
    "\n",
    " ",
    "Bearer ",
    "--token ",
    "://",
    "@",
    "=",
    "%41",
    "[",
  ),
  fc.constantFrom(
    "[redacted: token]",
    "[redacted: ",
    "-----BEGIN PRIVATE KEY-----",
    "cookie: ",
    "a=",
    "authorization: ",
  ),
  fc.string({ maxLength: 12 }),
  fc.base64String({ maxLength: 60 }),
)
const joined = (part: fc.Arbitrary<string>) => fc.array(part, { maxLength: 12 }).map((some) => some.join(""))
const texts = joined(parts)

describe("any text", () => {
  it("is the same when it is redacted twice", () => {
    fc.assert(
      fc.property(joined(fc.oneof(secrets, parts)), (text) => {
        const once = redactText(text)
        expect(redactText(once)).toBe(once)
      }),
      { numRuns: 3000 },
    )
  })

  it("has none of its known secrets left, and grows by no more than its marks", () => {
    fc.assert(
      fc.property(texts, secrets, texts, (before, secret, after) => {
        const redacted = redactText(`${before} ${secret} ${after}`)
        expect(redacted).not.toContain(secret)
        expect(redacted.length).toBeLessThan(24 * (before.length + secret.length + after.length + 2))
      }),
      { numRuns: 1000 },
    )
  })
})

// A look that goes back to the beginning from each place would take hours for them.
it.each(
  [
    "a",
    "A1b/",
    "%41",
    "token=",
    "token='",
    'token=\\"',
    "cookie:",
    "authorization:",
    "<token>",
    "eyJ-",
    "-sse_",
    " ",
  ].concat(
    [
      "-----BEGIN PRIVATE KEY-----",
      "-----BEGIN X-----",
      "Bearer ",
      "mysql ",
      "curl ",
      "a://",
      "41",
      "QUJD",
      "QUI/",
      "[redacted: a]",
    ],
    ["machine a login ", "token:token", "&sig=", "\\", "'", "=", "--token ", "token: a\n", 'x-api-key","'],
  ),
)(
  "a megabyte of %j is gone through",
  (unit) => {
    for (const head of ["", 'token="', "-----BEGIN PRIVATE KEY-----"]) {
      const text = head + unit.repeat(Math.ceil(2 ** 20 / unit.length))
      expect(redactText(text).length).toBeLessThan(8 * text.length)
    }
  },
  60_000,
)

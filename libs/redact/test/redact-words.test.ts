import { expect, it } from "vitest"
import { redactWords } from "../src/index.ts"

it.each([
  [
    ["--token", "swordfish"],
    ["--token", "[redacted: token]"],
  ],
  [
    ["--api-key=swordfish", "x"],
    ["--api-key=[redacted: key]", "x"],
  ],
  [
    ["--password", "--force", "y"],
    ["--password", "--force", "y"],
  ],
  [
    ["-H", "Authorization: Bearer abcdefgh1"],
    ["-H", "Authorization: Bearer [redacted: bearer]"],
  ],
  [
    ["token", "swordfish", "--port", "80"],
    ["token", "swordfish", "--port", "80"],
  ],
])("%j is shown as %j", (words, shown) => {
  expect(redactWords(words)).toEqual(shown)
})

import { expect, it } from "vitest"
import { makeKeyText, readKeyText } from "../src/key-text.ts"

it("a key says which one it is, and its digest is that of what it was made with", () => {
  for (let round = 0; round < 200; round++) {
    const { keyId, text, digest } = makeKeyText()
    expect(text).toMatch(/^agk_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}$/)
    expect(readKeyText(text)).toEqual({ keyId, digest })
  }
})

it("no two are alike, not in their ids either", () => {
  const made = Array.from({ length: 1000 }, () => makeKeyText())
  expect(new Set(made.map(({ text }) => text)).size).toBe(1000)
  expect(new Set(made.map(({ keyId }) => keyId)).size).toBe(1000)
  // Every digit of the alphabet is used: nothing of the randomness is cut away.
  expect(new Set(made.map(({ text }) => text.slice(17, 49)).join("")).size).toBe(62)
})

it("a mistyped one is known by its checksum", () => {
  const { text } = makeKeyText()
  for (let place = 0; place < text.length; place++) {
    const other = text[place] === "a" ? "b" : "a"
    expect([place, readKeyText(`${text.slice(0, place)}${other}${text.slice(place + 1)}`)]).toEqual([place, undefined])
  }
  for (const none of ["", "agk_", text.slice(1), `${text}\n`, ` ${text}`, text.replace("agk", "ghp")])
    expect(readKeyText(none)).toBeUndefined()
})

it("another secret of a key keeps its id", () => {
  const rotated = makeKeyText({ keyId: "AAAAAAAAAAAA" })
  expect(readKeyText(rotated.text)).toEqual({ keyId: "AAAAAAAAAAAA", digest: rotated.digest })
})

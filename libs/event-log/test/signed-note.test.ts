import { describe, expect, it } from "vitest"
import { createNoteKey, readSigner, readVerifier } from "../src/merkle.ts"
import { openNote, signNote } from "../src/signed-note.ts"
import { known } from "./known-notes.ts"

const verifier = readVerifier(known.vkey)
const other = readSigner(createNoteKey("witness.example").skey)
const line = known.note.slice(known.note.indexOf("—"))

describe("a signed note", () => {
  it("is the one that others make, and read", () => {
    expect(signNote(known.text, readSigner(known.skey))).toBe(known.note)
    expect(openNote(known.note, verifier)).toBe(known.text)
  })

  it("may have empty lines, and other signatures before and after", () => {
    const signer = readSigner(known.skey)
    const text = "one\n\ntwo\n\n"
    const note = signNote(text, signer)
    const others = signNote(text, other).slice(text.length + 1)
    expect(openNote(note + others, verifier)).toBe(text)
    expect(openNote(`${text}\n${others}${note.slice(text.length + 1)}`, verifier)).toBe(text)
  })

  it.each([
    ["another text", known.note.replace("cryptography", "cryptographY")],
    ["a line more", `more\n${known.note}`],
    ["only another key's signature", signNote(known.text, other)],
    ["the key's name with another id", known.note.replace("x08go/", "x08gp/")],
    ["the key's id with another name", known.note.replace("PeterNeumann", "PetraNeumann")],
    ["a true signature and a false one", `${known.note}${line.replace("JnAM=", "JnAI=")}`],
    ["a false signature of this key that another one signed", known.note.replace("ZJkuBS", "ZJkuBT")],
  ])("with %s is not believed", (_what, note) => {
    expect(() => openNote(note, verifier)).toThrow(expect.objectContaining({ code: "note-unsigned" }))
  })

  it.each([
    ["nothing", ""],
    ["no signature", `${known.text}\n`],
    ["no empty line", known.note.replace("\n\n", "\n")],
    ["a cut end", known.note.slice(0, -1)],
    ["another dash", known.note.replace("—", "-")],
    ["two spaces", known.note.replace("— ", "—  ")],
    ["a carriage return", known.note.replaceAll("\n", "\r\n")],
    ["a tab", known.note.replace("you ", "you\t")],
    ["half a character", known.note.replace("you", "yo\ud83d")],
    ["base64 that says the same in another way", known.note.replace("JnAM=", "JnAN=")],
    ["base64 without its end", known.note.replace("JnAM=", "JnAM")],
    ["a signature without bytes", known.note.replace(/x08go.*/, "x08goA==")],
    ["too many signatures", known.note + line.repeat(100)],
  ])("with %s is none", (_what, note) => {
    expect(() => openNote(note, verifier)).toThrow(expect.objectContaining({ code: "note-invalid" }))
  })

  it("is read with as many signatures as there may be", () => {
    expect(openNote(known.note + line.repeat(99), verifier)).toBe(known.text)
  })

  it.each(["", "no end", "a\tb\n", "\ud800\n"])("is not made of %j", (text) => {
    expect(() => signNote(text, other)).toThrow(expect.objectContaining({ code: "note-invalid" }))
  })
})

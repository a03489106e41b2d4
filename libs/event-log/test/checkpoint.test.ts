import { describe, expect, it } from "vitest"
import { createNoteKey, EMPTY_ROOT, openCheckpoint, readSigner, readVerifier, signCheckpoint } from "../src/merkle.ts"
import { signNote } from "../src/signed-note.ts"
import { known } from "./known-notes.ts"

const { skey, vkey } = createNoteKey("example.org/log")
const signer = readSigner(skey)
const verifier = readVerifier(vkey)
const checkpoint = { origin: "example.org/log", size: 20_852_163, root: "0a".repeat(32) }

describe("a checkpoint", () => {
  it("has origin, size and root as its lines, and comes back as it was signed", () => {
    const note = signCheckpoint(checkpoint, signer)
    expect(note.split("\n").slice(0, 4)).toEqual([
      "example.org/log",
      "20852163",
      "CgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgo=",
      "",
    ])
    expect(openCheckpoint(note, verifier)).toEqual(checkpoint)
    const empty = { origin: "x", size: 0, root: EMPTY_ROOT }
    expect(openCheckpoint(signCheckpoint(empty, signer), verifier)).toEqual(empty)
  })

  it.each(known.sumCheckpoints)("of another log is read, at $size", ({ size, root, note }) => {
    expect(openCheckpoint(note, readVerifier(known.sumKey))).toEqual({
      origin: "go.sum database tree",
      size,
      root: Buffer.from(root, "base64").toString("hex"),
    })
  })

  it("may have lines that are the log's own", () => {
    const [body = ""] = signCheckpoint(checkpoint, signer).split("\n\n")
    expect(openCheckpoint(signNote(`${body}\nmore\n`, signer), verifier)).toEqual(checkpoint)
  })

  it("is not believed when another key signed it, and not read before that is known", () => {
    const forged = signNote("not even a checkpoint\n", readSigner(createNoteKey("example.org/log").skey))
    expect(() => openCheckpoint(forged, verifier)).toThrow(expect.objectContaining({ code: "note-unsigned" }))
  })

  it.each([
    ["no origin", "\n5\nCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgo=\n"],
    ["no size", "o\nCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgo=\n"],
    ["a size with a zero before it", "o\n05\nCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgo=\n"],
    ["a size in another script", "o\n٥\nCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgo=\n"],
    ["a size too large to count with", "o\n9007199254740992\nCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgo=\n"],
    ["a short root", "o\n5\nCgoKCg==\n"],
    ["a root in another form", "o\n5\nCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgp=\n"],
    ["an empty line after it", "o\n5\nCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgo=\n\n"],
  ])("with %s is none, though it is signed", (_what, text) => {
    expect(() => openCheckpoint(signNote(text, signer), verifier)).toThrow(
      expect.objectContaining({ code: "note-invalid" }),
    )
  })

  it.each([
    { ...checkpoint, origin: "" },
    { ...checkpoint, origin: "two\nlines" },
    { ...checkpoint, origin: "example.org/log\n7\nCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgo=" },
    { ...checkpoint, root: "0A".repeat(32) },
    { ...checkpoint, size: -1 },
    { ...checkpoint, size: 0.5 },
    { ...checkpoint, root: "0a" },
  ])("is not signed as %j", (wrong) => {
    expect(() => signCheckpoint(wrong, signer)).toThrow(expect.objectContaining({ code: "note-invalid" }))
  })
})

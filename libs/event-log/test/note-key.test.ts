import { describe, expect, it } from "vitest"
import { createNoteKey, readSigner, readVerifier } from "../src/merkle.ts"
import { known } from "./known-notes.ts"

describe("a key of signed notes", () => {
  it("is read and written as others do it", () => {
    const signer = readSigner(known.skey)
    expect([signer.name, signer.vkey]).toEqual(["PeterNeumann", known.vkey])
    expect(readVerifier(known.vkey)).toMatchObject({ name: "PeterNeumann", id: Buffer.from("c74f20a3", "hex") })
    expect(readVerifier(known.sumKey).name).toBe("sum.golang.org")
  })

  it("that was created signs what its public half verifies, and nothing else", () => {
    const { skey, vkey } = createNoteKey("example.org/log")
    const [signer, verifier] = [readSigner(skey), readVerifier(vkey)]
    expect(signer.vkey).toBe(vkey)
    const signature = signer.sign("text\n")
    expect(verifier.verify("text\n", signature)).toBe(true)
    expect(verifier.verify("texts\n", signature)).toBe(false)
    expect(readVerifier(createNoteKey("example.org/log").vkey).verify("text\n", signature)).toBe(false)
  })

  it("comes again with the same randomness", () => {
    const random = (length: number) => Buffer.alloc(length, 7)
    expect(createNoteKey("a", { random })).toEqual(createNoteKey("a", { random }))
    expect(createNoteKey("a", { random }).vkey).not.toBe(createNoteKey("b", { random }).vkey)
  })

  it.each(["", "a b", "a+b", "a\u2003b", "a\nb", "a\u0085b", "\ud800"])("cannot be named %j", (name) => {
    expect(() => createNoteKey(name)).toThrow(expect.objectContaining({ code: "note-invalid" }))
  })

  it.each([
    ["nothing", ""],
    ["a secret key", known.skey],
    ["no id", known.vkey.replace("+c74f20a3", "")],
    ["another id", known.vkey.replace("c74f20a3", "c74f20a4")],
    ["another name", known.vkey.replace("Peter", "Petra")],
    ["another letter", known.vkey.replace("ARpc", "ARpd")],
    ["another algorithm", known.vkey.replace("+ARpc", "+BRpc")],
    ["a byte less", known.vkey.slice(0, -4)],
    ["base64 with what it does not need", `${known.vkey}=`],
    ["a line after it", `${known.vkey}\n`],
  ])("is not read from %s", (_what, text) => {
    expect(() => readVerifier(text)).toThrow(expect.objectContaining({ code: "note-invalid" }))
  })

  it("that is secret is not read from what is public, and not shown when a letter of it is wrong", () => {
    expect(() => readSigner(known.vkey)).toThrow(expect.objectContaining({ code: "note-invalid" }))
    const wrong = known.skey.replace("c74f20a3", "c74f20a4")
    expect(() => readSigner(wrong)).toThrow(
      expect.objectContaining({ code: "note-invalid", message: expect.not.stringContaining("AYEKFALV") }),
    )
  })
})

import { createHash, generateKeyPairSync, sign } from "node:crypto"
import { describe, expect, it } from "vitest"
import { verifyCheckpoint } from "../src/index.ts"
import { known } from "./known-notes.ts"

const root = "CgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgo="
const log = createSigner("example.org/log")
const text = `example.org/log\n300\n${root}\n`
const note = log.sign(text)

describe("a checkpoint", () => {
  it("that the key signed gives origin, size and root", async () => {
    expect(await verifyCheckpoint(note, log.vkey)).toEqual({
      origin: "example.org/log",
      size: 300,
      root: "0a".repeat(32),
    })
  })

  it.each(known.sumCheckpoints)("of another log, at $size", async ({ size, root: base64, note: signed }) => {
    const origin = "go.sum database tree"
    expect(await verifyCheckpoint(signed, known.sumKey, { origin })).toEqual({
      origin,
      size,
      root: Buffer.from(base64, "base64").toString("hex"),
    })
    await expect(verifyCheckpoint(signed, known.sumKey)).rejects.toMatchObject({ code: "checkpoint-untrusted" })
  })

  it("may carry other keys' signatures and lines of the log's own", async () => {
    const witness = createSigner("witness.example")
      .sign(text)
      .slice(text.length + 1)
    expect((await verifyCheckpoint(note + witness, log.vkey)).size).toBe(300)
    expect((await verifyCheckpoint(log.sign(`${text}more\n`), log.vkey)).size).toBe(300)
  })

  it.each([
    ["another size", note.replace("300", "301")],
    ["another root", note.replace("CgoK", "CgoL")],
    ["another key of the same name", createSigner("example.org/log").sign(text)],
    ["another name", note.replace("— example.org/log", "— example.org/lof")],
    ["one true and one false signature", note + note.slice(text.length + 1).replace(/.{6}=\n$/, "AAAAAA=\n")],
    ["another log's origin, signed", log.sign(text.replace("example.org/log", "example.org/other"))],
  ])("with %s is not trusted", async (_what, wrong) => {
    await expect(verifyCheckpoint(wrong, log.vkey)).rejects.toMatchObject({ code: "checkpoint-untrusted" })
  })

  it.each([
    ["nothing", ""],
    ["no signature", `${text}\n`],
    ["no empty line", note.replace("\n\n", "\n")],
    ["a cut end", note.slice(0, -1)],
    ["carriage returns", note.replaceAll("\n", "\r\n")],
    ["half a character", `\ud800${note}`],
    ["a signature without bytes", note.replace(/(— \S+ ).*/, "$1AAAAAA==")],
    ["a signature in another form", note.replace(/=\n$/, "\n")],
    ["101 signatures", note + note.slice(text.length + 1).repeat(100)],
    ["no origin", log.sign(`\n300\n${root}\n`)],
    ["a size with a zero before it", log.sign(text.replace("300", "0300"))],
    ["a size that cannot be counted with", log.sign(text.replace("300", "9007199254740993"))],
    ["a negative size", log.sign(text.replace("300", "-3"))],
    ["a short root", log.sign("example.org/log\n300\nCgoK\n")],
    ["a root in another form", log.sign(text.replace(/o=\n/, "p=\n"))],
    ["two lines", log.sign("example.org/log\n300\n")],
    ["an empty line after the root", log.sign(`${text}\n`)],
  ])("with %s is none", async (_what, wrong) => {
    await expect(verifyCheckpoint(wrong, log.vkey)).rejects.toMatchObject({ code: "checkpoint-broken" })
  })

  it("has one text: every bit of it that is another makes it another one", async () => {
    const bytes = Buffer.from(note)
    let missed = 0
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      await verifyCheckpoint(flipped.toString(), log.vkey).then(
        () => {
          missed += 1
        },
        () => {},
      )
    }
    expect(missed).toBe(0)
  })
})

describe("a key", () => {
  it.each([
    ["nothing", ""],
    ["no id", known.vkey.replace("+c74f20a3", "")],
    ["another id", known.vkey.replace("c74f20a3", "c74f20a4")],
    ["another name", known.vkey.replace("Peter", "Petra")],
    ["another letter", known.vkey.replace("ARpc", "ARpd")],
    ["another algorithm", known.vkey.replace("+ARpc", "+BRpc")],
    ["less bytes", known.vkey.slice(0, -4)],
    ["a secret", known.skey],
  ])("with %s is none", async (_what, key) => {
    await expect(verifyCheckpoint(note, key)).rejects.toMatchObject({ code: "key-broken" })
  })

  it("of others is read: their note is signed, and no checkpoint", async () => {
    await expect(verifyCheckpoint(known.note, known.vkey)).rejects.toMatchObject({ code: "checkpoint-broken" })
    const wrong = known.note.replace("cryptography", "cryptographY")
    await expect(verifyCheckpoint(wrong, known.vkey)).rejects.toMatchObject({ code: "checkpoint-untrusted" })
  })
})

/** A log's key, by the letter of C2SP signed-note. */
function createSigner(name: string) {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519")
  const key = Buffer.concat([Buffer.of(1), publicKey.export({ format: "der", type: "spki" }).subarray(-32)])
  const id = createHash("sha256").update(`${name}\n`).update(key).digest().subarray(0, 4)
  return {
    vkey: `${name}+${id.toString("hex")}+${key.toString("base64")}`,
    sign(signed: string) {
      const signature = Buffer.concat([id, sign(null, Buffer.from(signed), privateKey)])
      return `${signed}\n— ${name} ${signature.toString("base64")}\n`
    },
  }
}

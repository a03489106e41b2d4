import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { EMPTY_HASH, type LogEvent, nextHash, openMemoryLog, splitEnvelope } from "../src/index.ts"

interface Vector {
  readonly salt: string
  readonly events: readonly LogEvent[]
  readonly envelopes: readonly string[]
  readonly head: string
}

const vector = JSON.parse(readFileSync(new URL("fixtures/rolling-hash-vector.json", import.meta.url), "utf8")) as Vector

describe("rolling hash", () => {
  it("gives the published vector's hashes to the published texts", () => {
    let hash = EMPTY_HASH
    for (const text of vector.envelopes) {
      const envelope = splitEnvelope(text)
      hash = nextHash(hash, envelope, vector.salt)
      expect(envelope.hash).toBe(hash)
    }
    expect(hash).toBe(vector.head)
  })

  it("is what a log gives to the vector's events", async () => {
    const log = openMemoryLog()
    await log.append({
      events: vector.events.map((event) => ({ stream: "s", event })),
      streams: [{ stream: "s", salt: vector.salt }],
    })
    expect((await log.read()).map(({ json }) => json)).toEqual(vector.envelopes)
  })

  it("changes with every part of an event: number, member, content, salt, order", () => {
    const [first, second] = vector.envelopes.map(splitEnvelope)
    if (!first || !second) throw new Error("The vector has too few events.")
    const hashes = [
      nextHash(EMPTY_HASH, first, vector.salt),
      nextHash(EMPTY_HASH, { ...first, seq: first.seq + 1 }, vector.salt),
      nextHash(EMPTY_HASH, { ...first, head: first.head.replace("user", "admin") }, vector.salt),
      nextHash(EMPTY_HASH, { ...first, data: `${first.data} ` }, vector.salt),
      nextHash(EMPTY_HASH, first, "0".repeat(32)),
      nextHash(EMPTY_HASH, second, vector.salt),
      nextHash(vector.head, first, vector.salt),
    ]
    expect(new Set(hashes).size).toBe(hashes.length)
  })

  it.each(["", "{}", '{"seq":1,"data":{}}', '{"seq":x,"data":1,"hash":"00"}'])("refuses %j as an envelope", (text) => {
    expect(() => splitEnvelope(text)).toThrow(/not an event/)
  })
})

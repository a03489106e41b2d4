import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { verifyExport } from "../src/index.ts"
import { known } from "./known-notes.ts"

const lines = readFileSync(new URL("fixtures/export.ndjson", import.meta.url), "utf8")
  .split("\n")
  .slice(0, -1)
const { key } = JSON.parse(lines[0] ?? "") as { readonly key: string }

const verdict = (changed: readonly string[]) =>
  verifyExport(changed, { key }).then(
    () => "believed",
    ({ code, message }: { readonly code: string; readonly message: string }) => `${code}: ${message}`,
  )

describe("an export of the audit trail", () => {
  it("is believed as it was made, from any source of lines", async () => {
    const found = { origin: "aegis.local/fixture", key, size: 5, entries: 4, redacted: 2, filter: {} }
    expect(await verifyExport(lines, { key })).toMatchObject(found)
    expect(await verifyExport(lines)).toMatchObject(found)
    const later = (async function* () {
      yield* lines
    })()
    expect(await verifyExport(later, { key })).toMatchObject(found)
  })

  it("is not believed with any bit of it changed, and the entry is named", async () => {
    const seqs = [1, 2, 4, 5]
    for (const [place, line] of lines.entries()) {
      const bytes = Buffer.from(line)
      // Every bit of an entry, in strides that are not a byte's.
      for (let bit = place; bit < bytes.length * 8; bit += 13) {
        const changed = Buffer.from(bytes)
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const said = await verdict(lines.with(place, changed.toString()))
        expect([place, bit, said]).not.toEqual([place, bit, "believed"])
        const seq = seqs[place - 1]
        // The rolling hash at an event's end is not in its leaf, nor what is shown of hidden data: the signature over all
        // lines has them.
        const hidden = line.startsWith('{"dataHash"') ? Buffer.byteLength(line.split(',"data":')[1] ?? "") : 75
        if (seq === undefined || bit >> 3 >= bytes.length - hidden) continue
        expect([place, bit, said]).toEqual([
          place,
          bit,
          expect.stringMatching(/^export-broken: .*([Ee]ntry \d|Line \d)/),
        ])
      }
    }
  })

  it("is not believed with lines that are missing, twice, in another order, or too much", async () => {
    const [header = "", one = "", two = "", three = "", four = "", end = ""] = lines
    expect(await verdict([header, one, three, four, end])).toMatch(/left out/)
    expect(await verdict([header, one, two, three, end])).toMatch(/left out/)
    expect(await verdict([header, end])).toMatch(/left out/)
    expect(await verdict([header, one, one, two, three, four, end])).toMatch(/entry 1: entries were put in/)
    expect(await verdict([header, two, one, three, four, end])).toMatch(/changed their places/)
    expect(await verdict([header, one, two, three, four])).toMatch(/ends after 4 entries/)
    expect(await verdict([header, one, two, three, four, end, end])).toMatch(/behind the end/)
    expect(await verdict([one, two, three, four, end])).toMatch(/another's/)
    expect(await verdict(["[]"])).toMatch(/another's/)
    expect(await verdict(["nonsense"])).toMatch(/no JSON/)
    expect(await verdict([])).toMatch(/empty/)
  })

  it("of another log is not believed: neither all of it, nor its end under this one's lines", async () => {
    await expect(verifyExport(lines, { key: known.vkey })).rejects.toMatchObject({ code: "checkpoint-untrusted" })
    expect(await verdict(lines.with(-1, '{"signature":"none"}'))).toMatch(/not one of aegis\.local\/fixture/)
  })
})

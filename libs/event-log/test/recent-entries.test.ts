import { expect, it } from "vitest"
import { toEntry } from "../src/encode-event.ts"
import { RecentEntries } from "../src/recent-entries.ts"

const entry = (seq: number) =>
  toEntry({ seq, stream: seq % 2 ? "odd" : "even", type: "x", head: `{"seq":${seq},"data":`, data: "1", hash: "" })

it("recent entries are exactly what follows a cursor, or said not to be there", () => {
  const recent = new RecentEntries({ maxEntries: 8 })
  for (let head = 1; head <= 40; head++) {
    recent.push([entry(head)])
    for (let cursor = 0; cursor <= head; cursor++) {
      const found = recent.after(cursor, { stream: undefined, limit: 5 })?.map(({ seq }) => seq)
      const expected = Array.from({ length: Math.min(5, head - cursor) }, (_, index) => cursor + index + 1)
      if (found !== undefined || cursor >= head - 8) expect(found).toEqual(expected)
      const odd = recent.after(cursor, { stream: "odd", limit: 100 })?.map(({ seq }) => seq)
      if (odd !== undefined)
        expect(odd).toEqual(
          Array.from({ length: head - cursor }, (_, index) => cursor + index + 1).filter((seq) => seq % 2),
        )
    }
  }
})

it("recent entries are bounded in characters too", () => {
  const recent = new RecentEntries({ maxCharacters: 100 })
  for (let seq = 1; seq <= 100; seq++) recent.push([entry(seq)])
  expect(recent.after(50, { stream: undefined, limit: 1 })).toBeUndefined()
  expect(recent.after(99, { stream: undefined, limit: 1 })?.[0]?.seq).toBe(100)
})

import { expect, it } from "vitest"
import { boundedPage } from "../src/bounded-page.ts"

const page = (lengths: readonly number[], limit: number) =>
  boundedPage({
    limit,
    read: async (last: number | undefined, most) => {
      const from = last === undefined ? 0 : last + 1
      return [...lengths.keys()].slice(from, from + most)
    },
    // One in three is passed over.
    toItem: (index) => (index % 3 === 2 ? undefined : { index, length: lengths[index] ?? 0 }),
    lengthOf: ({ length }) => length,
  })

it.each<[string, number[], number, number[], boolean]>([
  ["all that there is", [1, 1, 1, 1], 10, [0, 1, 3], false],
  ["no more than asked for", [1, 1, 1, 1], 2, [0, 1], true],
  ["exactly what is asked for, and nothing follows", [1, 1], 2, [0, 1], false],
  ["no more than a million characters", [600_000, 400_000, 1, 600_000], 10, [0, 1], true],
  ["one that is longer than a page, alone", [2_000_000, 1], 10, [0], true],
  [
    "what fits over many reads",
    Array.from({ length: 25 }, () => 1),
    200,
    [0, 1, 3, 4, 6, 7, 9, 10, 12, 13, 15, 16, 18, 19, 21, 22, 24],
    false,
  ],
  ["nothing of nothing", [], 10, [], false],
])("a page has %s", async (_name, lengths, limit, found, hasMore) => {
  const { items, ...rest } = await page(lengths, limit)
  expect([items.map(({ index }) => index), rest]).toEqual([found, { hasMore }])
})

/** So many rows are read at a time, and a page ends at so many characters: each row may be long. */
const ROWS = 10
const MOST_CHARACTERS = 1024 * 1024

export interface BoundedPageOptions<Row, Item> {
  readonly limit: number
  /** At most `limit` rows behind the last one, or from the beginning. */
  readonly read: (last: Row | undefined, limit: number) => Promise<readonly Row[]>
  /** Undefined: it is passed over. */
  readonly toItem: (row: Row) => Item | undefined
  /** In characters. */
  readonly lengthOf: (item: Item) => number
}

/** As many items as fit a page, and at least one; `hasMore`: others follow. */
export async function boundedPage<Row, Item>({ limit, read, toItem, lengthOf }: BoundedPageOptions<Row, Item>) {
  const items: Item[] = []
  let characters = 0
  let last: Row | undefined
  for (;;) {
    const rows = await read(last, ROWS)
    for (const row of rows) {
      const item = toItem(row)
      if (item === undefined) continue
      characters += lengthOf(item)
      if (items.length === limit || (items.length > 0 && characters > MOST_CHARACTERS)) return { items, hasMore: true }
      items.push(item)
    }
    if (rows.length < ROWS) return { items, hasMore: false }
    last = rows.at(-1)
  }
}

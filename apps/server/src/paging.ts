/** Where a page begins, as the log counts: behind the `nextCursor` of the one before. */
export function placeOf(cursor: string | undefined) {
  return cursor === undefined ? undefined : Number(cursor)
}

/** Where the next page begins, if there is more. */
export function cursorOf(next: number | undefined) {
  return next === undefined ? {} : { nextCursor: String(next) }
}

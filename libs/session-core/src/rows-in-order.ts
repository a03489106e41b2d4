import type { EventLog, Row, RowQuery, Table } from "@aegis/event-log"
import type { AegisEvent } from "./events.ts"
import { type OwnerQuery, ownedBy } from "./owner-query.ts"
import { sessionsTable } from "./session-models.ts"

/** A table whose rows are each of an event of a session. */
export type EventTable = Table<{ readonly seq: "integer"; readonly sessionId: "text" } & Table["columns"]>
type Where<T extends Table> = NonNullable<RowQuery<T>["where"]>
type Log = Pick<EventLog<AegisEvent>, "rows">

/** A session as lists have it. */
export type Place = Row<typeof sessionsTable>

const PAGE = 1000

/** All of them in the order of the log, read in pages. */
export async function* rowsInOrder<T extends EventTable>(log: Log, table: T, where: Where<T>) {
  for await (const page of pagesInOrder(log, table, where)) yield* page
}

/** The same at once, for what is small. */
export async function allInOrder<T extends EventTable>(log: Log, table: T, where: Where<T>) {
  const rows: Row<T>[] = []
  for await (const page of pagesInOrder(log, table, where)) rows.push(...page)
  return rows
}

/** Those of somebody's sessions, each with its session. */
export async function* placedRows<T extends EventTable>(
  log: Log,
  query: OwnerQuery,
  { table, where }: { readonly table: T; readonly where: Where<T> },
) {
  const owner = ownedBy(query)
  const places = new Map<string, Place | undefined>()
  for await (const page of pagesInOrder(log, table, where)) {
    const unknown = [...new Set(page.map(({ sessionId }) => sessionId))].filter((id) => !places.has(id))
    for (const id of unknown) places.set(id, undefined)
    const found =
      unknown.length === 0 ? [] : await log.rows(sessionsTable, { where: { ...owner, sessionId: { in: unknown } } })
    for (const place of found) places.set(place.sessionId, place)
    for (const row of page) {
      const place = places.get(row.sessionId)
      if (place) yield { row, place }
    }
  }
}

async function* pagesInOrder<T extends EventTable>(log: Log, table: T, where: Where<T>) {
  for (let after = 0; ; ) {
    const query = { where: { ...where, seq: { gt: after } }, order: [["seq", "asc"]] as const, limit: PAGE }
    // The compiler does not see that a table of these columns takes a query by them.
    const page = (await log.rows(table, query)) as readonly (Row<T> & Row<EventTable>)[]
    if (page.length > 0) yield page
    if (page.length < PAGE) return
    after = page.at(-1)?.seq ?? after
  }
}

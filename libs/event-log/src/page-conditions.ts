import type { Dialect } from "./dialect.ts"
import type { Statement } from "./statement.ts"
import type { PageOptions } from "./storage.ts"

/** Which events, of `log_events e`, a page is made of: the text behind WHERE, or nothing. */
export function pageConditions(
  dialect: Dialect,
  { stream, types, after, before }: Pick<PageOptions, "stream" | "types" | "after" | "before">,
): Statement {
  const conditions: Statement[] = [
    ...(stream === undefined
      ? []
      : [{ sql: "e.stream = (SELECT id FROM log_streams WHERE name = ?)", parameters: [stream] }]),
    ...(after === undefined ? [] : [{ sql: "e.seq > ?", parameters: [after] }]),
    ...(before === undefined ? [] : [{ sql: "e.seq < ?", parameters: [before] }]),
    ...(types === undefined ? [] : [dialect.isOneOf("e.type", types)]),
  ]
  return {
    sql: conditions.length > 0 ? `WHERE ${conditions.map(({ sql }) => sql).join(" AND ")}` : "",
    parameters: conditions.flatMap(({ parameters }) => parameters),
  }
}

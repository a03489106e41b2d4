import { postgresDialect } from "./dialect.ts"
import { pageConditions } from "./page-conditions.ts"
import type { Statement } from "./statement.ts"
import type { PageOptions } from "./storage.ts"

/** The most bytes that UTF-8 needs for one of JavaScript's characters. */
const BYTES_PER_CHARACTER = 3

/** A page of events, or a little more of them than `maxCharacters` allows: the server counts in bytes. */
export function pageStatement({ direction, limit, maxCharacters, ...which }: PageOptions): Statement {
  const { sql: where, parameters } = pageConditions(postgresDialect, which)
  const order = `ORDER BY e.seq ${direction === "forward" ? "ASC" : "DESC"}`
  // The length of a long text is known without reading it, and one that is not wanted is not sent.
  const page =
    maxCharacters === undefined
      ? `SELECT * FROM log_events e ${where} ${order} LIMIT ?`
      : `SELECT *, SUM(octet_length(data)) OVER (${order}) - octet_length(data) AS before FROM log_events e ${where} ${order} LIMIT ?`
  return {
    sql: `SELECT e.seq, s.name AS stream, e.type, e.head, e.data, encode(e.hash, 'hex') AS hash
      FROM (${page}) e JOIN log_streams s ON s.id = e.stream
      ${maxCharacters === undefined ? "" : "WHERE e.before < ?"} ${order}`,
    parameters: [...parameters, limit, ...(maxCharacters === undefined ? [] : [maxCharacters * BYTES_PER_CHARACTER])],
  }
}

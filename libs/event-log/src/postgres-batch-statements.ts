import { postgresDialect } from "./dialect.ts"
import type { StoredEvent } from "./encode-event.ts"
import type { Offset, StreamHead } from "./event-log.ts"
import { foldStatement } from "./fold-statement.ts"
import { operationStatement } from "./row-statements.ts"
import type { Statement } from "./statement.ts"
import type { KeyWrite, SealedBatch } from "./storage.ts"

/** What a statement carries at most, but for the one event that is larger. */
const MAX_CHARACTERS = 4 * 1024 * 1024

/** A sealed batch as statements: many rows in one, wherever they are alike. */
export function batchStatements({ events, streams, folds, operations, offsets, keys }: SealedBatch): Statement[] {
  return [
    ...(streams.size > 0 ? [streamsStatement([...streams])] : []),
    ...inPortions(events).map(eventsStatement),
    ...folds.map(foldStatement),
    ...operations.map((operation) => operationStatement(postgresDialect, operation)),
    ...(offsets.length > 0 ? [offsetsStatement(offsets)] : []),
    ...(keys.length > 0 ? keysStatements(keys) : []),
  ]
}

function streamsStatement(streams: readonly (readonly [name: string, head: StreamHead])[]): Statement {
  return {
    sql: `INSERT INTO log_streams (name, seq, hash, salt)
      SELECT name, seq, decode(hash, 'hex'), decode(salt, 'hex')
      FROM unnest(?::text[], ?::bigint[], ?::text[], ?::text[]) AS written (name, seq, hash, salt)
      ON CONFLICT (name) DO UPDATE SET seq = excluded.seq, hash = excluded.hash`,
    parameters: [
      streams.map(([name]) => name),
      streams.map(([, { seq }]) => seq),
      streams.map(([, { hash }]) => hash),
      streams.map(([, { salt }]) => salt),
    ],
  }
}

function eventsStatement(events: readonly StoredEvent[]): Statement {
  return {
    sql: `INSERT INTO log_events (seq, stream, type, head, data, hash)
      SELECT written.seq, log_streams.id, type, head, data, decode(written.hash, 'hex')
      FROM unnest(?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[])
        AS written (seq, stream, type, head, data, hash)
      JOIN log_streams ON log_streams.name = written.stream`,
    parameters: (["seq", "stream", "type", "head", "data", "hash"] as const).map((member) =>
      events.map((event) => event[member]),
    ),
  }
}

function offsetsStatement(offsets: readonly Offset[]): Statement {
  return {
    sql: `INSERT INTO log_offsets (name, position) SELECT * FROM unnest(?::text[], ?::bigint[])
      ON CONFLICT (name) DO UPDATE SET position = excluded.position`,
    parameters: [offsets.map(({ name }) => name), offsets.map(({ position }) => position)],
  }
}

function keysStatements(keys: readonly KeyWrite[]): Statement[] {
  const members = ["name", "fingerprint", "seq", "count", "expiresAt"] as const
  return [
    { sql: "DELETE FROM log_keys WHERE expires_at <= ?", parameters: [Math.max(...keys.map(({ at }) => at))] },
    {
      sql: `INSERT INTO log_keys (name, fingerprint, seq, count, expires_at)
        SELECT * FROM unnest(?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::bigint[])`,
      parameters: members.map((member) => keys.map((key) => key[member])),
    },
  ]
}

function inPortions(events: readonly StoredEvent[]) {
  const portions: StoredEvent[][] = []
  let characters = Number.POSITIVE_INFINITY
  for (const event of events) {
    characters += event.data.length
    if (characters > MAX_CHARACTERS) {
      portions.push([])
      characters = event.data.length
    }
    portions.at(-1)?.push(event)
  }
  return portions
}

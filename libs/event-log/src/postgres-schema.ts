import { EventLogError } from "./event-log-error.ts"
import { LOG_FORMAT, whyForeign } from "./log-format.ts"
import type { PostgresConnection } from "./postgres-connection.ts"

/** Makes the log's tables where they are not yet. Called under the log's lock: of several who open it one makes them. */
export async function makeTables(connection: PostgresConnection) {
  const [found] = await connection.script<{ readonly exists: boolean }>([
    "SELECT to_regclass(format('%I.log_meta', current_schema())) IS NOT NULL AS exists",
  ])
  if (!found?.exists) await connection.script(schema)
  const [meta] = await connection.script<{ readonly version: number }>(["SELECT version FROM log_meta"])
  const foreign = whyForeign(meta?.version ?? 0)
  if (foreign) throw new EventLogError("storage-unsuitable", `The database ${foreign}`)
}

const schema = [
  // One row. `models` counts how often the read models were made anew.
  "CREATE TABLE log_meta (version INTEGER NOT NULL, models INTEGER NOT NULL)",
  `INSERT INTO log_meta VALUES (${LOG_FORMAT}, 0)`,
  `CREATE TABLE log_streams (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL UNIQUE,
    seq BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    salt BYTEA NOT NULL
  )`,
  `CREATE TABLE log_events (
    seq BIGINT PRIMARY KEY,
    stream BIGINT NOT NULL REFERENCES log_streams (id),
    type TEXT COLLATE "C" NOT NULL,
    head TEXT NOT NULL,
    data TEXT NOT NULL,
    hash BYTEA NOT NULL
  )`,
  "CREATE UNIQUE INDEX log_events_by_stream ON log_events (stream, seq)",
  'CREATE TABLE log_offsets (name TEXT COLLATE "C" PRIMARY KEY, position BIGINT NOT NULL)',
  `CREATE TABLE log_models (
    name TEXT COLLATE "C" PRIMARY KEY,
    declaration TEXT NOT NULL,
    tables TEXT NOT NULL,
    complete INTEGER NOT NULL
  )`,
  `CREATE TABLE log_folds (
    stream TEXT COLLATE "C" NOT NULL,
    fold TEXT COLLATE "C" NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (stream, fold)
  )`,
  `CREATE TABLE log_keys (
    name TEXT COLLATE "C" PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    seq BIGINT NOT NULL,
    count BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
  )`,
  "CREATE INDEX log_keys_by_expiry ON log_keys (expires_at)",
]

import { LOG_FORMAT } from "./log-format.ts"

/** The first SQLite whose write-ahead log is known to survive a checkpoint that races a commit. */
export const OLDEST_SQLITE = [3, 51, 3] as const

export const schema = `
  CREATE TABLE log_streams (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    salt BLOB NOT NULL
  ) STRICT;
  CREATE TABLE log_events (
    seq INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL REFERENCES log_streams (id),
    type TEXT NOT NULL,
    head TEXT NOT NULL,
    data TEXT NOT NULL,
    hash BLOB NOT NULL
  ) STRICT;
  CREATE INDEX log_events_by_stream ON log_events (stream, seq);
  CREATE TABLE log_offsets (name TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE log_models (
    name TEXT PRIMARY KEY,
    declaration TEXT NOT NULL,
    tables TEXT NOT NULL,
    complete INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE log_folds (
    fold TEXT NOT NULL,
    stream TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (fold, stream)
  ) STRICT;
  CREATE TABLE log_keys (
    name TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    seq INTEGER NOT NULL,
    count INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX log_keys_by_expiry ON log_keys (expires_at);
  PRAGMA user_version = ${LOG_FORMAT};
`

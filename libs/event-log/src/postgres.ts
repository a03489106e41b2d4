import { randomBytes } from "node:crypto"
import type { EventLog, OpenLogOptions } from "./event-log.ts"
import type { EventLogError } from "./event-log-error.ts"
import { LogEngine } from "./log-engine.ts"
import type { LogEvent } from "./log-event.ts"
import { openDatabase } from "./postgres-database.ts"
import { PostgresReader } from "./postgres-reader.ts"
import { PostgresStorage } from "./postgres-storage.ts"
import { PostgresWriter } from "./postgres-writer.ts"
import { checkModels } from "./read-model.ts"

export interface OpenPostgresLogOptions<E extends LogEvent> extends OpenLogOptions<E> {
  /**
   * `postgres://user:password@host:port/database`, of the server itself: a pooler that shares sessions will not do. The
   * log's tables are in the first schema of the search path, which `?options=-c search_path=NAME` sets.
   */
  readonly url: string
  /** Connections for reading, made as needed; one for writing and one for listening come to them. 4 when absent. */
  readonly connections?: number
  /**
   * How long an append waits to learn what became of its commit when the server went away in the middle, in milliseconds;
   * then it is refused with `outcome-unknown`. 30 000 when absent.
   */
  readonly outcomeWithin?: number
  /** Told once, when this process can write no more: another one has made the read models anew, from other declarations. */
  readonly onFailed?: (error: EventLogError) => void
}

/**
 * A log in PostgreSQL, for several processes at once, all with the same read models. Fails with `storage-unsuitable` when
 * the server could not keep its promise: `fsync` or `synchronous_commit` off, older than 13, a database not in UTF-8.
 * A server that goes away and comes back needs no attention: appends are refused meanwhile, readers wait.
 */
export async function openPostgresLog<E extends LogEvent>({
  url,
  models = [],
  random = randomBytes,
  connections = 4,
  outcomeWithin = 30_000,
  onFailed,
}: OpenPostgresLogOptions<E>): Promise<EventLog<E>> {
  checkModels(models)
  const opened = await openDatabase({ url, models })
  const writer = new PostgresWriter(opened.connection, { url, outcomeWithin })
  const reader = new PostgresReader({ url, connections })
  return new LogEngine<E>(new PostgresStorage({ url, writer, reader, opened, onFailed }), { models, random })
}

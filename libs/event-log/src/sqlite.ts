import { randomBytes } from "node:crypto"
import { closeSync, mkdirSync, openSync } from "node:fs"
import { dirname } from "node:path"
import Database from "better-sqlite3"
import { sqliteDialect } from "./dialect.ts"
import type { EventLog, OpenLogOptions } from "./event-log.ts"
import { EventLogError } from "./event-log-error.ts"
import { LogEngine } from "./log-engine.ts"
import type { LogEvent } from "./log-event.ts"
import { checkModels } from "./read-model.ts"
import { prepareModels, type StoredModel } from "./rebuild-models.ts"
import { SqliteStorage } from "./sqlite-storage.ts"
import { startWriterThread } from "./sqlite-writer-thread.ts"

export { inspectSqliteLog, type SqliteLogInspection } from "./inspect-sqlite-log.ts"
export { type Lock, takeLock } from "./take-lock.ts"

export interface OpenSqliteLogOptions<E extends LogEvent> extends OpenLogOptions<E> {
  /** The database file; its folder is made (0700), the file too (0600). */
  readonly path: string
  /** Told once, when the disk has failed: from then on the log is read-only, and has to be closed and opened anew. */
  readonly onFailed?: (error: EventLogError) => void
}

/**
 * A log in one SQLite file: WAL, `synchronous=FULL`, one writer in a thread of its own. Fails with `log-locked` when the
 * file is open elsewhere, and with `storage-unsuitable` when it could not keep its promise.
 */
export async function openSqliteLog<E extends LogEvent>({
  path,
  models = [],
  random = randomBytes,
  onFailed,
}: OpenSqliteLogOptions<E>): Promise<EventLog<E>> {
  checkModels(models)
  makePrivateFile(path)
  const writer = await startWriterThread(path, { onFailed })
  try {
    const storage = new SqliteStorage(path, writer)
    await prepareModels(models, {
      dialect: sqliteDialect,
      stored: storedModels(path),
      read: (options) => storage.read(options),
      apply: (statements) => writer.transaction(statements),
    })
    return new LogEngine<E>(storage, { models, random })
  } catch (error) {
    await writer.close()
    throw EventLogError.from(error)
  }
}

function makePrivateFile(path: string) {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    closeSync(openSync(path, "a", 0o600))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new EventLogError(
      code === "ENOSPC" ? "storage-full" : "storage-unsuitable",
      `The log ${path} cannot be made: ${message}`,
      { cause: error },
    )
  }
}

function storedModels(path: string): StoredModel[] {
  const database = new Database(path, { readonly: true })
  try {
    const rows = database.prepare("SELECT name, declaration, tables, complete FROM log_models").all() as Record<
      string,
      string | number
    >[]
    return rows.map(({ name, declaration, tables, complete }) => ({
      name: String(name),
      declaration: String(declaration),
      tables: JSON.parse(String(tables)) as string[],
      complete: complete === 1,
    }))
  } finally {
    database.close()
  }
}

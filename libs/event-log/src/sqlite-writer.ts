import { parentPort, workerData } from "node:worker_threads"
import Database from "better-sqlite3"
import { migrations, OLDEST_SQLITE, SCHEMA_VERSION, schema } from "./sqlite-schema.ts"

// The one writing connection, in a thread of its own: an fsync never stalls the event loop (design.md, Storage).

/** To the writer: statements that are one transaction, or the wish to end. */
export type WriterRequest =
  | { readonly type: "transaction"; readonly id: number; readonly groups: readonly StatementGroup[] }
  | { readonly type: "close" }

/** One SQL text, run once for each list of parameters. */
export interface StatementGroup {
  readonly sql: string
  readonly runs: readonly (readonly unknown[])[]
}

export type WriterReply =
  | { readonly type: "ready"; readonly version: string; readonly journalMode: string; readonly synchronous: number }
  | {
      readonly type: "refused"
      readonly code: "log-locked" | "storage-unsuitable" | "storage-failed" | "storage-full"
      readonly message: string
    }
  | { readonly type: "committed"; readonly id: number }
  | {
      readonly type: "failed"
      readonly id: number
      readonly code: "storage-full" | "storage-failed"
      readonly message: string
    }

const port = parentPort
if (port) serve((workerData as { path: string }).path, (reply: WriterReply) => port.postMessage(reply))

function serve(path: string, reply: (reply: WriterReply) => void) {
  const opened = open(path)
  if (opened.code !== undefined) {
    reply({ type: "refused", ...opened })
    return
  }
  const { database, lock } = opened
  const run = runner(database)
  port?.on("message", (request: WriterRequest) => {
    if (request.type === "close") {
      database.close()
      lock.close()
      port.close()
    } else reply(run(request))
  })
  reply({ type: "ready", ...settingsOf(database) })
}

function open(path: string) {
  const lock = takeLock(path)
  if (lock === undefined)
    return { code: "log-locked", message: `${path} is open in another process or another log.` } as const
  try {
    const database = new Database(path)
    configure(database)
    const reason = unsuitable(database, path)
    if (reason !== undefined) return { code: "storage-unsuitable", message: reason } as const
    database.transaction(() => bringUpToDate(database)).immediate()
    return { code: undefined, database, lock }
  } catch (error) {
    return { code: codeOf(error), message: `${path} cannot be opened: ${messageOf(error)}` } as const
  }
}

function bringUpToDate(database: Database.Database) {
  const stored = () => database.pragma("user_version", { simple: true }) as number
  if (stored() === 0) database.exec(schema)
  for (let step = migrations[stored()]; step !== undefined; step = migrations[stored()]) database.exec(step)
}

// An operating-system lock on a file of its own: it ends with the process, however that ends, and no pid is trusted.
function takeLock(path: string) {
  const lock = new Database(`${path}-lock`, { timeout: 0 })
  try {
    lock.pragma("journal_mode = MEMORY")
    lock.pragma("locking_mode = EXCLUSIVE")
    lock.exec("BEGIN EXCLUSIVE")
    return lock
  } catch {
    // Busy is the answer that was asked for.
    lock.close()
    return undefined
  }
}

function configure(database: Database.Database) {
  database.pragma("journal_mode = WAL")
  database.pragma("synchronous = FULL")
  database.pragma("trusted_schema = OFF")
  database.pragma("mmap_size = 0")
  database.pragma("busy_timeout = 5000")
}

function unsuitable(database: Database.Database, path: string) {
  const { version, journalMode, synchronous } = settingsOf(database)
  const stored = database.pragma("user_version", { simple: true }) as number
  if (isOlder(version)) return `SQLite ${version} is too old; ${OLDEST_SQLITE.join(".")} is needed.`
  if (journalMode !== "wal" || synchronous !== 2)
    return `${path} took journal_mode=${journalMode}, synchronous=${synchronous} instead of wal and 2 (FULL).`
  if (stored > SCHEMA_VERSION)
    return `${path} was written by a newer version (schema ${stored}, known here: ${SCHEMA_VERSION}). Upgrade, or restore a backup.`
  return undefined
}

function settingsOf(database: Database.Database) {
  return {
    version: database.prepare("SELECT sqlite_version()").pluck().get() as string,
    journalMode: database.pragma("journal_mode", { simple: true }) as string,
    synchronous: database.pragma("synchronous", { simple: true }) as number,
  }
}

function isOlder(version: string) {
  const parts = version.split(".").map(Number)
  const differing = OLDEST_SQLITE.findIndex((part, index) => part !== parts[index])
  return differing >= 0 && (parts[differing] ?? 0) < (OLDEST_SQLITE[differing] ?? 0)
}

function runner(database: Database.Database) {
  const prepared = new Map<string, Database.Statement>()
  const statementOf = (sql: string) => {
    const statement = prepared.get(sql) ?? database.prepare(sql)
    prepared.set(sql, statement)
    return statement
  }
  const apply = database.transaction((groups: readonly StatementGroup[]) => {
    for (const { sql, runs } of groups) {
      const statement = statementOf(sql)
      for (const parameters of runs) statement.run(...parameters)
    }
  })
  return ({ id, groups }: { readonly id: number; readonly groups: readonly StatementGroup[] }): WriterReply => {
    try {
      apply.immediate(groups)
      return { type: "committed", id }
    } catch (error) {
      return { type: "failed", id, code: codeOf(error), message: messageOf(error) }
    }
  }
}

function codeOf(error: unknown) {
  return error instanceof Error && "code" in error && error.code === "SQLITE_FULL" ? "storage-full" : "storage-failed"
}

function messageOf(error: unknown) {
  return error instanceof Error ? error.message : String(error)
}

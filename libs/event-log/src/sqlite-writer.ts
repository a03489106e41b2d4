import { parentPort, workerData } from "node:worker_threads"
import Database from "better-sqlite3"
import { whyForeign } from "./log-format.ts"
import { OLDEST_SQLITE, schema } from "./sqlite-schema.ts"
import { takeLock } from "./take-lock.ts"

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
  | ({ readonly type: "failed"; readonly id: number } & StorageFailure)
  /** The disk failed while nobody waited for it. */
  | { readonly type: "broken"; readonly message: string }

interface StorageFailure {
  readonly code: "storage-full" | "storage-failed"
  readonly message: string
}

/** Pages in the write-ahead log from which on they are moved into the database: SQLite's own measure. */
const CHECKPOINT_PAGES = 1000

// The index of the write-ahead log is a file, too, whose growth has a code of its own.
const fullCodes: readonly unknown[] = ["SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"]

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
  const checkpoint = checkpointer(database)
  // Once the disk has failed nothing is asked of it any more: a second sync may answer well and have lost the bytes.
  let broken: string | undefined
  port?.on("message", (request: WriterRequest) => {
    if (request.type === "close") {
      database.close()
      lock.close()
      port.close()
      return
    }
    const { id } = request
    const done: WriterReply =
      broken === undefined ? run(request) : { type: "failed", id, code: "storage-failed", message: broken }
    reply(done)
    if (done.type === "failed" && done.code === "storage-failed") broken = done.message
    if (broken !== undefined) return
    broken = checkpoint()
    if (broken !== undefined) reply({ type: "broken", message: broken })
  })
  reply({ type: "ready", ...settingsOf(database) })
}

function open(path: string) {
  try {
    const lock = takeLock(`${path}-lock`)
    if (lock === undefined)
      return { code: "log-locked", message: `${path} is open in another process or another log.` } as const
    const database = new Database(path)
    configure(database)
    const reason = unsuitable(database, path)
    if (reason !== undefined) return { code: "storage-unsuitable", message: reason } as const
    recover(database)
    database.transaction(() => makeTables(database)).immediate()
    return { code: undefined, database, lock }
  } catch (error) {
    const code = codeOf(error)
    const remedy = code === "storage-full" ? "Its disk is full: free some space and start again" : "Its disk has failed"
    return { code, message: `${path} cannot be opened. ${remedy} (${messageOf(error)}).` } as const
  }
}

// What an earlier life left in the write-ahead log may have failed to sync, and look well in the system's memory: it is
// written once more, into the database, before anything is put behind it.
function recover(database: Database.Database) {
  database.pragma("wal_checkpoint(TRUNCATE)")
}

function makeTables(database: Database.Database) {
  if (formatOf(database) === 0) database.exec(schema)
}

/** 0: it has no tables yet. */
function formatOf(database: Database.Database) {
  return database.pragma("user_version", { simple: true }) as number
}

function configure(database: Database.Database) {
  database.pragma("journal_mode = WAL")
  database.pragma("synchronous = FULL")
  database.pragma("trusted_schema = OFF")
  database.pragma("mmap_size = 0")
  database.pragma("busy_timeout = 5000")
  // SQLite's own checkpoints tell nobody when they fail.
  database.pragma("wal_autocheckpoint = 0")
}

function unsuitable(database: Database.Database, path: string) {
  const { version, journalMode, synchronous } = settingsOf(database)
  if (isOlder(version)) return `SQLite ${version} is too old; ${OLDEST_SQLITE.join(".")} is needed.`
  if (journalMode !== "wal" || synchronous !== 2)
    return `${path} took journal_mode=${journalMode}, synchronous=${synchronous} instead of wal and 2 (FULL).`
  const format = formatOf(database)
  const foreign = format === 0 ? undefined : whyForeign(format)
  return foreign && `${path} ${foreign}`
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

/** Moves pages into the database when there are enough of them; gives the reason when the disk has failed. */
function checkpointer(database: Database.Database) {
  const count = database.prepare<[], { readonly log: number; readonly checkpointed: number }>(
    "PRAGMA wal_checkpoint(NOOP)",
  )
  const move = database.prepare("PRAGMA wal_checkpoint(PASSIVE)")
  return () => {
    try {
      const { log = 0, checkpointed = 0 } = count.get() ?? {}
      if (log >= CHECKPOINT_PAGES && checkpointed < log) move.get()
      return undefined
    } catch (error) {
      // A full disk takes nothing away: the pages stay where they are.
      return codeOf(error) === "storage-full" ? undefined : messageOf(error)
    }
  }
}

function codeOf(error: unknown) {
  return error instanceof Error && "code" in error && fullCodes.includes(error.code) ? "storage-full" : "storage-failed"
}

function messageOf(error: unknown) {
  return error instanceof Error ? error.message : String(error)
}

import { chmodSync, closeSync, openSync } from "node:fs"
import Database from "better-sqlite3"

/** What keeps others out, until it is closed. */
export interface Lock {
  close(): void
}

/**
 * An operating-system lock on a file of its own, which is made when absent: it ends with the process, however that ends, and
 * no pid is trusted. Undefined: somebody has it, in this process or in another one.
 */
export function takeLock(path: string): Lock | undefined {
  // SQLite would make it for everybody to read; one of an earlier version may be.
  closeSync(openSync(path, "a", 0o600))
  chmodSync(path, 0o600)
  const lock = new Database(path, { timeout: 0 })
  try {
    lock.pragma("journal_mode = MEMORY")
    lock.pragma("locking_mode = EXCLUSIVE")
    lock.exec("BEGIN EXCLUSIVE")
    return lock
  } catch (error) {
    lock.close()
    if (error instanceof Error && "code" in error && error.code === "SQLITE_BUSY") return undefined
    throw error
  }
}

import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"

/** What SQLite itself finds wrong with a data directory's log; nobody else may have it open. */
export function checkDatabase(stateDir: string): readonly string[] {
  const database = new DatabaseSync(join(stateDir, "aegis.db"))
  try {
    const rows = database.prepare("PRAGMA integrity_check").all()
    return rows.map((row) => String(row.integrity_check)).filter((line) => line !== "ok")
  } finally {
    database.close()
  }
}

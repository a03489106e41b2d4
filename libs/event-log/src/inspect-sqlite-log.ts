import Database from "better-sqlite3"

/** What the file of a log says of itself. */
export interface SqliteLogInspection {
  /** What SQLite's own check finds, at most ten; none: it is whole. */
  readonly problems: readonly string[]
  readonly entries: number
  /** When the newest entry was made, ISO 8601; undefined: there is none, or it cannot be read. */
  readonly newestAt: string | undefined
}

/** Looks at a log's file without opening the log: also while another process has it open. Reads all of it. */
export function inspectSqliteLog(path: string): SqliteLogInspection {
  let database: Database.Database | undefined
  try {
    database = new Database(path, { readonly: true, fileMustExist: true })
    const found = database.pragma("quick_check(10)") as readonly { readonly quick_check: string }[]
    const problems = found.map(({ quick_check }) => quick_check.replaceAll("\n", " ")).filter((line) => line !== "ok")
    const newest = database.prepare("SELECT seq, head FROM log_events ORDER BY seq DESC LIMIT 1").get() as
      | { readonly seq: number; readonly head: string }
      | undefined
    return { problems, entries: newest?.seq ?? 0, newestAt: newest && timeOf(newest.head) }
  } catch (error) {
    return { problems: [error instanceof Error ? error.message : String(error)], entries: 0, newestAt: undefined }
  } finally {
    database?.close()
  }
}

/** An entry is kept as the text before its data, and its data. */
function timeOf(head: string) {
  const { at } = JSON.parse(`${head}null}`) as { readonly at?: unknown }
  return typeof at === "string" ? at : undefined
}

/** What a server says of itself, as far as the log's promise depends on it. */
export interface PostgresSettings {
  readonly version: string
  /** Its version as a number: 150018 is 15.18. */
  readonly versionNumber: number
  readonly encoding: string
  readonly fsync: string
  readonly synchronousCommit: string
  readonly fullPageWrites: string
  readonly schema: string | null
}

// Kept for the session as it is: what is changed for the role or the server later must not weaken it unseen.
export const settingsQuery = `SELECT
  current_setting('server_version') AS version,
  current_setting('server_version_num')::integer AS "versionNumber",
  current_setting('server_encoding') AS encoding,
  current_setting('fsync') AS fsync,
  set_config('synchronous_commit', current_setting('synchronous_commit'), false) AS "synchronousCommit",
  current_setting('full_page_writes') AS "fullPageWrites",
  current_schema() AS schema`

/** The first with `pg_current_xact_id` and `pg_xact_status` for it. */
const OLDEST_VERSION = 13

/** Why a log cannot be kept there, and what to do about it. */
export function unsuitableFor(settings: PostgresSettings): string | undefined {
  if (settings.versionNumber < OLDEST_VERSION * 10_000)
    return `PostgreSQL ${settings.version} is too old: upgrade the server to ${OLDEST_VERSION} or later.`
  if (settings.encoding !== "UTF8")
    return `The database's encoding is ${settings.encoding}, which has not every character: create one with ENCODING 'UTF8'.`
  if (settings.fsync !== "on")
    return "The server runs with fsync=off and may lose what it has acknowledged: set fsync=on and restart it."
  if (settings.synchronousCommit === "off")
    return "synchronous_commit is off, for the server, this role or this database, so a commit may be lost: set it to on."
  if (settings.schema === null)
    return "No schema of the search_path exists: create one, or name another in the URL (?options=-c search_path=NAME)."
  return undefined
}

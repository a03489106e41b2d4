import { postgresDialect } from "./dialect.ts"
import type { StoredEvent } from "./encode-event.ts"
import type { LogEvent } from "./log-event.ts"
import { PostgresConnection } from "./postgres-connection.ts"
import { toStorageError } from "./postgres-error.ts"
import { takeLock } from "./postgres-lock.ts"
import { pageStatement } from "./postgres-page.ts"
import { makeTables } from "./postgres-schema.ts"
import type { OpenedDatabase } from "./postgres-storage.ts"
import type { ReadModel } from "./read-model.ts"
import { prepareModels, type StoredModel } from "./rebuild-models.ts"

export interface OpenDatabaseOptions<E extends LogEvent> {
  readonly url: string
  readonly models: readonly ReadModel<E>[]
}

/**
 * Makes tables and read models what they should be, in one transaction under the log's lock: nobody sees half of it.
 * Gives the connection it took.
 */
export async function openDatabase<E extends LogEvent>({
  url,
  models,
}: OpenDatabaseOptions<E>): Promise<OpenedDatabase> {
  const connection = await PostgresConnection.open(url).catch((error: unknown) => {
    throw toStorageError(error)
  })
  try {
    await connection.script([begin, takeLock], { answerWithin: LOCK_WITHIN })
    await makeTables(connection)
    await bringModelsUpToDate(connection, models)
    const [state] = await connection.script<Omit<OpenedDatabase, "connection">>([stateQuery])
    await connection.script(["COMMIT"])
    return { connection, ...(state as Omit<OpenedDatabase, "connection">) }
  } catch (error) {
    connection.cut()
    throw toStorageError(error)
  }
}

/** Whoever builds models of a long history before us takes minutes. */
const LOCK_WITHIN = 3_600_000

const begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL lock_timeout = 0"

// The channel is the table's own number: unlike names, it is short enough whatever the schema is called.
const stateQuery = `SELECT
  (SELECT COALESCE(MAX(seq), 0) FROM log_events) AS head,
  (SELECT models FROM log_meta) AS models,
  'aegis_log_' || 'log_events'::regclass::oid AS channel`

async function bringModelsUpToDate<E extends LogEvent>(
  connection: PostgresConnection,
  models: readonly ReadModel<E>[],
) {
  const rows = await connection.script<Omit<StoredModel, "tables" | "complete"> & { tables: string; complete: number }>(
    ["SELECT name, declaration, tables, complete FROM log_models"],
  )
  const haveChanged = await prepareModels(models, {
    dialect: postgresDialect,
    stored: rows.map(({ tables, complete, ...row }) => ({
      ...row,
      tables: JSON.parse(tables) as string[],
      complete: complete === 1,
    })),
    read: (options) => connection.query<StoredEvent & Record<string, unknown>>(pageStatement(options)),
    apply: (statements) => Promise.all(statements.map((statement) => connection.query(statement))),
  })
  if (haveChanged) await connection.script(["UPDATE log_meta SET models = models + 1"])
}

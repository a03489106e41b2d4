import pg from "pg"
import { findPostgres } from "../../../tooling/postgres/find-postgres.ts"
import { type PostgresServer, startPostgres } from "../../../tooling/postgres/start-postgres.ts"

/** Where the server's programs are; undefined skips the tests. */
export const bin = findPostgres(process.env)

/** A server with a place of its own for each log. */
export interface TestDatabase {
  readonly server: PostgresServer
  /** The URL of an empty schema. */
  freshUrl(): Promise<string>
  /** Runs SQL beside the logs, on a connection of its own. */
  query(sql: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>
  remove(): Promise<void>
}

export async function startTestDatabase(): Promise<TestDatabase> {
  const server = await startPostgres(bin ?? "")
  let schemas = 0
  let admin: pg.Client | undefined
  const query = async (sql: string, values: readonly unknown[] = []) => {
    admin ??= await connectAdmin(server, () => {
      admin = undefined
    })
    return (await admin.query<Record<string, unknown>>(sql, [...values])).rows
  }
  return {
    server,
    query,
    async freshUrl() {
      const schema = `log_${++schemas}`
      await query(`CREATE SCHEMA ${schema}`)
      return server.url("postgres", { options: `-c search_path=${schema}` })
    },
    async remove() {
      await admin?.end()
      await server.remove()
    },
  }
}

async function connectAdmin(server: PostgresServer, onLost: () => void) {
  const client = new pg.Client({ connectionString: server.url() })
  client.on("error", onLost)
  await client.connect()
  return client
}

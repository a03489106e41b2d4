import { readFileSync } from "node:fs"
import { join } from "node:path"
import { AegisClient } from "@aegis/client"
import type { Config } from "@aegis/server/local"
import { readServerRecord, type ServerRecord } from "./server-record.ts"

export interface FoundServer extends ServerRecord {
  readonly token: string
  readonly client: AegisClient
}

/** The running server of the data directory: one that answers at its recorded place and takes our token. */
export async function findServer(config: Config): Promise<FoundServer | undefined> {
  const record = readServerRecord(config.stateDir)
  const token = readToken(config)
  if (!record || token === undefined) return undefined
  const client = new AegisClient(record.url, token)
  try {
    await client.verifyToken({ signal: AbortSignal.timeout(2000) })
    return { ...record, token, client }
  } catch {
    // Nobody there, or somebody else: the record is of a server that is gone.
    return undefined
  }
}

/** The local token: configured, or the data directory's; undefined before the first start. */
export function readToken({ auth, stateDir }: Config) {
  if (auth.token !== undefined) return auth.token
  try {
    return readFileSync(join(stateDir, "token"), "utf8").trim()
  } catch {
    // Made by the first start of a server.
    return undefined
  }
}

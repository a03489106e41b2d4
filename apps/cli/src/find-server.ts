import { readFileSync } from "node:fs"
import { join } from "node:path"
import { isProcessAlive } from "@aegis/acp-runtime/agent"
import { AegisClient } from "@aegis/client"
import type { Config } from "@aegis/server/local"
import { CliError } from "./cli-error.ts"
import { readServerRecord, type ServerRecord } from "./server-record.ts"

export interface FoundServer extends ServerRecord {
  readonly token: string
  readonly client: AegisClient
}

const ANSWER_SECONDS = 10

/**
 * The running server of the data directory: one that answers at its recorded place and takes our token. One that lives and
 * does not answer is not taken for gone: rejects with what to do.
 */
export async function findServer(config: Config): Promise<FoundServer | undefined> {
  const record = readServerRecord(config.stateDir)
  const token = readToken(config)
  if (!record || token === undefined) return undefined
  const client = new AegisClient(record.url, token)
  const { pid } = record
  const patience = AbortSignal.timeout((isProcessAlive(pid) ? ANSWER_SECONDS : 1) * 1000)
  try {
    await client.verifyToken({ signal: patience })
    return { ...record, token, client }
  } catch {
    // Nobody there, or somebody else: the record is of a server that is gone.
    if (!patience.aborted || !isProcessAlive(pid)) return undefined
    throw new CliError(
      "unreachable",
      `The server (pid ${pid}) does not answer within ${ANSWER_SECONDS} s: it is very busy, or it hangs. Its log: ag server logs. To end it whatever it does: kill -9 ${pid}`,
    )
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

import { randomBytes } from "node:crypto"
import { join } from "node:path"
import { createNoteKey, type NoteSigner, readSigner } from "@aegis/event-log/merkle"
import { ConfigError } from "./config-error.ts"
import { makeSecretFolder, secretFile } from "./secret-file.ts"

export interface OpenAuditKeyOptions {
  readonly stateDir: string
  /** `audit.key`: a file of its own place; absent: in the data directory. */
  readonly path?: string | undefined
}

/**
 * The key that signs checkpoints, made on the first start; its name is the log's name for good. It stands in a file and not
 * in the database: who can write the one does not have the other by that. A `ConfigError` where others could read it.
 */
export function openAuditKey({ stateDir, path }: OpenAuditKeyOptions): NoteSigner {
  makeSecretFolder(stateDir)
  const file = path ?? join(stateDir, "audit-key")
  const name = `aegis.local/${randomBytes(8).toString("hex")}`
  const skey = secretFile(file, () => `${createNoteKey(name).skey}\n`)
  try {
    return readSigner(skey)
  } catch (error) {
    throw new ConfigError(`${file} is not the audit's key: ${(error as Error).message}`, { cause: error })
  }
}

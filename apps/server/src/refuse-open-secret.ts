import { statSync } from "node:fs"
import { ConfigError } from "./config-error.ts"
import { quoted } from "./quoted.ts"

export interface RefuseOpenSecretOptions {
  /** The user that we are; undefined on Windows, which has no such bits. */
  readonly self?: number | undefined
  readonly stat?: (path: string) => { readonly mode: number; readonly uid: number }
}

const ROOT = 0

/**
 * A `ConfigError` where others may read or change the file of a secret. What root hands out may be our group's, or nobody but
 * root could read it (spec/threats.md, A9).
 */
export function refuseOpenSecret(
  path: string,
  { self = process.getuid?.(), stat = statSync }: RefuseOpenSecretOptions = {},
) {
  if (self === undefined) return
  const { mode, uid } = stat(path)
  if (uid !== self && uid !== ROOT)
    throw new ConfigError(`${path} holds a secret and is another user's. Make it yours: chown ${self} ${quoted(path)}`)
  const [others, wanted] = uid === self ? [0o077, "600"] : [0o037, "640"]
  if ((mode & others) !== 0)
    throw new ConfigError(
      `${path} holds a secret, and others can read it. Make it yours alone: chmod ${wanted} ${quoted(path)}`,
    )
}

import { randomBytes } from "node:crypto"
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { refuseOpenSecret } from "./refuse-open-secret.ts"

/** For the user alone. */
export function makeSecretFolder(path: string) {
  mkdirSync(path, { recursive: true, mode: 0o700 })
}

/**
 * Made once, by whoever comes first, and whole or not at all: it is linked to its name when its bytes are on disk. A
 * `ConfigError` where others could read it.
 */
export function secretFile(path: string, make: () => string) {
  if (!existsSync(path)) {
    const draft = `${path}.${randomBytes(6).toString("hex")}`
    try {
      writeFileSync(draft, make(), { mode: 0o600, flag: "wx", flush: true })
      linkOnce(draft, path)
    } catch (error) {
      const { message } = error as Error
      throw new Error(`${path} cannot be made (${message}). Free some space if the disk is full, and start again.`, {
        cause: error,
      })
    } finally {
      rmSync(draft, { force: true })
    }
  }
  refuseOpenSecret(path)
  return readFileSync(path, "utf8").trim()
}

/** The same for a secret that was made elsewhere: who has to find it here finds that one. */
export function keepSecret(path: string, secret: string) {
  const draft = `${path}.${randomBytes(6).toString("hex")}`
  writeFileSync(draft, `${secret}\n`, { mode: 0o600, flag: "wx", flush: true })
  renameSync(draft, path)
  return secret
}

function linkOnce(draft: string, path: string) {
  try {
    linkSync(draft, path)
  } catch (error) {
    // Somebody else was first: then theirs is the secret.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
  }
}

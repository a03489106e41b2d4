import { spawnSync } from "node:child_process"
import { existsSync, readdirSync } from "node:fs"
import { delimiter, join } from "node:path"

const VERSIONS = "/usr/lib/postgresql"

/** The folder with the newest server of this machine; undefined when it has none. CI has one, or has failed. */
export function findPostgres(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const found = [...versions(), ...(env.PATH ?? "").split(delimiter)].find(isServer)
  const why = found === undefined ? "no server is installed" : whyNotAsThisUser()
  if (why !== undefined && env.CI !== undefined)
    throw new Error(`CI tests the log in PostgreSQL, and ${why}: apt-get install postgresql.`)
  return why === undefined ? found : undefined
}

/** As root: the server refuses to run as such, and is run as the user that comes with it. */
export function isRoot() {
  return process.getuid?.() === 0
}

function versions() {
  if (!existsSync(VERSIONS)) return []
  const numbers = readdirSync(VERSIONS).sort((left, right) => Number(right) - Number(left))
  return numbers.map((version) => join(VERSIONS, version, "bin"))
}

function isServer(folder: string) {
  return folder !== "" && ["initdb", "pg_ctl", "postgres"].every((name) => existsSync(join(folder, name)))
}

function whyNotAsThisUser() {
  if (!isRoot()) return undefined
  const hasUser = spawnSync("id", ["-u", "postgres"]).status === 0
  const canChange = spawnSync("setpriv", ["--version"]).status === 0
  return hasUser && canChange ? undefined : "root needs a user named postgres, and setpriv, to run one"
}

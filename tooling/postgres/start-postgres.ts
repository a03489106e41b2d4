import { execFile, execFileSync } from "node:child_process"
import { chownSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { isRoot } from "./find-postgres.ts"

const run = promisify(execFile)

/** A server of its own for tests, in a temporary folder, which listens on a socket there and nowhere else. */
export interface PostgresServer {
  /** The folder with its socket: what a URL names as `host`. */
  readonly host: string
  url(database?: string, parameters?: Readonly<Record<string, string>>): string
  start(): Promise<void>
  /** `immediate` is as good as a crash. */
  stop(mode: "fast" | "immediate"): Promise<void>
  /** Ends it and removes all of it. */
  remove(): Promise<void>
}

/** Starts a server with the programs in the folder `bin`; `settings` come on its command line. */
export async function startPostgres(
  bin: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), "pg-"))
  if (isRoot()) chownSync(folder, idOf("-u"), idOf("-g"))
  const cluster = join(folder, "data")
  const program = (name: string, words: readonly string[]) => runAsPostgres(folder, [join(bin, name), ...words])
  const control = (...words: string[]) => program("pg_ctl", ["-D", cluster, "-w", "-t", "30", "-s", ...words])
  const all = { listen_addresses: "", unix_socket_directories: folder, max_connections: "200", ...settings }
  const options = Object.entries(all).map(([name, value]) => `-c ${name}='${value}'`)
  await initialize(program, cluster)

  const server: PostgresServer = {
    host: folder,
    url: (database = "postgres", parameters = {}) =>
      `postgres://postgres@/${database}?${new URLSearchParams({ host: folder, ...parameters })}`,
    start: () => control("-l", join(folder, "server.log"), "-o", options.join(" "), "start"),
    stop: (mode) => control("-m", mode, "stop"),
    async remove() {
      // It may be stopped already.
      await server.stop("immediate").catch(() => {})
      rmSync(folder, { recursive: true, force: true })
    },
  }
  await server.start()
  return server
}

// With an order of texts that is not that of their bytes, where the server knows one: nothing may depend on it.
async function initialize(program: (name: string, words: readonly string[]) => Promise<void>, cluster: string) {
  const words = ["-D", cluster, "--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8"]
  await program("initdb", [...words, "--locale-provider=icu", "--icu-locale=en"]).catch(() =>
    program("initdb", [...words, "--locale=C"]),
  )
}

async function runAsPostgres(folder: string, [name = "", ...words]: readonly string[]) {
  const asUser = ["--reuid=postgres", "--regid=postgres", "--clear-groups", name]
  const [file, args] = isRoot() ? ["setpriv", [...asUser, ...words]] : [name, words]
  await run(file, args, { cwd: folder })
}

function idOf(flag: "-u" | "-g") {
  return Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }))
}

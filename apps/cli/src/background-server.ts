import { spawn } from "node:child_process"
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { type Config, refuseExposure, SMALL_NURSERY } from "@aegis/server/local"
import { CliError } from "./cli-error.ts"
import { EXIT } from "./exit-code.ts"
import { type FoundServer, findServer } from "./find-server.ts"

export interface StartBackgroundServerOptions {
  readonly config: Config
  /** `--config`, to be passed on. */
  readonly configFile?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
}

const START_MS = 20_000

/**
 * The server of the data directory, started if there is none. Two that start at once both try: the log lets one in, the
 * other one ends, and both callers find the one that is there.
 */
export async function ensureServer(
  options: StartBackgroundServerOptions,
): Promise<FoundServer & { readonly isNew: boolean }> {
  const running = await findServer(options.config)
  if (running) return { ...running, isNew: false }
  refuseExposure(options.config, options.env)
  const { exited, pid } = spawnServer(options)
  const deadline = Date.now() + START_MS
  while (Date.now() < deadline) {
    const found = await findServer(options.config)
    if (found) return { ...found, isNew: found.pid === pid }
    const code = await Promise.race([exited, delay(50, "waiting" as const)])
    // Locked out: another one is starting in the same directory, and will be found.
    if (code !== "waiting" && code !== LOCKED_OUT)
      throw new CliError(
        code === EXIT.usage ? "usage" : "failed",
        `The server did not start:\n${lastLines(options.config)}`,
      )
  }
  throw new CliError(
    "failed",
    `The server did not answer within ${START_MS / 1000} s. Its log: ${logPath(options.config)}`,
  )
}

/** The exit code of a server that found the data directory taken. */
export const LOCKED_OUT = 75

export function logPath({ stateDir }: Config) {
  return join(stateDir, "server.log")
}

function spawnServer({ config, configFile, env }: StartBackgroundServerOptions) {
  mkdirSync(config.stateDir, { recursive: true, mode: 0o700 })
  const log = openSync(logPath(config), "a", 0o600)
  const program = fileURLToPath(new URL(`./bin.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url))
  const words = ["server", "run", "--any-port", ...(configFile === undefined ? [] : ["--config", configFile])]
  const child = spawn(process.execPath, [...process.execArgv, SMALL_NURSERY, program, ...words], {
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...env, AEGIS_STATE_DIR: config.stateDir, AEGIS_LOG_FORMAT: env.AEGIS_LOG_FORMAT ?? "json" },
  })
  closeSync(log)
  const exited = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)))
  child.unref()
  return { exited, pid: child.pid }
}

function lastLines(config: Config) {
  const lines = readFileSync(logPath(config), "utf8").trimEnd().split("\n")
  return lines.slice(-10).join("\n")
}

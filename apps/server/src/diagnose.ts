import { existsSync, readdirSync, statSync } from "node:fs"
import { access, constants, statfs } from "node:fs/promises"
import { createServer } from "node:net"
import { dirname, join } from "node:path"
import { checkPolicy } from "@aegis/policy"
import { type LoadConfigOptions, loadConfig } from "./config.ts"
import { ConfigError } from "./config-error.ts"
import { findConfigFile } from "./config-file.ts"
import type { Config } from "./config-schema.ts"
import { readPolicyFile } from "./policy-file.ts"
import { quoted } from "./quoted.ts"
import { refuseExposure } from "./refuse-exposure.ts"

/** One thing that was looked at. */
export interface Finding {
  readonly name: string
  readonly state: "ok" | "warning" | "problem"
  /** What it is. */
  readonly says: string
  /** What to do, where something is to be done. */
  readonly fix?: string
}

export interface DiagnoseOptions extends LoadConfigOptions {
  readonly now: Date
  /** Whether a server of this data directory answers: then its port is taken, and rightly. */
  readonly isRunning: (config: Config) => Promise<boolean>
}

/**
 * Looks at all that a server here needs, one thing after the other (spec/cli.md, `ag doctor`). Changes nothing, starts
 * nothing, and asks nobody but the server. Where the configuration cannot be read, that is all that is said.
 */
export async function* diagnose({ now, isRunning, ...options }: DiagnoseOptions): AsyncGenerator<Finding> {
  const { config, finding } = readConfig(options)
  yield finding
  if (config === undefined) return
  yield ofDataDirectory(config)
  yield await ofDisk(config)
  yield await ofLog(config, now)
  yield await ofPort(config, { env: options.env, isRunning })
  yield await ofAgent(config, options)
  yield ofPolicy(config)
  yield await ofWitness(config)
}

function readConfig(options: LoadConfigOptions): { readonly config?: Config; readonly finding: Finding } {
  try {
    const config = loadConfig(options)
    return {
      config,
      finding: ok("configuration", findConfigFile(options) ?? "none: everything is as it is by default"),
    }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return {
      finding: problem("configuration", error.message, "Correct it there; docs/configuration.md has every key."),
    }
  }
}

function ofDataDirectory({ stateDir }: Config): Finding {
  const name = "data directory"
  if (!existsSync(stateDir)) return ok(name, `${stateDir} is made by the first start`)
  const open = [stateDir, ...filesOf(stateDir)].filter((path) => isOpenToOthers(path))
  if (open.length > 0) return problem(name, `others may read ${open.join(", ")}`, `chmod -R go= ${quoted(stateDir)}`)
  return ok(name, `${stateDir}, yours alone`)
}

function filesOf(folder: string) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(folder, entry.name))
}

// Windows has no such bits.
function isOpenToOthers(path: string) {
  return process.platform !== "win32" && (statSync(path).mode & 0o077) !== 0
}

const MEGABYTE = 1024 * 1024
/** Less is full soon; and with less nothing is begun. */
const LITTLE = 1024 * MEGABYTE
const TOO_LITTLE = 100 * MEGABYTE

async function ofDisk({ stateDir }: Config): Promise<Finding> {
  const { bavail, bsize } = await statfs(existing(stateDir))
  const free = bavail * bsize
  const says = `${Math.floor(free / MEGABYTE).toLocaleString("en")} MB free for the data directory`
  const fix = "Free some space: a full disk holds up all writing, and nothing that was acknowledged is lost."
  if (free < TOO_LITTLE) return problem("disk", says, fix)
  return free < LITTLE ? warning("disk", says, fix) : ok("disk", says)
}

async function ofLog({ stateDir }: Config, now: Date): Promise<Finding> {
  const path = join(stateDir, "aegis.db")
  if (!existsSync(path)) return ok("log", "made by the first start")
  const { inspectSqliteLog } = await import("@aegis/event-log/sqlite")
  const { problems, entries, newestAt } = inspectSqliteLog(path)
  if (problems.length > 0)
    return problem(
      "log",
      `${path} is damaged: ${problems.join("; ")}`,
      "Stop the server, keep the file, and put a backup in its place.",
    )
  const says = `${entries.toLocaleString("en")} entries, whole`
  // Clocks of machines differ a little.
  if (newestAt !== undefined && Date.parse(newestAt) > now.getTime() + 5000)
    return warning("log", `${says}; the newest is of ${newestAt}, which has not come yet`, "Set this machine's clock.")
  return ok("log", says)
}

async function ofPort(
  config: Config,
  { env, isRunning }: Pick<DiagnoseOptions, "env" | "isRunning">,
): Promise<Finding> {
  if (await isRunning(config)) return ok("server", "runs, and answers")
  try {
    refuseExposure(config, env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return problem("server", error.message, "ag config set auth.token -")
  }
  const { host, port } = config
  const refusal = await whyNotListen(host, port)
  if (refusal === undefined) return ok("server", `does not run; port ${port} of ${host} is free`)
  return problem(
    "server",
    `does not run, and could not listen on port ${port} of ${host} (${refusal})`,
    refusal === "EADDRINUSE" ? "End what has the port, or: ag config set port 9101" : "ag config set host 127.0.0.1",
  )
}

function whyNotListen(host: string, port: number) {
  return new Promise<string | undefined>((resolve) => {
    const server = createServer()
    server.once("error", ({ code = "unknown" }: NodeJS.ErrnoException) => resolve(code))
    server.listen(port, host, () => server.close(() => resolve(undefined)))
  })
}

async function ofAgent(config: Config, { env, home }: LoadConfigOptions): Promise<Finding> {
  const { findAgents } = await import("@aegis/session-core/node")
  const { stateDir, agents, acpBin } = config
  const wanted = config.agent.default
  const places = { stateDir, env, agents: agents.named, ...(acpBin === undefined ? {} : { acpBin }) }
  const found = findAgents(places).find(({ name }) => name === wanted)
  if (found === undefined)
    return problem("agent", `there is no agent "${wanted}"`, "ag config set agent.default claude")
  if (!found.installed)
    return problem(
      "agent",
      `${wanted} is not installed`,
      found.remedy ?? `Install ${agents.named[wanted]?.command ?? "its program"}.`,
    )
  const says = [wanted, found.version].filter((part) => part !== undefined).join(" ")
  if (wanted !== "claude" || hasLogin(env, home)) return ok("agent", says)
  return warning("agent", `${says}, and no login of it was found`, "Run claude and log in, or set ANTHROPIC_API_KEY.")
}

const credentials = [
  "ANTHROPIC_API_KEY",
  "ANTHROPIC_AUTH_TOKEN",
  "CLAUDE_CODE_OAUTH_TOKEN",
  "CLAUDE_CODE_USE_BEDROCK",
  "CLAUDE_CODE_USE_VERTEX",
]

// On a Mac it is in the keychain, which is not for us to look into.
function hasLogin(env: LoadConfigOptions["env"], home: string) {
  if (process.platform === "darwin" || credentials.some((name) => env[name])) return true
  return existsSync(join(env.CLAUDE_CONFIG_DIR ?? join(home, ".claude"), ".credentials.json"))
}

function ofPolicy({ policy: { file } }: Config): Finding {
  if (file === undefined) return ok("policy", "none: people are asked as the mode says")
  try {
    const policy = readPolicyFile(file)
    const [first, ...others] = checkPolicy(policy)
    if (first === undefined) return ok("policy", `${policy.rules.length} rules of ${file}`)
    const more = others.length > 0 ? `, and ${others.length} more` : ""
    return warning("policy", `${first.message}${more}`, `ag policy check ${quoted(file)}`)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return problem("policy", error.message, "Correct it: the server does not start with it.")
  }
}

async function ofWitness({ audit: { witness } }: Config): Promise<Finding> {
  if (witness === undefined)
    return ok("audit", "no witness: whoever can write the data directory could write another log")
  try {
    await access(existsSync(witness) ? witness : dirname(witness), constants.W_OK)
    return ok("audit", `its witness is ${witness}`)
  } catch {
    return problem(
      "audit",
      `${witness} cannot be written`,
      "Mount it, or take audit.witness out: nothing is granted without it.",
    )
  }
}

function existing(path: string): string {
  return existsSync(path) ? path : existing(dirname(path))
}

function ok(name: string, says: string): Finding {
  return { name, state: "ok", says }
}

function warning(name: string, says: string, fix: string): Finding {
  return { name, state: "warning", says, fix }
}

function problem(name: string, says: string, fix: string): Finding {
  return { name, state: "problem", says, fix }
}

// What stands behind `npm start`, `npm test`, `npm run setup` and `npm run check`: brings pnpm, and Node where the machine's own is
// too old, installs what is missing, and then does the job with both first on the path. Plain JavaScript without
// dependencies, because it runs before anything is installed and on Nodes that the project itself does not support.
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { delimiter, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { fitLines, isFit } from "./node-fitness.mjs"

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const toolchain = join(root, "tooling", "toolchain")
const isWindows = process.platform === "win32"
// Where our own Node runs this already (it is first on somebody's path), it must stay.
const bringsNode = !isFit(process.versions.node) || process.execPath.startsWith(toolchain)

const jobs = {
  setup: () => undefined,
  test: (args) => ["node", ["tooling/test/run.ts", ...args]],
  "e2e:claude": (args) => ["pnpm", ["--dir", "tooling", "exec", "vitest", ...realAgentTests, ...named(args)]],
  check: (args) => ["node", ["tooling/check/check.ts", ...args]],
  start: (args) => ["node", ["apps/cli/bin/ag.js", ...(args.length > 0 ? ["run", ...args] : ["demo"])]],
}

const realAgentTests = ["run", "--config", "e2e-claude/vitest.ts", "--reporter=verbose"]
/** All of them, unless some are named. */
const named = (args) => (args.length > 0 ? args : ["e2e-claude"])

/** The group that runs for us at the moment, if any. */
let group
let isEnding = false

async function main() {
  const [name = "", ...args] = process.argv.slice(2)
  if (!Object.hasOwn(jobs, name)) {
    process.stderr.write(`usage: node tooling/with-toolchain.mjs ${Object.keys(jobs).join("|")} [arguments]\n`)
    process.exit(2)
  }
  const unwatch = endWithOthers()
  const isReady = await withLock(
    async () =>
      (await installToolchain()) &&
      (await installDependencies()) &&
      (await buildPages(name)) &&
      (await installRealAgent(name)),
  )
  const job = jobs[name](args)
  if (!isReady) process.exitCode = 1
  else if (job) process.exitCode = await runGroup(job, { cwd: root, stdio: "inherit" })
  else process.stderr.write("Everything is installed.\n")
  unwatch()
}

async function installToolchain() {
  const modules = join(toolchain, "node_modules")
  const stamp = stampOf([join(toolchain, "package-lock.json")], String(bringsNode))
  const title = bringsNode ? `installing pnpm and Node 24 (this one is ${process.versions.node})` : "installing pnpm"
  const words = ["ci", "--no-audit", "--no-fund", ...(bringsNode ? [] : ["--omit=optional"])]
  if (!(await stamped(modules, stamp, () => step(title, ["npm", words], toolchain)))) return false
  if (!bringsNode || existsSync(join(modules, ".bin", "node"))) return true
  process.stderr.write(
    `This is Node ${process.versions.node}, and for this system we bring none: install ${fitLines}.\n`,
  )
  return false
}

function installDependencies() {
  const files = ["pnpm-lock.yaml", "pnpm-workspace.yaml"].map((file) => join(root, file))
  const stamp = stampOf(files, bringsNode ? "24" : process.versions.node.split(".")[0])
  const command = ["pnpm", ["install", "--frozen-lockfile"]]
  return stamped(join(root, "node_modules"), stamp, () => step("installing dependencies", command, root))
}

// Everything runs from source; only a browser needs the pages built. What has not changed comes from the cache.
function buildPages(job) {
  if (job !== "start" && job !== "setup") return true
  return step("building the dashboard", ["turbo", ["run", "build", "--filter=@aegis/dashboard"]], root)
}

// 400 MB that nothing else needs: beside its tests, where no other job looks.
function installRealAgent(job) {
  if (job !== "e2e:claude") return true
  const folder = join(root, "tooling", "e2e-claude")
  const command = ["npm", ["ci", "--no-audit", "--no-fund"]]
  const install = () => step("installing the real agent (about 400 MB)", command, folder)
  return stamped(join(folder, "node_modules"), stampOf([join(folder, "package-lock.json")]), install)
}

/** Does the action unless it was done for this stamp. Gone before, written after: half an installation has no stamp. */
async function stamped(folder, stamp, action) {
  const file = join(folder, ".aegis-stamp")
  if (existsSync(file) && readFileSync(file, "utf8") === stamp) return true
  rmSync(file, { force: true })
  if (!(await action())) return false
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, stamp)
  return true
}

function stampOf(files, ...facts) {
  const hash = createHash("sha256")
  for (const file of files) hash.update(readFileSync(file))
  return hash.update(facts.join(" ")).digest("hex")
}

async function step(title, command, cwd) {
  const began = Date.now()
  process.stderr.write(`${title} … `)
  const output = []
  const code = await runGroup(command, { cwd, stdio: ["ignore", "pipe", "pipe"] }, (chunk) => output.push(chunk))
  const seconds = `${((Date.now() - began) / 1000).toFixed(1)} s`
  if (code === 0) process.stderr.write(`${seconds}\n`)
  else
    process.stderr.write(
      `failed after ${seconds}\n${withoutNoise(Buffer.concat(output).toString())}\n${registryHint}\n`,
    )
  return code === 0
}

function withoutNoise(output) {
  const lines = output.split("\n").filter((line) => !/^(npm error)? {4}at |Will retry in/.test(line))
  return lines.join("\n").trim()
}

const registryHint = "Packages come from the registry of your npm configuration; `npm config get registry` shows it."

/** Runs a program as a process group of its own, so that a signal reaches all of it; gives its exit code. */
function runGroup([command, words], options, take) {
  if (isEnding) return 1
  const child = spawn(command, words, { ...options, env: environment(), detached: !isWindows, shell: isWindows })
  group = child
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", take)
  return new Promise((resolve) => {
    child.once("error", (error) => {
      process.stderr.write(`${command} could not be started: ${error.message}\n`)
      group = undefined
      resolve(127)
    })
    child.once("close", (code, signal) => {
      group = undefined
      resolve(code ?? (signal === "SIGINT" ? 130 : 1))
    })
  })
}

// A registry that is not there is told in seconds, not in the 70 that npm and pnpm would take.
const quickRetries = { npm_config_fetch_retry_mintimeout: "1000", npm_config_fetch_retry_maxtimeout: "3000" }

// Settings that npm hands to its scripts would reach the inner npm and pnpm as if the user had given them: npm writes
// them in small letters. The registry is the user's in any case.
function environment() {
  const kept = Object.entries(process.env).filter(([name]) => !/^npm_/.test(name) || name === "npm_config_registry")
  const path = [
    join(toolchain, "node_modules", ".bin"),
    join(root, "node_modules", ".bin"),
    process.env.PATH ?? "",
  ].join(delimiter)
  // The state of `npm start` stays in the checkout, where git does not look at it.
  const state =
    process.argv[2] === "start" ? { AEGIS_STATE_DIR: process.env.AEGIS_STATE_DIR ?? join(root, ".aegis") } : {}
  return {
    ...quickRetries,
    ...Object.fromEntries(kept),
    ...state,
    PATH: path,
    TURBO_TELEMETRY_DISABLED: "1",
    DO_NOT_TRACK: "1",
  }
}

/** Ends what runs for us with us: at a signal, and when the npm that started us is gone (it passes no SIGTERM on). */
function endWithOthers() {
  const parent = process.ppid
  const watch = setInterval(() => process.ppid !== parent && endGroup("SIGTERM"), 500)
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => endGroup(signal))
  return () => clearInterval(watch)
}

async function endGroup(signal) {
  const pid = group?.pid
  if (pid !== undefined) signalGroup(pid, signal)
  if (isEnding) return
  isEnding = true
  // The first process of the group may go before the others: stay until they are gone, too, but not for ever.
  const deadline = Date.now() + 10_000
  while (pid !== undefined && signalGroup(pid, 0) && Date.now() < deadline) await after(100)
  if (pid !== undefined) signalGroup(pid, "SIGKILL")
  process.exit(signal === "SIGINT" ? 130 : 1)
}

function signalGroup(pid, signal) {
  try {
    return process.kill(isWindows ? pid : -pid, signal)
  } catch {
    // It is gone.
    return false
  }
}

/** Two at once install one after the other. A lock whose owner is gone is taken over. */
async function withLock(action) {
  const lock = join(toolchain, ".lock")
  let hasSaid = false
  while (!tryLock(lock)) {
    if (!hasSaid) process.stderr.write(`waiting for another installation (if there is none: delete ${lock})\n`)
    hasSaid = true
    await after(200)
  }
  const unlock = () => rmSync(lock, { force: true })
  process.once("exit", unlock)
  try {
    return await action()
  } finally {
    process.off("exit", unlock)
    unlock()
  }
}

function tryLock(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" })
    return true
  } catch (error) {
    if (error.code !== "EEXIST") throw error
  }
  return isAbandoned(lock) && removeAbandoned(lock) && tryLock(lock)
}

// Of several that see it abandoned, the slowest must not remove the lock that the fastest has made meanwhile: only who
// holds the lock's own lock removes, after another look.
function removeAbandoned(lock) {
  const removal = `${lock}-removal`
  if (!tryLock(removal)) return false
  if (isAbandoned(lock)) rmSync(lock, { force: true })
  rmSync(removal, { force: true })
  return true
}

function isAbandoned(lock) {
  try {
    process.kill(Number(readFileSync(lock, "utf8")), 0)
    return false
  } catch (error) {
    return error.code === "ESRCH"
  }
}

function after(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

await main()

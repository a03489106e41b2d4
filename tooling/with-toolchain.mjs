// What stands behind `npm start`, `npm test` and `npm run setup`: brings pnpm, and Node where the machine's own is too
// old, installs what is missing, and then does the job with both first on the path. Plain JavaScript without
// dependencies, because it runs before anything is installed and on Nodes that the project itself does not support.
import { spawn, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { delimiter, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const toolchain = join(root, "tooling", "toolchain")

const jobs = {
  setup: () => undefined,
  test: (args) => ["node", ["tooling/test/run.ts", ...args]],
  check: (args) => ["node", ["tooling/check/check.ts", ...args]],
}

const [name = "", ...args] = process.argv.slice(2)
if (!Object.hasOwn(jobs, name)) {
  process.stderr.write(`usage: node tooling/with-toolchain.mjs ${Object.keys(jobs).join("|")} [arguments]\n`)
  process.exit(2)
}

await withLock(async () => {
  installToolchain()
  installDependencies()
})
const job = jobs[name](args)
if (job) await run(job)
else process.stderr.write("Everything is installed.\n")

function installToolchain() {
  const bringsNode = !isFit(process.versions.node)
  const stamp = stampOf(
    ["package-lock.json"].map((file) => join(toolchain, file)),
    String(bringsNode),
  )
  if (isStamped(join(toolchain, "node_modules"), stamp)) return
  const flags = bringsNode ? [] : ["--omit=optional"]
  step(
    bringsNode ? `installing pnpm and Node 24 (this one is ${process.versions.node})` : "installing pnpm",
    "npm",
    ["ci", ...flags],
    toolchain,
  )
  writeStamp(join(toolchain, "node_modules"), stamp)
}

function installDependencies() {
  const files = ["pnpm-lock.yaml", "pnpm-workspace.yaml"].map((file) => join(root, file))
  const stamp = stampOf(files, process.versions.node.split(".")[0])
  if (isStamped(join(root, "node_modules"), stamp)) return
  step("installing dependencies", "pnpm", ["install", "--frozen-lockfile"], root)
  writeStamp(join(root, "node_modules"), stamp)
}

/** The lines that the project supports: 22.18+, 24.11+, and 26 on; odd majors are not kept up. */
function isFit(version) {
  const [major, minor] = version.split(".").map(Number)
  if (major === 22) return minor >= 18
  if (major === 24) return minor >= 11
  return major >= 26 && major % 2 === 0
}

function step(title, command, words, cwd) {
  const began = Date.now()
  process.stderr.write(`${title} … `)
  const { status, stdout, stderr, error } = spawnSync(command, words, {
    cwd,
    env: environment(),
    encoding: "utf8",
    shell: process.platform === "win32",
  })
  if (status === 0) {
    process.stderr.write(`${((Date.now() - began) / 1000).toFixed(1)} s\n`)
    return
  }
  process.stderr.write(`failed\n${error ? `${error.message}\n` : ""}${stdout ?? ""}${stderr ?? ""}\n`)
  process.exit(1)
}

// Settings that npm hands to its scripts would reach the inner npm and pnpm as if the user had given them.
function environment() {
  const inherited = Object.entries(process.env).filter(([variable]) => !/^npm_/i.test(variable))
  const path = [
    join(toolchain, "node_modules", ".bin"),
    join(root, "node_modules", ".bin"),
    process.env.PATH ?? "",
  ].join(delimiter)
  return { ...Object.fromEntries(inherited), PATH: path, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" }
}

function stampOf(files, ...facts) {
  const hash = createHash("sha256")
  for (const file of files) hash.update(readFileSync(file))
  return hash.update(facts.join(" ")).digest("hex")
}

function isStamped(folder, stamp) {
  const file = join(folder, ".aegis-stamp")
  return existsSync(file) && readFileSync(file, "utf8") === stamp
}

function writeStamp(folder, stamp) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, ".aegis-stamp"), stamp)
}

/** Two at once install one after the other. A lock whose owner is gone is taken over. */
async function withLock(action) {
  const lock = join(toolchain, ".lock")
  while (!tryLock(lock)) await new Promise((resolve) => setTimeout(resolve, 200))
  try {
    await action()
  } finally {
    rmSync(lock, { force: true })
  }
}

function tryLock(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" })
    return true
  } catch (error) {
    if (error.code !== "EEXIST") throw error
    if (isAbandoned(lock)) rmSync(lock, { force: true })
    return false
  }
}

function isAbandoned(lock) {
  try {
    process.kill(Number(readFileSync(lock, "utf8")), 0)
    return false
  } catch (error) {
    return error.code === "ESRCH"
  }
}

/** The job gets our signals, and does not outlive the npm that started us: npm dies of SIGTERM without passing it on. */
function run([command, words]) {
  const child = spawn(command, words, { cwd: root, env: environment(), stdio: "inherit" })
  const parent = process.ppid
  const watch = setInterval(() => process.ppid !== parent && child.kill("SIGTERM"), 500)
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal))
  return new Promise((resolve) => {
    child.once("error", (error) => {
      process.stderr.write(`${command} could not be started: ${error.message}\n`)
      process.exit(1)
    })
    child.once("close", (code, signal) => {
      clearInterval(watch)
      process.exitCode = code ?? (signal === "SIGINT" ? 130 : 1)
      resolve(undefined)
    })
  })
}

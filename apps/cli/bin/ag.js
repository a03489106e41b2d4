#!/usr/bin/env node
// Runs the built program where there is one, else the source. It has no dependencies and parses on any Node, because
// the check of Node's version stands before everything: what comes after would crash on an old one without a word.
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import module from "node:module"
import { homedir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const built = new URL("../dist/bin.js", import.meta.url)
const source = new URL("../src/bin.ts", import.meta.url)
const toolchain = fileURLToPath(new URL("../../../tooling/toolchain/node_modules/.bin/node", import.meta.url))

// Compiled modules are kept for the next start, which is then a third faster. Node's own place for them is the system's
// temporary folder, where others could put theirs first. Threads and servers of ours have it from here; agents do not.
if (!process.env.NODE_COMPILE_CACHE) process.env.NODE_COMPILE_CACHE = join(cacheFolder(), "aegis", "compiled")

if (existsSync(source)) runSource()
else if (isFit(process.versions.node)) await runBuilt()
else refuse()

async function runBuilt() {
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE)
  await import(built.href)
}

// A checkout: this Node if it will do, else the one that `npm run setup\n` brought.
function runSource() {
  const node = isFit(process.versions.node) ? process.execPath : toolchain
  if (!existsSync(node)) refuse()
  const flags = ["--conditions=@aegis/source", "--disable-warning=ExperimentalWarning"]
  const child = spawn(node, [...flags, fileURLToPath(source), ...process.argv.slice(2)], { stdio: "inherit" })
  // A terminal sends Ctrl+C to both of us; what anybody else sends comes to this process alone.
  process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"))
  for (const signal of ["SIGTERM", "SIGHUP", "SIGUSR2"]) process.on(signal, () => child.kill(signal))
  child.once("close", (code, signal) => {
    process.exitCode = code ?? (signal === "SIGINT" ? 130 : 1)
  })
}

function cacheFolder() {
  if (process.platform === "win32" && process.env.LOCALAPPDATA) return process.env.LOCALAPPDATA
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches")
  return process.env.XDG_CACHE_HOME || join(homedir(), ".cache")
}

function isFit(version) {
  const [major, minor] = version.split(".").map(Number)
  return (major === 22 && minor >= 18) || (major === 24 && minor >= 11) || (major >= 26 && major % 2 === 0)
}

function refuse() {
  process.stderr.write(
    `ag needs Node 22.18, 24.11 or 26 and later, and this is ${process.versions.node}. Install one of them (nodejs.org), or in a checkout run: npm run setup\n`,
  )
  process.exit(1)
}

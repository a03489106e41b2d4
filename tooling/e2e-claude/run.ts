import { spawnSync } from "node:child_process"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { folder, installedLock, wantedLock } from "./installed.ts"

// `pnpm e2e:claude`: installs the real agent beside this file, where no other command looks, and runs its tests by name.

process.exitCode = install() ? test() : 1

function install() {
  if (installedLock() === wantedLock()) return true
  const began = performance.now()
  process.stderr.write("installing the real agent (about 400 MB) … ")
  rmSync(`${folder}node_modules`, { recursive: true, force: true })
  const words = ["ci", "--no-audit", "--no-fund"]
  const { status, stderr } = spawnSync("npm", words, {
    cwd: folder,
    encoding: "utf8",
    shell: process.platform === "win32",
  })
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  process.stderr.write(status === 0 ? `${seconds} s\n` : `failed after ${seconds} s\n${stderr}\n`)
  if (status !== 0) return false
  mkdirSync(`${folder}node_modules`, { recursive: true })
  // Last of all: half an installation has no stamp.
  writeFileSync(`${folder}node_modules/.aegis-stamp`, wantedLock())
  return true
}

function test() {
  const words = [
    "run",
    "--config",
    "e2e-claude/vitest.ts",
    "--reporter=verbose",
    "e2e-claude",
    ...process.argv.slice(2),
  ]
  const cwd = fileURLToPath(new URL("..", import.meta.url))
  return spawnSync("vitest", words, { cwd, stdio: "inherit", shell: process.platform === "win32" }).status ?? 1
}

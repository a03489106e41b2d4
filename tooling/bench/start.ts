import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { type BenchOptions, machineLine, median, megabytes, milliseconds, toTable } from "./figures.ts"
import { readRss } from "./read-rss.ts"

const program = fileURLToPath(new URL("../../apps/cli/src/bin.ts", import.meta.url))
const IDLE_MS = 1000
/** Where compiled modules are kept from one start to the next, as `ag` has them kept. */
const compiled = mkdtempSync(join(tmpdir(), "aegis-bench-compiled-"))
process.once("exit", () => rmSync(compiled, { recursive: true, force: true }))

interface Start {
  readonly nodeMs: number
  readonly healthMs: number
  readonly rss: number
}

/** A server on a fresh data directory, from source; beside it, what Node itself needs to begin. */
export async function benchStart({ runs, json }: BenchOptions) {
  const starts: Start[] = []
  await startOnce()
  for (let run = 0; run < runs; run++) starts.push(await startOnce())
  const of = (pick: (start: Start) => number) => median(starts.map(pick))
  const figures = {
    nodeMs: of(({ nodeMs }) => nodeMs),
    healthMs: of(({ healthMs }) => healthMs),
    rss: of(({ rss }) => rss),
  }
  if (json) console.log(JSON.stringify({ machine: machineLine(), ...figures }))
  else console.log(toReport(figures, runs))
  return true
}

async function startOnce(): Promise<Start> {
  const stateDir = mkdtempSync(join(tmpdir(), "aegis-bench-"))
  const nodeMs = await timeOf(async () => {
    await once(spawn(process.execPath, ["-e", "0"]), "close")
  })
  try {
    return await withServer(stateDir, async ({ healthMs, pid }) => {
      await pause(IDLE_MS)
      return { nodeMs, healthMs, rss: readRss(pid) }
    })
  } finally {
    rmSync(stateDir, { recursive: true, force: true })
  }
}

interface StartedServer {
  readonly url: string
  readonly pid: number
  /** From its start to its first answer. */
  readonly healthMs: number
}

/** A server from source on the data directory, for as long as it is used. */
export async function withServer<T>(
  stateDir: string,
  use: (server: StartedServer) => Promise<T>,
  settings: Readonly<Record<string, string>> = {},
): Promise<T> {
  const port = await freePort()
  const flags = ["--conditions=@aegis/source", "--disable-warning=ExperimentalWarning"]
  const own = { AEGIS_PORT: String(port), AEGIS_STATE_DIR: stateDir, AEGIS_LOG_LEVEL: "silent" }
  const env = { ...process.env, NODE_COMPILE_CACHE: compiled, ...own, ...settings }
  const began = performance.now()
  const server = spawn(process.execPath, [...flags, program, "server", "run"], { env, stdio: "ignore" })
  const closed = once(server, "close")
  try {
    const url = `http://127.0.0.1:${port}`
    await answer(`${url}/v1/health`)
    return await use({ url, pid: server.pid ?? 0, healthMs: performance.now() - began })
  } finally {
    server.kill("SIGTERM")
    await closed
  }
}

async function timeOf(action: () => Promise<void>) {
  const began = performance.now()
  await action()
  return performance.now() - began
}

async function answer(url: string) {
  for (const deadline = performance.now() + 30_000; performance.now() < deadline; await pause(2)) {
    const response = await fetch(url).catch(() => undefined)
    if (response?.ok) return
  }
  throw new Error(`${url} has not answered within 30 s.`)
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  return typeof address === "object" && address !== null ? address.port : 0
}

function toReport({ nodeMs, healthMs, rss }: Start, runs: number) {
  const rows = [
    ["", "ms", "of Node alone"],
    ["Node alone, doing nothing", milliseconds(nodeMs), "1.0"],
    ["server, to its first answer", milliseconds(healthMs), (healthMs / nodeMs).toFixed(1)],
  ]
  return [
    `The server from source on a fresh data directory, median of ${runs} runs. ${machineLine()}`,
    "",
    toTable(rows),
    "",
    `Idle after a second: ${rss === 0 ? "not told by this system" : megabytes(rss)} resident.`,
  ].join("\n")
}

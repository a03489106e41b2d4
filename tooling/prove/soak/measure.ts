import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { readRss } from "../../bench/read-rss.ts"

/** To be loaded before a server that is asked for `measureLive`. */
export const measureProgram = fileURLToPath(new URL("measure-program.ts", import.meta.url))

/** What the system says of a process. */
export interface Holding {
  readonly rss: number
  readonly descriptors: number
  readonly children: number
}

/** What a server says of itself when all garbage is collected: bytes, less what is compiled, and timers that run. */
export interface Live {
  readonly live: number
  readonly timers: number
}

const MEASURE_MS = 10_000

export function holdingOf(pid: number): Holding {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean)
  return { rss: readRss(pid), descriptors: readdirSync(`/proc/${pid}/fd`).length, children: children.length }
}

export async function measureLive({
  pid,
  stateDir,
}: {
  readonly pid: number
  readonly stateDir: string
}): Promise<Live> {
  const path = join(stateDir, "measured.json")
  rmSync(path, { force: true })
  process.kill(pid, "SIGUSR2")
  for (const deadline = performance.now() + MEASURE_MS; !existsSync(path); ) {
    if (performance.now() > deadline) throw new Error("The server does not say what it holds.")
    await pause(10)
  }
  return JSON.parse(readFileSync(path, "utf8")) as Live
}

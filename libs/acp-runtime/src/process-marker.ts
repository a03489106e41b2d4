import { readFileSync } from "node:fs"
import { readdir, readFile } from "node:fs/promises"
import { setTimeout as delay } from "node:timers/promises"
import { statFields } from "./is-process-alive.ts"

/** Every agent, and all that it starts, carries this variable: `<hostId>:<runId>`. */
export const MARKER_VARIABLE = "AEGIS_AGENT_RUN"

export interface EndMarkedOptions {
  readonly isMarked: (marker: string) => boolean
  readonly deadlineMs?: number
}

/**
 * Ends every process whose marker matches, and returns how many; again and again until none is left, because a process
 * may have started another meanwhile. Never ends this process or what it was started by. Where there is no /proc: none.
 */
export async function endMarked({ isMarked, deadlineMs = 30_000 }: EndMarkedOptions): Promise<number> {
  const ended = new Set<string>()
  const deadline = Date.now() + deadlineMs
  const spared = lineage()
  for (let quietRounds = 0; quietRounds < QUIET_ROUNDS && Date.now() <= deadline; quietRounds++) {
    const pids = (await findMarked(isMarked)).filter((pid) => !spared.has(pid))
    if (pids.length > 0) quietRounds = -1
    for (const pid of pids) {
      const startedAt = endIfMarked(pid, isMarked)
      if (startedAt !== undefined) ended.add(`${pid}@${startedAt}`)
    }
    // An ended process keeps its environment until the kernel has taken it down.
    await delay(POLL_MS)
  }
  return ended.size
}

const POLL_MS = 10
/** A process that is just becoming another program shows no environment for a moment: it is looked for again. */
const QUIET_ROUNDS = 3

async function findMarked(isMarked: (marker: string) => boolean): Promise<number[]> {
  const names = await readdir("/proc").catch(() => [])
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number)
  const markers = await Promise.all(
    pids.map(async (pid) => markerIn(await readFile(environOf(pid), "utf8").catch(() => ""))),
  )
  return pids.filter((_, index) => isMarked(markers[index] ?? ""))
}

/** Looks again with nothing in between, so that a pid which now belongs to another process is left alone. */
function endIfMarked(pid: number, isMarked: (marker: string) => boolean) {
  try {
    const startedAt = startTime(pid)
    if (!isMarked(markerIn(readFileSync(environOf(pid), "utf8"))) || startTime(pid) !== startedAt) return undefined
    process.kill(pid, "SIGKILL")
    return startedAt
  } catch {
    // It went by itself.
    return undefined
  }
}

function environOf(pid: number) {
  return `/proc/${pid}/environ`
}

function markerIn(environ: string) {
  const variable = environ.split("\0").find((entry) => entry.startsWith(`${MARKER_VARIABLE}=`))
  return variable?.slice(MARKER_VARIABLE.length + 1) ?? ""
}

/** This process and its parents: a server that was started under an agent must not end itself. */
function lineage() {
  const pids = new Set<number>()
  for (let pid = process.pid; pid > 0 && !pids.has(pid); pid = parentOf(pid)) pids.add(pid)
  return pids
}

function parentOf(pid: number) {
  try {
    return Number(statFields(pid)[1])
  } catch {
    // No /proc, or a parent that may not be seen: the line ends here.
    return 0
  }
}

function startTime(pid: number) {
  return statFields(pid)[19] ?? ""
}

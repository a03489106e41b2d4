import { readdirSync, readFileSync } from "node:fs"
import { setTimeout as pause } from "node:timers/promises"

/** Holds processes where they are; resolves when none of their threads runs. A system call that was begun is finished. */
export async function freeze(pids: readonly number[]) {
  signal(pids, "SIGSTOP")
  while (pids.some((pid) => threadStates(pid).some((state) => !"TtZX".includes(state)))) await pause(1)
}

export function thaw(pids: readonly number[]) {
  signal(pids, "SIGCONT")
}

function signal(pids: readonly number[], name: NodeJS.Signals) {
  for (const pid of pids) {
    try {
      process.kill(pid, name)
    } catch {
      // Gone meanwhile: it writes nothing any more.
    }
  }
}

function threadStates(pid: number) {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) => {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8")
      // After the name, which is in brackets and may hold any.
      return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3)
    })
  } catch {
    // Gone meanwhile.
    return []
  }
}

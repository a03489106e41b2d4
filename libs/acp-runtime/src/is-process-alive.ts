import { readFileSync } from "node:fs"

/**
 * Whether the process still runs and is ours to signal. One that has ended and that its parent has not been told of yet
 * (in a container often never: nobody waits there for what lost its parent) does not.
 */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  try {
    return !/^[ZX]/.test(statFields(pid)[0] ?? "")
  } catch {
    // Without /proc the signal is all that can be asked.
    return process.platform !== "linux"
  }
}

/** The fields of /proc/PID/stat from the third on; the second, a name in parentheses, may contain anything. */
export function statFields(pid: number): readonly string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")
}

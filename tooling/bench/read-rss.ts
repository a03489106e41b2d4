import { readFileSync } from "node:fs"

/** The resident memory of a process, in bytes; 0 where the system does not tell it this way. */
export function readRss(pid: number) {
  try {
    const [, kilobytes = "0"] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? []
    return Number(kilobytes) * 1024
  } catch {
    // No /proc here.
    return 0
  }
}

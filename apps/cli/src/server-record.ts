import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"

/** What a running server writes beside its data: where it is. Checked for truth by whoever reads it, never trusted. */
export interface ServerRecord {
  readonly url: string
  readonly pid: number
  readonly startedAt: string
}

export function readServerRecord(stateDir: string): ServerRecord | undefined {
  try {
    return JSON.parse(readFileSync(pathOf(stateDir), "utf8")) as ServerRecord
  } catch {
    // None, or half written by a hand: no server is known.
    return undefined
  }
}

export function writeServerRecord(stateDir: string, record: ServerRecord) {
  const draft = `${pathOf(stateDir)}.${process.pid}`
  writeFileSync(draft, JSON.stringify(record), { mode: 0o600 })
  renameSync(draft, pathOf(stateDir))
}

/** Only one's own: a successor's stays. */
export function removeServerRecord(stateDir: string) {
  if (readServerRecord(stateDir)?.pid === process.pid) rmSync(pathOf(stateDir), { force: true })
}

function pathOf(stateDir: string) {
  return join(stateDir, "server.json")
}

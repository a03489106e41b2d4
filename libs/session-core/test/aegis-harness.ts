import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { LogEntry } from "@aegis/event-log"
import { afterEach } from "vitest"
import type { SessionEvent } from "../src/events.ts"
import type { Aegis } from "../src/index.ts"
import { type OpenAegisOptions, type OpenedAegis, openAegis } from "../src/node.ts"

/** Folders and running cores of a test; all are gone after it, with the agents. */
export function useAegis() {
  const folders: string[] = []
  const opened: OpenedAegis[] = []
  const temporary = (name: string) => {
    const folder = mkdtempSync(join(tmpdir(), `aegis-${name}-`))
    folders.push(folder)
    return folder
  }
  afterEach(async () => {
    for (const aegis of opened.splice(0)) await aegis.close()
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
  })
  return {
    temporary,
    async open(options: Partial<OpenAegisOptions> = {}) {
      const aegis = await openAegis({ stateDir: temporary("state"), env: process.env, ...options })
      opened.push(aegis)
      return aegis
    },
  }
}

export const script = (...lines: string[]) => ["#script", ...lines].join("\n")

/** All entries up to the `count`th that matches: waits for it. */
export async function until(aegis: Aegis, sessionId: string, matches: (event: SessionEvent) => boolean, count = 1) {
  const seen: LogEntry<SessionEvent>[] = []
  let found = 0
  for await (const page of aegis.tail({ sessionId, after: 0 })) {
    // A session's stream has the events of sessions only.
    for (const entry of page as readonly LogEntry<SessionEvent>[]) {
      seen.push(entry)
      if (matches(entry.event)) found += 1
      if (found === count) return seen
    }
  }
  throw new Error("The log ended before the event came.")
}

/** Up to where an event of each type has been: two of them may be written in either order. */
export async function untilEach(aegis: Aegis, sessionId: string, types: readonly SessionEvent["type"][]) {
  const missing = new Set(types)
  return until(aegis, sessionId, ({ type }) => missing.delete(type) && missing.size === 0)
}

export const isType = (type: SessionEvent["type"]) => (event: SessionEvent) => event.type === type

/** The assistant's text so far. */
export function textOf(entries: readonly LogEntry<SessionEvent>[]) {
  return entries.map(({ event }) => (event.type === "message.delta" ? event.data.text : "")).join("")
}

/** Processes that carry the marker of one of our agents' runs. */
export function markedProcesses(runId: string) {
  return readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && environmentOf(pid).includes(runId))
}

function environmentOf(pid: string) {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8")
  } catch {
    // Gone meanwhile, or of another user.
    return ""
  }
}

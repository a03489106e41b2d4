import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { expect } from "vitest"
import type { SystemEvent } from "../src/events.ts"

interface Seen {
  readonly seq: number
  readonly event: SystemEvent
}

/** A core in a process of its own, told what to do, killed with -9 at an event of its work. */
export async function killAt(
  at: (event: SystemEvent, index: number) => boolean,
  told: object,
): Promise<readonly Seen[]> {
  const program = fileURLToPath(new URL("fixtures/work-until-killed.ts", import.meta.url))
  const flags = ["--conditions=@aegis/source", "--disable-warning=ExperimentalWarning"]
  const words = [...flags, program, JSON.stringify(told)]
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] })
  const seen: Seen[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    const next = JSON.parse(line) as Seen
    if (at(next.event, seen.length)) child.kill("SIGKILL")
    seen.push(next)
  }
  if (child.signalCode === null) await once(child, "exit")
  expect(child.signalCode).toBe("SIGKILL")
  return seen
}

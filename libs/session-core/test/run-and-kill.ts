import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { expect } from "vitest"
import type { SessionEvent } from "../src/events.ts"
import type { OpenAegisOptions } from "../src/node.ts"

export interface RunAndKillOptions {
  readonly stateDir: string
  readonly workDir: string
  readonly prompt: string
  readonly agentHost?: OpenAegisOptions["agentHost"]
  /** Allow what the agent asks, as soon as it asks. */
  readonly approve?: boolean
  /** As JSON. */
  readonly policyText?: string
  /** The event at which the core is killed. */
  readonly at: (event: SessionEvent, index: number) => boolean
}

/** A core in a process of its own, with one prompt, killed with -9; everything that it printed until then. */
export async function runAndKill({
  stateDir,
  workDir,
  prompt,
  agentHost,
  approve,
  policyText = "",
  at,
}: RunAndKillOptions) {
  const program = fileURLToPath(new URL("fixtures/run-until-killed.ts", import.meta.url))
  const flags = ["--conditions=@aegis/source", "--disable-warning=ExperimentalWarning"]
  const words = [stateDir, workDir, prompt, agentHost ?? "in-process", approve ? "approve" : "", policyText]
  const child = spawn(process.execPath, [...flags, program, ...words], { stdio: ["ignore", "pipe", "inherit"] })
  const seen: { json: string; event: SessionEvent }[] = []
  for await (const json of createInterface({ input: child.stdout })) {
    const event = JSON.parse(json) as SessionEvent
    if (at(event, seen.length)) child.kill("SIGKILL")
    seen.push({ json, event })
  }
  if (child.signalCode === null) await once(child, "exit")
  expect(child.signalCode).toBe("SIGKILL")
  return seen
}

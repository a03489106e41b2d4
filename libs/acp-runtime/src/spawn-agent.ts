import { type ChildProcessByStdio, spawn } from "node:child_process"
import { once } from "node:events"
import type { Readable, Writable } from "node:stream"
import { AcpError } from "./acp-error.ts"
import type { AgentSpawn } from "./agent-host.ts"
import { openWorkFolder } from "./open-work-folder.ts"
import { MARKER_VARIABLE } from "./process-marker.ts"

export type AgentChild = ChildProcessByStdio<Writable, Readable, Readable>

/** An agent as a child of this process, leader of a process group of its own, marked as what it is. */
export async function spawnAgent(wanted: AgentSpawn, marker: string): Promise<AgentChild> {
  const folder = await openWorkFolder(wanted.cwd)
  try {
    const child = spawnChild({ ...wanted, cwd: folder.path }, marker)
    await once(child, "spawn").catch((error: unknown) => {
      throw toStartError(wanted.command, error)
    })
    return child
  } finally {
    // Not waited for: a run that is short would have ended by then, with nobody who listens.
    void folder.close()
  }
}

function spawnChild({ command, args, cwd, env }: AgentSpawn, marker: string): AgentChild {
  const marked = { ...env, [MARKER_VARIABLE]: marker }
  try {
    return spawn(command, args, {
      cwd,
      env: marked,
      detached: true,
      windowsHide: true,
      stdio: ["pipe", "pipe", "pipe"],
    })
  } catch (error) {
    throw toStartError(command, error)
  }
}

function toStartError(command: string, error: unknown) {
  const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT"
  if (isMissing) {
    const advice = "Install it, or set the agent's command in the configuration."
    return new AcpError("agent-not-found", `The agent's program "${command}" was not found. ${advice}`, {
      cause: error,
    })
  }
  const message = error instanceof Error ? error.message : String(error)
  return new AcpError("agent-start-failed", `The agent's program "${command}" could not be started: ${message}`, {
    cause: error,
  })
}

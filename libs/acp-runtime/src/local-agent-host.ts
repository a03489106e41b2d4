import { spawn } from "node:child_process"
import { once } from "node:events"
import { stat } from "node:fs/promises"
import { AcpError } from "./acp-error.ts"
import type { AgentHost, AgentLink, AgentSpawn } from "./agent-host.ts"
import { type AgentLimits, AgentProcess } from "./agent-process.ts"
import { MARKER_VARIABLE } from "./process-marker.ts"

export interface LocalAgentHostOptions extends Partial<AgentLimits> {
  /** Marks the processes as this host's, so that a later start finds what a crash left. Without a colon. */
  readonly hostId: string
}

/** An agent host inside this process: its agents lose their pipes when this process ends. */
export function createLocalAgentHost({ hostId, ...limits }: LocalAgentHostOptions): AgentHost {
  return new LocalAgentHost(hostId, { ...DEFAULT_LIMITS, ...limits })
}

const MEGABYTE = 1024 * 1024

const DEFAULT_LIMITS: AgentLimits = {
  spoolBytes: 32 * MEGABYTE,
  frameBytes: 16 * MEGABYTE,
  stdinBytes: 32 * MEGABYTE,
  stderrBytes: 16 * 1024,
  graceMs: 5000,
}

class LocalAgentHost implements AgentHost {
  readonly #hostId: string
  readonly #limits: AgentLimits
  readonly #links = new Map<string, Promise<AgentLink>>()
  #isClosed = false

  constructor(hostId: string, limits: AgentLimits) {
    this.#hostId = hostId
    this.#limits = limits
  }

  async start(wanted: AgentSpawn): Promise<AgentLink> {
    if (this.#isClosed) throw new AcpError("host-closed", "The agent host is closed: no agent can be started.")
    if (this.#links.has(wanted.runId)) throw new AcpError("agent-start-failed", `Run ${wanted.runId} is there already.`)
    const starting = this.#spawn(wanted)
    this.#links.set(wanted.runId, starting)
    const forget = () => this.#links.delete(wanted.runId)
    starting.then((link) => link.exited.then(forget), forget)
    return starting
  }

  async attach(runId: string) {
    return this.#links.get(runId)
  }

  async close() {
    this.#isClosed = true
    const links = await Promise.allSettled([...this.#links.values()])
    await Promise.all(links.flatMap((link) => (link.status === "fulfilled" ? [link.value.stop()] : [])))
  }

  async #spawn({ runId, command, args, env, cwd }: AgentSpawn): Promise<AgentLink> {
    await checkFolder(cwd)
    const marker = `${this.#hostId}:${runId}`
    const child = spawnChild(command, args, { cwd, env: { ...env, [MARKER_VARIABLE]: marker } })
    await once(child, "spawn").catch((error: unknown) => {
      throw toStartError(command, error)
    })
    return new AgentProcess(child, { runId, pid: child.pid ?? 0, marker, limits: this.#limits })
  }
}

/** A missing folder would otherwise look like a missing program. */
async function checkFolder(cwd: string) {
  const found = await stat(cwd).catch(() => undefined)
  if (!found?.isDirectory())
    throw new AcpError("agent-start-failed", `The agent cannot start in ${cwd}: there is no such folder.`)
}

function spawnChild(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Record<string, string> },
) {
  try {
    return spawn(command, args, { ...options, detached: true, windowsHide: true, stdio: ["pipe", "pipe", "pipe"] })
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

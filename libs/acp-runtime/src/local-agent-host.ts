import { AcpError } from "./acp-error.ts"
import type { AgentExit, AgentHost, AgentSpawn, OutboundFrame, StartedAgent } from "./agent-host.ts"
import { AGENT_LIMITS, type AgentLimits } from "./agent-limits.ts"
import { AgentProcess } from "./agent-process.ts"
import { spawnAgent } from "./spawn-agent.ts"
import { Spool } from "./spool.ts"

export interface LocalAgentHostOptions extends Partial<AgentLimits> {
  /** Marks the processes as this host's, so that a later start finds what a crash left. Without a colon. */
  readonly hostId: string
}

/** An agent host inside this process: its agents lose their pipes when this process ends. */
export function createLocalAgentHost({ hostId, ...limits }: LocalAgentHostOptions): AgentHost {
  return new LocalAgentHost(hostId, { ...AGENT_LIMITS, ...limits })
}

class LocalAgentHost implements AgentHost {
  readonly #hostId: string
  readonly #limits: AgentLimits
  readonly #links = new Map<string, Promise<StartedAgent>>()
  #isClosed = false

  constructor(hostId: string, limits: AgentLimits) {
    this.#hostId = hostId
    this.#limits = limits
  }

  async start(wanted: AgentSpawn): Promise<StartedAgent> {
    if (this.#isClosed) throw new AcpError("host-closed", "The agent host is closed: no agent can be started.")
    if (this.#links.has(wanted.runId)) throw new AcpError("agent-start-failed", `Run ${wanted.runId} is there already.`)
    const starting = this.#spawn(wanted)
    this.#links.set(wanted.runId, starting)
    const forget = () => this.#links.delete(wanted.runId)
    starting.then((link) => link.exited.then(forget), forget)
    return starting
  }

  async runs() {
    return [...this.#links.keys()]
  }

  async attach(runId: string) {
    return this.#links.get(runId)
  }

  async close() {
    this.#isClosed = true
    const links = await Promise.allSettled([...this.#links.values()])
    await Promise.all(links.flatMap((link) => (link.status === "fulfilled" ? [link.value.stop()] : [])))
  }

  async #spawn(wanted: AgentSpawn): Promise<StartedAgent> {
    const marker = `${this.#hostId}:${wanted.runId}`
    const child = await spawnAgent(wanted, marker)
    let agent: AgentProcess | undefined
    const spool = new Spool({ bound: this.#limits.spoolBytes, onFull: (isFull) => agent?.hold(isFull) })
    agent = new AgentProcess(child, { ...wanted, marker, limits: this.#limits, output: spool })
    return new LocalAgentLink(agent, spool)
  }
}

class LocalAgentLink implements StartedAgent {
  readonly #agent: AgentProcess
  readonly #spool: Spool

  constructor(agent: AgentProcess, spool: Spool) {
    this.#agent = agent
    this.#spool = spool
  }

  get runId() {
    return this.#agent.runId
  }

  get pid() {
    return this.#agent.pid
  }

  get exited(): Promise<AgentExit> {
    return this.#agent.exited
  }

  frames({ after, signal }: { readonly after: number; readonly signal?: AbortSignal }) {
    return this.#spool.read(after, signal)
  }

  get isLinked() {
    return true
  }

  watch() {
    // Its pipes are this process's own.
  }

  send(frame: OutboundFrame) {
    return this.#agent.send(frame)
  }

  acknowledge(offset: number) {
    this.#spool.acknowledge(offset)
  }

  stop(options?: { readonly graceMs?: number }) {
    return this.#agent.stop(options)
  }

  release() {
    // Nothing is kept of an agent that has ended.
  }
}

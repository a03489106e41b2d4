import { spawn } from "node:child_process"
import { closeSync, existsSync, openSync, readdirSync } from "node:fs"
import { setTimeout as delay } from "node:timers/promises"
import { AcpError } from "./acp-error.ts"
import { createAgentEnvironment } from "./agent-environment.ts"
import type { AgentHost, AgentLink, AgentSpawn, StartedAgent } from "./agent-host.ts"
import type { AgentLimits } from "./agent-limits.ts"
import { DetachedAgentLink, type HostAccess } from "./detached-agent-link.ts"
import { HostConnection, type HostNews, type HostRequest } from "./host-connection.ts"
import { type HostFolder, openHostFolder } from "./host-folder.ts"
import type { EndedRun, HostMessage, ToHost } from "./host-message.ts"
import { isProcessAlive } from "./is-process-alive.ts"
import { programPath } from "./program-path.ts"
import { SpooledAgentLink } from "./spooled-agent-link.ts"
import { sweepAgents } from "./sweep-agents.ts"

export interface DetachedAgentHostOptions extends Partial<AgentLimits> {
  /** Of the data directory, for the host alone; made (0700) when absent. Its real path. */
  readonly folder: string
  /** Marks the processes as this host's. Without a colon. */
  readonly hostId: string
  /** What the host's own process inherits from, less all that is not on the allow-list. */
  readonly env: Readonly<Record<string, string | undefined>>
}

const ATTEMPTS = 5

interface FoundRun {
  readonly pid: number
  readonly ended?: EndedRun
}

/** A host holds little and lives long: what passes through it is collected soon, and not when there is many times as much. */
const HOST_FLAGS = ["--disable-warning=ExperimentalWarning", "--max-semi-space-size=2", "--heap-growing-percent=20"]
const GONE_MS = 5000
const POLL_MS = 5

/** A process that has said goodbye takes a moment to be gone. */
async function untilGone(pid: number) {
  for (const deadline = Date.now() + GONE_MS; isProcessAlive(pid) && Date.now() < deadline; ) await delay(POLL_MS)
}

/**
 * The agent host of a data directory: a process of its own, begun with the first agent, whose agents outlive this one.
 * Joins the one that is there, ends what agents of a dead one left, and never starts a second. Rejects with
 * `host-unreachable` when the one that is there cannot be talked to.
 */
export async function openDetachedAgentHost(options: DetachedAgentHostOptions): Promise<AgentHost> {
  const host = new DetachedAgentHost(options)
  await host.join()
  return host
}

class DetachedAgentHost implements AgentHost, HostAccess {
  readonly #folder: HostFolder
  readonly #options: DetachedAgentHostOptions
  readonly #links = new Map<string, DetachedAgentLink>()
  /** Undefined in it: there is no host, or not any more. */
  #connection: Promise<HostConnection | undefined> = Promise.resolve(undefined)
  #current: HostConnection | undefined
  #starting: Promise<HostConnection> | undefined
  #isClosed = false

  constructor(options: DetachedAgentHostOptions) {
    this.#options = options
    this.#folder = openHostFolder(options.folder)
  }

  async join() {
    const connection = await this.#open()
    const except = connection ? ((await connection.request({ type: "runs" })) as string[]) : []
    await sweepAgents({ hostId: this.#options.hostId, except })
  }

  async start(wanted: AgentSpawn): Promise<StartedAgent> {
    const { runId } = wanted
    await this.#ensure()
    if (this.#links.has(runId)) throw new AcpError("agent-start-failed", `Run ${runId} is there already.`)
    // There before the answer: the agent's end may come with it.
    const link = this.#link(runId)
    try {
      const { pid } = (await this.request({ ...wanted, type: "start" })) as { readonly pid: number }
      link.pid = pid
      return link
    } catch (error) {
      this.#links.delete(runId)
      throw error
    }
  }

  async attach(runId: string): Promise<AgentLink | undefined> {
    const known = this.#links.get(runId)
    if (known) return known
    if (await this.#connection) {
      const link = this.#link(runId)
      if (await this.#find(link)) return link
      this.#links.delete(runId)
    }
    const left = this.#folder.runFolder(runId)
    return existsSync(left) ? new SpooledAgentLink(runId, left) : undefined
  }

  async runs() {
    const living = (await this.#connection) ? ((await this.request({ type: "runs" })) as string[]) : []
    return [...new Set([...living, ...readdirSync(this.#folder.runsFolder)])]
  }

  async close({ keepAgents = false }: { readonly keepAgents?: boolean } = {}) {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#starting?.catch(() => undefined)
    const connection = await this.#connection
    if (keepAgents) return connection?.end()
    if (!connection) return
    await connection.request({ type: "shutdown" }).catch(() => undefined)
    await connection.closed
    await untilGone(connection.pid)
  }

  async request(request: HostRequest, payload?: Buffer): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await (await this.#connected()).request(request, payload)
      } catch (error) {
        // The host may have ended the connection only; asking again has no second effect.
        if (!AcpError.is(error) || error.code !== "host-lost" || attempt === ATTEMPTS) throw error
      }
    }
  }

  tell(message: ToHost) {
    this.#current?.tell(message)
  }

  async #connected() {
    const connection = await this.#connection
    if (!connection) throw new AcpError("agent-exited", "The agent host is gone, and its agents with it.")
    return connection
  }

  /** Whether the host has the run; then the link knows its process, and whether that has ended. */
  async #find(link: DetachedAgentLink) {
    const { runId } = link
    const found = (await this.request({ type: "attach", runId })) as FoundRun | undefined
    if (!found) return false
    link.pid = found.pid
    if (found.ended) link.onExited(found.ended)
    return true
  }

  #link(runId: string) {
    const link = new DetachedAgentLink(this, { runId, onRelease: () => this.#links.delete(runId) })
    this.#links.set(runId, link)
    return link
  }

  /** The connection to the living host, if there is one. */
  async #open() {
    const connection = await HostConnection.open(this.#folder, (message) => this.#onNews(message))
    this.#current = connection
    this.#connection = Promise.resolve(connection)
    void connection?.closed.then(() => this.#lost())
    return connection
  }

  #onNews({ head, payload }: HostMessage<HostNews>) {
    const link = this.#links.get(head.runId)
    if (head.type === "output") link?.onOutput(head.reader, head.from, payload)
    else link?.onExited(head)
  }

  #lost() {
    this.#current = undefined
    if (this.#isClosed) return
    for (const link of this.#links.values()) link.disconnected()
    this.#connection = this.#recover()
  }

  async #recover() {
    const connection = await this.#open().catch(() => undefined)
    if (connection) this.#rejoin()
    else await this.#settle()
    return connection
  }

  #rejoin() {
    // A connection that is lost once more is joined once more.
    for (const link of this.#links.values()) this.#rejoinOne(link).catch(() => undefined)
  }

  async #rejoinOne(link: DetachedAgentLink) {
    if (await this.#find(link)) return link.reconnected()
    this.#links.delete(link.runId)
    link.hostDied(this.#spooled(link.runId))
  }

  #spooled(runId: string) {
    return new SpooledAgentLink(runId, this.#folder.runFolder(runId))
  }

  // Agents do not outlive their host: nobody could read them any more.
  async #settle() {
    await sweepAgents({ hostId: this.#options.hostId })
    for (const [runId, link] of this.#links) link.hostDied(this.#spooled(runId))
    this.#links.clear()
  }

  async #ensure(): Promise<HostConnection> {
    if (this.#isClosed) throw new AcpError("host-closed", "The agent host is closed: no agent can be started.")
    const connection = await this.#connection
    if (connection) return connection
    this.#starting ??= this.#startHost().finally(() => {
      this.#starting = undefined
    })
    return this.#starting
  }

  async #startHost() {
    const { hostId, folder, env, ...limits } = this.#options
    const log = openSync(this.#folder.logPath, "a", 0o600)
    const words = [programPath("agent-host-program"), folder, hostId, JSON.stringify(limits)]
    const child = spawn(process.execPath, [...HOST_FLAGS, ...words], {
      detached: true,
      windowsHide: true,
      stdio: ["ignore", "pipe", log],
      env: createAgentEnvironment({ inherit: env, names: ["NODE_COMPILE_CACHE"] }),
      cwd: folder,
    })
    child.on("error", () => {})
    closeSync(log)
    // Its one line, or its end without one.
    for await (const _ of child.stdout ?? []) break
    child.unref()
    const connection = await this.#open()
    if (connection) return connection
    throw new AcpError("agent-start-failed", `The agent host did not start. Its log: ${this.#folder.logPath}`)
  }
}

import { timingSafeEqual } from "node:crypto"
import type { Socket } from "node:net"
import { AcpError } from "./acp-error.ts"
import type { AgentSpawn } from "./agent-host.ts"
import type { AgentLimits } from "./agent-limits.ts"
import type { HostFolder } from "./host-folder.ts"
import {
  encodeMessage,
  type FromHost,
  HOST_VERSIONS,
  type HostMessage,
  MessageReader,
  type ToHost,
} from "./host-message.ts"
import { HostedAgent } from "./hosted-agent.ts"

export interface AgentHostServerOptions {
  readonly hostId: string
  readonly folder: HostFolder
  readonly limits: AgentLimits
  /** Neither a server nor a living agent is left, or all was asked to end. */
  readonly onDone: () => void
}

interface Run {
  readonly starting: Promise<HostedAgent>
  agent?: HostedAgent
}

type Request = Extract<ToHost, { readonly request: number }>

const HELLO_MS = 5000
const HELLO_BYTES = 4096
/** A frame to an agent, and its head. */
const MESSAGE_BYTES = 64 * 1024 * 1024
/** How long a host without agents waits for a server to come back. */
const LINGER_MS = 10_000

/** The agent host: holds the agents' pipes, whether a server is there or not. It knows lines, not what they mean. */
export class AgentHostServer {
  readonly #options: AgentHostServerOptions
  readonly #runs = new Map<string, Run>()
  /** Agents that are starting or alive. */
  #living = 0
  #server: Socket | undefined
  #linger: NodeJS.Timeout | undefined
  #isShuttingDown = false

  constructor(options: AgentHostServerOptions) {
    this.#options = options
    this.#lingerIfIdle()
  }

  /** Somebody connects. Only who knows the secret is heard; the latest that does is the server. */
  accept(socket: Socket) {
    const reader = new MessageReader<ToHost>(HELLO_BYTES)
    const deadline = setTimeout(() => socket.destroy(), HELLO_MS)
    socket.on("error", () => {})
    socket.on("close", () => {
      clearTimeout(deadline)
      if (this.#server === socket) this.#serverLeft()
    })
    socket.on("data", (bytes: Buffer) => {
      try {
        for (const message of reader.push(bytes)) {
          if (this.#server === socket) this.#onMessage(socket, message)
          else if (this.#welcome(socket, message.head)) {
            clearTimeout(deadline)
            reader.limit = MESSAGE_BYTES
          } else return
        }
      } catch {
        // Not our protocol: whoever this is, it is no server of ours.
        socket.destroy()
      }
    })
    socket.on("drain", () => {
      if (this.#server === socket) for (const { agent } of this.#runs.values()) agent?.pump()
    })
  }

  /** Ends every agent, and then this host. */
  async shutDown() {
    await this.#stopAll()
    this.#options.onDone()
  }

  async #stopAll() {
    this.#isShuttingDown = true
    const agents = await Promise.allSettled([...this.#runs.values()].map(({ starting }) => starting))
    await Promise.all(agents.flatMap((agent) => (agent.status === "fulfilled" ? [agent.value.stop({})] : [])))
  }

  #welcome(socket: Socket, hello: ToHost) {
    if (hello.type !== "hello" || !isSame(hello.secret, this.#options.folder.secret)) {
      socket.destroy()
      return false
    }
    const version = HOST_VERSIONS.find((known) => hello.versions.includes(known))
    if (version === undefined) {
      const message = `It speaks version ${HOST_VERSIONS.join(", ")}, and the server ${hello.versions.join(", ")}.`
      socket.end(encodeMessage({ type: "refused", message }))
      return false
    }
    clearTimeout(this.#linger)
    const earlier = this.#server
    this.#server = socket
    earlier?.destroy()
    tell(socket, { type: "welcome", version, pid: process.pid })
    return true
  }

  #serverLeft() {
    this.#server = undefined
    for (const { agent } of this.#runs.values()) agent?.stopReading()
    this.#lingerIfIdle()
  }

  #lingerIfIdle() {
    clearTimeout(this.#linger)
    if (!this.#server && this.#living === 0) this.#linger = setTimeout(this.#options.onDone, LINGER_MS)
  }

  #onMessage(socket: Socket, { head, payload }: HostMessage<ToHost>) {
    if ("request" in head) return void this.#answer(socket, head, payload)
    // What a later server says beside these is no concern of this host.
    if (head.type === "hello" || !("runId" in head)) return
    const agent = this.#runs.get(head.runId)?.agent
    if (head.type === "read") agent?.read({ ...head, at: head.after, ...outputTo(socket, head) })
    else if (head.type === "more") agent?.more(head.reader, head.upTo)
    else if (head.type === "acknowledge") agent?.acknowledge(head.offset)
    else if (agent?.ended) {
      this.#runs.delete(head.runId)
      agent.remove()
    }
  }

  async #answer(socket: Socket, request: Request, payload: Buffer) {
    try {
      const value = await this.#perform(request, payload)
      tell(socket, { type: "done", request: request.request, ...(value === undefined ? {} : { value }) })
    } catch (error) {
      const { code, message } = AcpError.from(error)
      tell(socket, { type: "failed", request: request.request, code, message })
    }
    if (request.type === "shutdown") socket.end(this.#options.onDone)
  }

  async #perform(request: Request, payload: Buffer): Promise<unknown> {
    switch (request.type) {
      case "start":
        return { pid: (await this.#start(request)).pid }
      case "attach": {
        const agent = await this.#runs.get(request.runId)?.starting
        return agent && { pid: agent.pid, ...(agent.ended ? { ended: agent.ended } : {}) }
      }
      case "runs":
        return [...this.#runs.keys()]
      case "write":
        return this.#agent(request.runId).send({ id: request.frameId, line: payload.toString("utf8") })
      case "stop":
        return void (await this.#agent(request.runId).stop(request))
      case "shutdown":
        return this.#stopAll()
      default:
        throw new AcpError("host-unreachable", `The agent host is older than "${(request as Request).type}".`)
    }
  }

  #start({ runId, command, args, env, cwd, recording }: AgentSpawn) {
    if (this.#isShuttingDown) throw new AcpError("host-closed", "The agent host is ending: no agent can be started.")
    const known = this.#runs.get(runId)
    if (known) return known.starting
    const { folder, hostId, limits } = this.#options
    const options = { folder: folder.runFolder(runId), marker: `${hostId}:${runId}`, limits }
    const wanted = { runId, command, args, env, cwd, ...(recording && { recording }) }
    const run: Run = { starting: HostedAgent.start(wanted, options) }
    this.#runs.set(runId, run)
    void this.#watch(runId, run)
    return run.starting
  }

  async #watch(runId: string, run: Run) {
    this.#living += 1
    try {
      run.agent = await run.starting
      const ended = await run.agent.whenEnded
      if (this.#server) tell(this.#server, { type: "exited", runId, ...ended })
    } catch {
      // Whoever wanted it is told why it did not start.
      this.#runs.delete(runId)
    }
    this.#living -= 1
    this.#lingerIfIdle()
  }

  #agent(runId: string) {
    const agent = this.#runs.get(runId)?.agent
    if (!agent) throw new AcpError("agent-exited", `The agent host has no run ${runId}.`)
    return agent
  }
}

function outputTo(socket: Socket, { runId, reader }: { readonly runId: string; readonly reader: number }) {
  return {
    hasRoom: () => !socket.writableNeedDrain && socket.writable,
    send: (from: number, bytes: Buffer) => tell(socket, { type: "output", runId, reader, from }, bytes),
  }
}

function tell(socket: Socket, message: FromHost, payload?: Buffer) {
  if (socket.writable) socket.write(encodeMessage(message, payload))
}

function isSame(given: string, expected: string) {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)]
  return one.length === other.length && timingSafeEqual(one, other)
}

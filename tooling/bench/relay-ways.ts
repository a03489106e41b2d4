import { type ChildProcessByStdio, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { Readable, Writable } from "node:stream"
import { fileURLToPath } from "node:url"
import { AegisClient } from "@aegis/client"
import { SMALL_NURSERY } from "@aegis/server/local"
import * as acp from "@agentclientprotocol/sdk/unstable"
import type { ChunkOrder } from "./chunk-agent.ts"
import { ChunkCounter } from "./chunks.ts"
import { readRss } from "./read-rss.ts"

/** One run: milliseconds since the prompt was sent. */
export interface RelayRun {
  readonly firstMs: number
  readonly lastMs: number
  readonly latencies: readonly number[]
  /** Of the process between agent and reader, at the end; bytes. */
  readonly rss?: number
  /** How much more that is than before the prompt; bytes. */
  readonly grown?: number
}

export const agentProgram = fileURLToPath(new URL("./chunk-agent.ts", import.meta.url))
const hostProgram = fileURLToPath(new URL("./relay-host.ts", import.meta.url))

/** The agent's stdout, and only the lines counted: what the pipe itself can do. */
export async function throughPipe(order: ChunkOrder): Promise<RelayRun> {
  const agent = spawn(process.execPath, [agentProgram], { stdio: ["pipe", "pipe", "inherit"] })
  const lines = createInterface({ input: agent.stdout })[Symbol.asyncIterator]()
  const ask = async (id: number, method: string, params: unknown) => {
    agent.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`)
    return lines.next()
  }
  await ask(0, "initialize", {})
  const watch = new Stopwatch(order)
  agent.stdin.write(
    `${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "session/prompt", params: { prompt: [{ type: "text", text: JSON.stringify(order) }] } })}\n`,
  )
  for (let line = await lines.next(); !watch.isDone; line = await lines.next()) {
    const frame = JSON.parse(String(line.value)) as { params: { update: { content: { text: string } } } }
    watch.add(frame.params.update.content.text)
  }
  agent.stdin.end()
  await once(agent, "close")
  return watch.run()
}

/** The agent, and the SDK's client on its pipe: no log, no HTTP. */
export async function throughBareClient(order: ChunkOrder): Promise<RelayRun> {
  const agent = spawn(process.execPath, [agentProgram], { stdio: ["pipe", "pipe", "inherit"] })
  const watch = new Stopwatch(order)
  const session = await openBareSession(agent, (text) => watch.add(text))
  watch.start()
  await session.prompt(JSON.stringify(order))
  await watch.done
  session.close()
  agent.stdin.end()
  await once(agent, "close")
  return watch.run()
}

/** A session of the agent by the SDK's client: `onText` gets its chunks. */
export async function openBareSession(
  agent: ChildProcessByStdio<Writable, Readable, null>,
  onText: (text: string) => void,
) {
  const connection = acp
    .client({ name: "bench" })
    .onNotification(acp.methods.client.session.update, ({ params }) => {
      const { update } = params
      if (update.sessionUpdate === "agent_message_chunk" && update.content.type === "text") onText(update.content.text)
    })
    .connect(acp.ndJsonStream(Writable.toWeb(agent.stdin), Readable.toWeb(agent.stdout) as ReadableStream<Uint8Array>))
  await connection.agent.request(acp.methods.agent.initialize, { protocolVersion: acp.PROTOCOL_VERSION })
  const { sessionId } = await connection.agent.request(acp.methods.agent.session.new, {
    cwd: tmpdir(),
    mcpServers: [],
  })
  return {
    async prompt(text: string) {
      const prompt = [{ type: "text" as const, text }]
      await connection.agent.request(acp.methods.agent.session.prompt, { sessionId, prompt })
    },
    close: () => connection.close(),
  }
}

/** Agent, log, and a reader in the same process as the log: everything but HTTP. */
export function throughCore(order: ChunkOrder): Promise<RelayRun> {
  return withHost("core", async (host) => {
    const [line] = (await once(host.lines(order), "line")) as [string]
    return JSON.parse(line) as RelayRun
  })
}

/** Agent, log, server, and a client that reads the session's event stream. */
export function throughServer(order: ChunkOrder): Promise<RelayRun> {
  return withHost("server", async (host) => {
    const [line] = (await once(host.lines(), "line")) as [string]
    const { url, token } = JSON.parse(line) as { readonly url: string; readonly token: string }
    const client = new AegisClient(url, token)
    const { storage } = await client.getHealth()
    if (storage?.durable !== true)
      throw new Error("The log does not sync what it commits: there is nothing to compare.")
    const { id } = await client.createSession({ workDir: tmpdir(), agent: "bench", reuse: false })
    const watch = new Stopwatch(order)
    let rssBefore = 0
    for await (const event of client.events(id)) {
      // The agent is ready: from here on it is the prompt alone.
      if (event.type === "session.ready") {
        rssBefore = readRss(host.pid)
        watch.start()
        void client.sendMessage(id, JSON.stringify(order))
      }
      if (event.type === "message.delta") watch.add((event as { data: { text: string } }).data.text)
      if (watch.isDone) break
    }
    const rss = readRss(host.pid)
    return { ...watch.run(), rss, grown: rss - rssBefore }
  })
}

/** The process under test, with a data directory of its own; both are gone afterwards. */
export async function withHost<T>(
  mode: "core" | "server",
  use: (host: { readonly pid: number; lines(order?: ChunkOrder): ReturnType<typeof createInterface> }) => Promise<T>,
) {
  const stateDir = mkdtempSync(join(tmpdir(), "aegis-bench-"))
  const flags = ["--conditions=@aegis/source", "--disable-warning=ExperimentalWarning", SMALL_NURSERY]
  const child = spawn(process.execPath, [...flags, hostProgram, mode, stateDir], { stdio: ["pipe", "pipe", "inherit"] })
  const closed = once(child, "close")
  try {
    return await use({
      pid: child.pid ?? 0,
      lines(order) {
        if (order) child.stdin.write(`${JSON.stringify(order)}\n`)
        return createInterface({ input: child.stdout })
      },
    })
  } finally {
    child.stdin.end()
    await closed
    rmSync(stateDir, { recursive: true, force: true })
  }
}

/** Takes the times of one run. */
export class Stopwatch {
  readonly done: Promise<void>
  readonly #counter = new ChunkCounter()
  readonly #order: ChunkOrder
  #finish: () => void = () => {}
  #began = performance.now()
  #first = 0
  #last = 0

  constructor(order: ChunkOrder) {
    this.#order = order
    this.done = new Promise((resolve) => {
      this.#finish = resolve
    })
  }

  get isDone() {
    return this.#counter.count >= this.#order.count
  }

  start() {
    this.#began = performance.now()
  }

  add(text: string) {
    this.#counter.add(text)
    const now = performance.now()
    if (this.#first === 0 && this.#counter.count > 0) this.#first = now
    if (!this.isDone) return
    this.#last = now
    this.#finish()
  }

  run(): RelayRun {
    return {
      firstMs: this.#first - this.#began,
      lastMs: this.#last - this.#began,
      latencies: this.#counter.latencies,
    }
  }
}

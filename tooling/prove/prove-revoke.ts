import { once } from "node:events"
import { mkdtempSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { AegisClient, AegisProblem, type Session } from "@aegis/client"
import { connectMcp, INITIALIZE, MCP_HEADERS } from "./connect-mcp.ts"
import { ProvedServer } from "./kill/proved-server.ts"
import type { ProofOptions } from "./prove.ts"

const ROUNDS = { short: 3, full: 30 }
const STREAMS = { short: 20, full: 100 }
/** From asking for the key's end to the end of its last stream, in milliseconds; judged in full only. */
const LONGEST = 1000

/** How a key ends, or how it becomes another one than its streams were opened with. */
const endings = ["revoke", "rotate", "demote"] as const
type Ending = (typeof endings)[number]

/** A key ends while streams of it are open and events flow: all of them end at once, and have nothing that came after. */
export async function proveRevoke({ isFull, seed, count, print }: ProofOptions): Promise<boolean> {
  const stateDir = realpathSync(mkdtempSync(join(tmpdir(), "prove-revoke-")))
  const server = new ProvedServer(stateDir)
  const rounds = count ?? (isFull ? ROUNDS.full : ROUNDS.short)
  const streams = isFull ? STREAMS.full : STREAMS.short
  const problems: string[] = []
  const took: number[] = []
  try {
    await server.start()
    for (let done = 0; done < rounds; done++) {
      const ending = endings[(done + seed) % endings.length] ?? "revoke"
      const round = await Round.prepare(server.client, server.workFolder("work"), streams)
      took.push(await round.endKey(ending))
      if (isFull && (took.at(-1) ?? 0) > LONGEST) round.problems.push("the last stream went on for too long")
      problems.push(...round.problems.map((problem) => `${ending}: ${problem}`))
      if (isFull && done % 10 === 9) print(`… ${done + 1} of ${rounds}`)
    }
  } finally {
    await server.end("SIGTERM")
    rmSync(stateDir, { recursive: true, force: true })
  }
  for (const problem of problems.slice(0, 50)) print(`✗ ${problem}`)
  const sorted = took.toSorted((a, b) => a - b)
  const [median = 0, most = 0] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)]
  print(
    [
      `${rounds} keys were revoked, rotated or given less, with ${streams} streams of each open and events flowing (seed ${seed}).`,
      `From asking for it to the end of the last stream: median ${median.toFixed(0)} ms, at most ${most.toFixed(0)} ms${isFull ? ` of ${LONGEST}` : ""}.`,
      `${problems.length} problems: a stream that goes on, or has what came after; a call that is still answered.`,
    ].join("\n"),
  )
  return problems.length === 0
}

/** An open stream, as its reader sees it. */
interface OpenStream {
  readonly name: string
  /** Of the last event that came. */
  seq: number
  /** Resolves when the first event is there. */
  readonly begun: Promise<unknown>
  /** Resolves with the moment (`performance.now()`). */
  readonly ended: Promise<number>
}

/** An MCP host. */
interface ToolCaller {
  isAnswered(): Promise<boolean>
  close(): Promise<void>
}

class Round {
  readonly problems: string[] = []
  readonly #admin: AegisClient
  readonly #session: Session
  readonly #keyId: string
  readonly #holder: AegisClient
  readonly #streams: readonly OpenStream[]
  readonly #host: ToolCaller
  /** Where the log was before the key was changed. */
  readonly #from: number
  readonly #isOver = new AbortController()

  static async prepare(admin: AegisClient, workDir: string, count: number) {
    const { id: keyId, key = "" } = await admin.createApiKey({ name: "A reader", role: "operator" })
    const session = await admin.createSession({ workDir, agent: "demo", reuse: false })
    const holder = new AegisClient(admin.baseUrl, key)
    const streams = await Promise.all(
      Array.from({ length: count }, (_, index) => openStream(index, { holder, key, sessionId: session.id })),
    )
    const host = await toolCaller(admin.baseUrl, key)
    const from = session.seq
    const round = new Round({ admin, session, from, keyId, holder, streams, host })
    if (!(await host.isAnswered())) round.problems.push("an MCP host is not answered before")
    return round
  }

  private constructor(parts: {
    readonly admin: AegisClient
    readonly session: Session
    readonly from: number
    readonly keyId: string
    readonly holder: AegisClient
    readonly streams: readonly OpenStream[]
    readonly host: ToolCaller
  }) {
    this.#admin = parts.admin
    this.#session = parts.session
    this.#from = parts.from
    this.#keyId = parts.keyId
    this.#holder = parts.holder
    this.#streams = parts.streams
    this.#host = parts.host
  }

  /** Milliseconds from asking for it to the end of the last stream. */
  async endKey(ending: Ending) {
    // Events come before, meanwhile and after.
    const talking = this.#talk()
    await Promise.all(this.#streams.map(({ begun }) => begun))
    const asked = performance.now()
    // Some events are in the same commit as the key's end, and after it.
    const writes = Array.from({ length: 21 }, (_, index) => (index === 10 ? this.#change(ending) : this.#queue()))
    await Promise.all(writes)
    const ends = await Promise.all(this.#streams.map((stream) => this.#endOf(stream)))
    // A key that may do less is still one.
    if (ending !== "demote") await this.#refusesCalls()
    this.#isOver.abort()
    await talking
    await this.#hasNothingLater()
    await this.#host.close()
    await this.#admin.killSession(this.#session.id)
    return Math.max(...ends) - asked
  }

  #change(ending: Ending): Promise<unknown> {
    if (ending === "revoke") return this.#admin.revokeApiKey(this.#keyId)
    if (ending === "rotate") return this.#admin.rotateApiKey(this.#keyId, { graceSeconds: 0 })
    return this.#admin.updateApiKey(this.#keyId, { role: "viewer" })
  }

  #queue() {
    return this.#admin.sendMessage(this.#session.id, "#script\nsay more")
  }

  async #talk() {
    while (!this.#isOver.signal.aborted) {
      await this.#admin.sendMessage(this.#session.id, "#script\nsay one\nsay two\nsay three")
      for await (const event of this.#admin.events(this.#session.id, { signal: this.#isOver.signal }))
        if (event.type === "turn.ended" && "status" in event && event.status === "idle") break
    }
  }

  async #endOf({ name, ended }: OpenStream) {
    const at = await Promise.race([ended, afterDeadline()])
    if (at === undefined) this.problems.push(`${name} goes on`)
    return at ?? performance.now()
  }

  async #refusesCalls() {
    try {
      await this.#holder.listSessions()
      this.problems.push("a call is still answered")
    } catch (error) {
      // Or there were too many such calls already.
      if (!AegisProblem.is(error) || (error.status !== 401 && error.code !== "rate-limited"))
        this.problems.push(`a call is answered with ${error}`)
    }
    if (await this.#host.isAnswered()) this.problems.push("an MCP host is still answered")
  }

  async #hasNothingLater() {
    let end = 0
    for await (const event of this.#admin.events(undefined, { after: this.#from }))
      if ("hash" in event && event.type.startsWith("key.") && JSON.stringify(event).includes(this.#keyId)) {
        end = event.seq
        break
      }
    for (const { name, seq } of this.#streams)
      if (seq > end) this.problems.push(`${name} has event ${seq}, and the key ended with ${end}`)
  }
}

type StreamParts = { readonly key: string; readonly sessionId: string; readonly holder: AegisClient }

/** By turns: server-sent events of one session and of all, a WebSocket, and what an MCP host listens on. */
async function openStream(index: number, parts: StreamParts): Promise<OpenStream> {
  switch (index % 4) {
    case 0:
      return openEvents(index, `/v1/sessions/${parts.sessionId}/events`, parts)
    case 1:
      return openEvents(index, "/v1/events", parts)
    case 2:
      return openSocket(index, parts)
    default:
      return openMcp(index, parts)
  }
}

async function openEvents(index: number, path: string, { holder }: StreamParts): Promise<OpenStream> {
  const name = `${path} (stream ${index})`
  const { token } = await holder.createSseToken({})
  const response = await fetch(`${holder.baseUrl}${path}`, { headers: { Authorization: `Bearer ${token}` } })
  if (response.status !== 200) throw new Error(`${name} is answered with ${response.status}`)
  const begun = Promise.withResolvers<void>()
  const read = async () => {
    let rest = ""
    for await (const text of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n")
      rest = lines.pop() ?? ""
      for (const line of lines.filter((each) => each.startsWith("id: "))) stream.seq = Number(line.slice(4))
      if (stream.seq > 0) begun.resolve()
    }
  }
  // Cut or ended is the same to a reader.
  const ended = read().then(
    () => performance.now(),
    () => performance.now(),
  )
  const stream: OpenStream = { name, seq: 0, begun: begun.promise, ended: Promise.resolve(0) }
  return Object.assign(stream, { ended })
}

async function openSocket(index: number, { key, sessionId, holder }: StreamParts): Promise<OpenStream> {
  const socket = new WebSocket(`${holder.baseUrl.replace(/^http/, "ws")}/v1/ws`)
  await once(socket, "open")
  const begun = Promise.withResolvers<void>()
  const ended = once(socket, "close").then(() => performance.now())
  const stream: OpenStream = { name: `/v1/ws (stream ${index})`, seq: 0, begun: begun.promise, ended }
  socket.addEventListener("message", ({ data }) => {
    const { type, event } = JSON.parse(String(data)) as {
      readonly type: string
      readonly event?: { readonly seq: number }
    }
    if (type !== "event") return
    stream.seq = event?.seq ?? 0
    begun.resolve()
  })
  socket.send(JSON.stringify({ type: "auth", token: key }))
  socket.send(JSON.stringify({ id: 1, type: "subscribe", sessionId, after: 0 }))
  return stream
}

/** It is open, and nothing comes on it. */
async function openMcp(index: number, { key, holder }: StreamParts): Promise<OpenStream> {
  const url = `${holder.baseUrl}/mcp`
  const headers = { ...MCP_HEADERS, Authorization: `Bearer ${key}` }
  const opened = await fetch(url, { method: "POST", headers, body: INITIALIZE })
  await opened.text()
  const name = `/mcp (stream ${index})`
  const sessionId = opened.headers.get("Mcp-Session-Id") ?? ""
  const response = await fetch(url, { headers: { ...headers, "Mcp-Session-Id": sessionId } })
  if (response.status !== 200) throw new Error(`${name} is answered with ${response.status}`)
  const end = () => performance.now()
  return { name, seq: 0, begun: Promise.resolve(), ended: response.text().then(end, end) }
}

async function toolCaller(baseUrl: string, key: string): Promise<ToolCaller> {
  const { client } = await connectMcp(baseUrl, { Authorization: `Bearer ${key}` })
  return {
    async isAnswered() {
      try {
        return (await client.callTool({ name: "list_sessions", arguments: {} })).isError !== true
      } catch {
        // Refused before it came to a tool.
        return false
      }
    },
    close: () => client.close(),
  }
}

function afterDeadline() {
  return new Promise<undefined>((resolve) => void setTimeout(() => resolve(undefined), 10_000).unref())
}

import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { setTimeout as pause } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { readRss } from "../bench/read-rss.ts"
import { ProvedServer } from "./kill/proved-server.ts"
import type { ProofOptions } from "./prove.ts"
import type { OpenStream, Order, Report, Standing } from "./readers/reader-program.ts"

const program = fileURLToPath(new URL("readers/reader-program.ts", import.meta.url))

/** How many readers, of how many sessions, in which so many events happen a second for so long. */
interface Scene {
  readonly name: string
  readonly readers: number
  readonly stuck: number
  readonly sessions: number
  readonly eventsPerSecond: number
  readonly seconds: number
}

const scenes: Readonly<Record<"short" | "full", readonly Scene[]>> = {
  short: [
    { name: "many sessions", readers: 200, stuck: 10, sessions: 20, eventsPerSecond: 20, seconds: 2 },
    { name: "one session", readers: 200, stuck: 10, sessions: 1, eventsPerSecond: 5, seconds: 2 },
  ],
  full: [
    { name: "many sessions", readers: 10_000, stuck: 500, sessions: 200, eventsPerSecond: 50, seconds: 60 },
    { name: "one session", readers: 10_000, stuck: 500, sessions: 1, eventsPerSecond: 5, seconds: 60 },
  ],
}
const MOST_BYTES = 500 * 1024 * 1024
/** All readers come from one address, and in a storm the old connections are still there. */
const ALL_OF_THEM = { maxConnections: 30_000, maxPerIp: 30_000 }
const MOST_MS = 1000
/** Against what hangs: how long anything here may take that is not judged by its time. */
const PATIENT_MS = 300_000
/** Until all have come back after all have hung up, or have what they miss. */
const CATCH_UP_MS = 60_000
const OPEN_AT_ONCE = 250
/** How long a reader may take nothing, and how much there is for who takes nothing: more than a connection holds. */
const STUCK_MS = 5000
const HEAVY = "#script\nchunks 8000 1000"

/** Thousands of readers, some stuck, all hanging up at once and coming back: none misses an event, and none waits long. */
export async function proveReaders({ isFull, seed, count, print }: ProofOptions): Promise<boolean> {
  const problems: string[] = []
  for (const scene of scenes[isFull ? "full" : "short"]) {
    const stateDir = realpathSync(mkdtempSync(join(tmpdir(), "prove-readers-")))
    const server = new ProvedServer(stateDir, { stuckMs: STUCK_MS })
    try {
      writeFileSync(
        join(stateDir, "aegis.config.json"),
        JSON.stringify({ agent: { default: "demo" }, sse: ALL_OF_THEM }),
      )
      await server.start()
      const staged = new StagedScene(server, { ...scene, readers: count ?? scene.readers })
      await staged.play()
      print(staged.figures())
      problems.push(...staged.problems.map((problem) => `${scene.name}: ${problem}`))
    } finally {
      await server.end("SIGTERM")
      rmSync(stateDir, { recursive: true, force: true })
    }
  }
  for (const problem of problems.slice(0, 20)) print(`✗ ${problem}`)
  print(
    `${problems.length} problems: a gap, an event twice or missing, a reader that waited long, one that takes nothing and is not left behind, memory.`,
  )
  if (problems.length > 0) print(`Again: pnpm prove readers --seed ${seed}`)
  return problems.length === 0
}

class StagedScene {
  readonly problems: string[] = []
  readonly #server: ProvedServer
  readonly #scene: Scene
  #sessions: readonly string[] = []
  #most = 0
  #latencies: Report["latencies"] = []
  #caughtUpMs = 0
  /** How many events of each session there are, and the sum of their numbers; read from the log up to `read`. */
  readonly #wanted = new Map<string, { readonly count: number; readonly sum: number }>()
  #read = 0

  constructor(server: ProvedServer, scene: Scene) {
    this.#server = server
    this.#scene = scene
  }

  async play() {
    const { client } = this.#server
    const { sessions, seconds } = this.#scene
    const workDir = this.#server.workFolder("work")
    this.#sessions = await Promise.all(
      Array.from({ length: sessions }, async () => (await client.createSession({ workDir, reuse: false })).id),
    )
    await this.#untilReady()
    const heavy = await this.#createHeavy(workDir)
    const crowd = new Crowd()
    try {
      const before = this.#server.openFiles()
      await this.#enter(crowd, heavy)
      // What was there before is no news: from here on only what is new is clocked.
      await this.#untilComplete(crowd)
      await crowd.report(true)
      // Live, then all at once again, then live.
      await this.#happen(seconds / 2)
      this.#judgeLatency(await this.#untilComplete(crowd))
      crowd.send({ type: "storm" })
      const began = performance.now()
      await this.#happen(1)
      await this.#untilComplete(crowd)
      this.#caughtUpMs = performance.now() - began
      await crowd.report(true)
      await this.#happen(seconds / 2)
      this.#judgeLatency(await this.#untilComplete(crowd))
      await this.#untilLeft(before + this.#scene.readers - this.#scene.stuck)
    } finally {
      await crowd.end()
    }
    if (this.#most > MOST_BYTES) this.problems.push(`the server was resident with ${toMegabytes(this.#most)}`)
  }

  figures() {
    const { name, readers, stuck, sessions, eventsPerSecond } = this.#scene
    return [
      `${name}: ${readers} readers (${stuck} stuck) of ${sessions} sessions, ${eventsPerSecond} events/s in all:`,
      `commit to arrival p50 ${quantile(this.#latencies, 0.5)} ms, p99 ${quantile(this.#latencies, 0.99)} ms;`,
      `all back and complete ${Math.round(this.#caughtUpMs)} ms after all hung up; at most ${toMegabytes(this.#most)} resident.`,
    ].join(" ")
  }

  /** Agents take their turns to begin, and a machine that starts processes is no measure of readers. */
  async #untilReady() {
    const waiting = new Set(this.#sessions)
    for await (const event of this.#server.client.events(undefined, { after: 0 })) {
      if ("hash" in event && event.type === "session.ready") waiting.delete(event.sessionId ?? "")
      if (waiting.size === 0) return
    }
  }

  /** A session with more to tell than a connection holds. */
  async #createHeavy(workDir: string) {
    const { client } = this.#server
    const { id } = await client.createSession({ workDir, reuse: false, prompt: HEAVY })
    for await (const event of client.events(id)) if ("hash" in event && event.type === "turn.ended") break
    return id
  }

  /** Who takes nothing is left behind: its connection is closed, and the others are not. */
  async #untilLeft(most: number) {
    const deadline = performance.now() + CATCH_UP_MS
    // A few files of its own come and go.
    while (this.#server.openFiles() > most + 20) {
      if (performance.now() > deadline) {
        this.problems.push(`${this.#server.openFiles() - most} stuck readers are still held`)
        return
      }
      await pause(50)
    }
  }

  async #enter(crowd: Crowd, heavy: string) {
    const { client } = this.#server
    const { hostname: host, port } = new URL(client.baseUrl)
    const { readers, stuck } = this.#scene
    const { token } = await client.createSseToken({})
    const streams = Array.from({ length: readers }, (_, index): OpenStream => {
      const isStuck = index < stuck
      const id = isStuck ? heavy : this.#sessions[index % this.#sessions.length]
      return { host, port: Number(port), path: `/v1/sessions/${id}/events`, token, after: 0, isStuck }
    })
    for (let index = 0; index < streams.length; index += OPEN_AT_ONCE) {
      crowd.send({ type: "open", streams: streams.slice(index, index + OPEN_AT_ONCE) })
      await this.#untilOpen(crowd, Math.min(streams.length, index + OPEN_AT_ONCE))
    }
  }

  async #untilOpen(crowd: Crowd, count: number) {
    const deadline = performance.now() + PATIENT_MS
    while (performance.now() < deadline) {
      const { letIn, problems } = await crowd.report(false)
      if (letIn >= count) return
      if (problems.length > 0) throw new Error(`A reader was not let in: ${problems[0]}`)
      this.#weigh()
      await pause(20)
    }
    throw new Error(`Not all of ${count} readers were let in.`)
  }

  /** Events at the wished rate: pauses and their ends, in turn over the sessions. */
  async #happen(seconds: number) {
    const { client } = this.#server
    const { eventsPerSecond } = this.#scene
    const began = performance.now()
    for (let index = 0; index < seconds * eventsPerSecond; index++) {
      const id = this.#sessions[Math.floor(index / 2) % this.#sessions.length] ?? ""
      await (index % 2 === 0 ? client.pauseSession(id) : client.resumeSession(id))
      await pause(Math.max(0, began + ((index + 1) * 1000) / eventsPerSecond - performance.now()))
      this.#weigh()
    }
  }

  #weigh() {
    this.#most = Math.max(this.#most, readRss(this.#server.pid))
  }

  /** Every reader that is not stuck has all events of its session, each once. */
  async #untilComplete(crowd: Crowd): Promise<Report> {
    const deadline = performance.now() + CATCH_UP_MS
    for (;;) {
      // Anew each time: agents that start and are put to rest say so meanwhile.
      await this.#readLog()
      this.#weigh()
      const report = await crowd.report(false)
      const behind = report.standings.filter((standing) => !this.#hasAll(standing))
      const { problems } = report
      if (problems.length > 0 || (behind.length > 0 && performance.now() > deadline)) {
        this.problems.push(...problems.slice(0, 5))
        const missing = behind.reduce((sum, { readers }) => sum + readers, 0)
        this.problems.push(`${missing} readers do not have what is in the log`)
        return report
      }
      if (behind.length === 0) return report
      await pause(50)
    }
  }

  #hasAll({ path, count, sum }: Standing) {
    const wanted = this.#wanted.get(path.split("/")[3] ?? "")
    return wanted?.count === count && wanted.sum === sum
  }

  /** What the log has of each session, as it stands now. */
  async #readLog() {
    for (;;) {
      const { items, nextCursor } = await this.#server.client.listEvents({ after: this.#read, limit: 200 })
      for (const { seq, sessionId = "" } of items) {
        const { count, sum } = this.#wanted.get(sessionId) ?? { count: 0, sum: 0 }
        this.#wanted.set(sessionId, { count: count + 1, sum: sum + seq })
        this.#read = seq
      }
      if (nextCursor === undefined) return
    }
  }

  #judgeLatency({ latencies }: Report) {
    this.#latencies = latencies
    const p99 = quantile(latencies, 0.99)
    if (p99 > MOST_MS) this.problems.push(`one event in a hundred took more than ${p99} ms`)
  }
}

/** The readers' own process. */
class Crowd {
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>

  constructor() {
    this.#child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program], {
      stdio: ["pipe", "pipe", "inherit"],
    })
    if (!this.#child.stdout) throw new Error("The readers have no output.")
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  send(order: Order) {
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`)
  }

  /** What each reader has so far; `reset` begins the clock of latencies anew. */
  async report(reset: boolean): Promise<Report> {
    this.send({ type: "report", reset })
    const line: IteratorResult<string, unknown> = await this.#lines.next()
    return JSON.parse(String(line.value)) as Report
  }

  async end() {
    this.#child.stdin?.end()
    if (this.#child.exitCode === null) await once(this.#child, "close")
  }
}

function quantile(latencies: Report["latencies"], share: number) {
  const total = latencies.reduce((sum, [, count]) => sum + count, 0)
  let seen = 0
  for (const [ms, count] of [...latencies].sort(([a], [b]) => a - b)) {
    seen += count
    if (seen >= total * share) return ms
  }
  return 0
}

function toMegabytes(bytes: number) {
  return `${Math.round(bytes / 1024 / 1024)} MB`
}

import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { checkDatabase } from "../disk/check-database.ts"
import { fill } from "../disk/fill.ts"
import type { LoopDisk } from "../disk/loop-disk.ts"
import { findProblems } from "../kill/find-problems.ts"
import { newJournal } from "../kill/journal.ts"
import { Observer } from "../kill/observer.ts"
import { ProvedServer } from "../kill/proved-server.ts"
import { type Refusal, writeOn, wrongRefusal } from "../kill/writer.ts"
import type { Random } from "../random.ts"

const SESSIONS = 3
const WRITERS = 2
const PATIENCE_MS = 30_000
/** Talks for about three seconds. */
const prompt = (id: string) =>
  ["#script", ...Array.from({ length: 30 }, () => "chunks 20 30\npause 80"), `say end-${id}`].join("\n")

export interface FullRoundOptions {
  readonly disk: LoopDisk
  /** Beside the disk: where the agents work. */
  readonly work: string
  readonly random: Random
}

/** A server whose disk somebody else fills to the brim in the middle of its turns, and frees again. */
export class FullRound {
  readonly problems: string[] = []
  readonly journal = newJournal()
  readonly server: ProvedServer
  refused = 0
  ended = 0
  readonly #options: FullRoundOptions
  readonly #observer = new Observer()
  readonly #over = new AbortController()
  readonly #sessions: string[] = []
  #refusals: Refusal[] = []
  #expected = ""
  #prompts = 0
  #working: Promise<unknown> = Promise.resolve()

  constructor(options: FullRoundOptions) {
    this.#options = options
    const stateDir = join(options.disk.folder, "state")
    mkdirSync(stateDir, { mode: 0o700 })
    this.server = new ProvedServer(stateDir)
  }

  async start() {
    const { server, journal } = this
    await server.start()
    this.#observer.follow(server.client)
    for (let index = 0; index < SESSIONS; index++) {
      const workDir = join(this.#options.work, String(index))
      mkdirSync(workDir)
      this.#sessions.push((await server.client.createSession({ workDir, reuse: false })).id)
    }
    const [first = ""] = this.#sessions
    const { turnId } = await server.client.sendMessage(first, prompt("CALM"))
    await this.#untilTurn("turn.ended", turnId)
    this.#expected = this.#textOf(turnId)
    const onRefused = (refusal: Refusal) => void this.#refusals.push(refusal)
    const parts = { server, journal, onRefused, signal: this.#over.signal }
    this.#working = Promise.all(Array.from({ length: WRITERS }, (_, index) => writeOn({ ...parts, name: `w${index}` })))
    await this.#until("no write was taken on an empty disk", async () => journal.heads.size > 0)
  }

  /** One time full, from the first turn's begin to the last one's end. */
  async fill() {
    const { disk, random } = this.#options
    const turns = await Promise.all(this.#sessions.map((id) => this.#send(id)))
    await Promise.all(turns.map((turnId) => this.#untilTurn("turn.started", turnId)))
    await pause(random.between(0, 1500))
    const runs = this.#runs()
    this.#refusals = []
    const { free } = fill(join(disk.folder, "filler"))
    try {
      await this.#until("no write is refused on a full disk", async () => this.#refusals.length > 0)
      await this.#checkHealth()
      await this.#checkReads()
      await pause(random.between(0, 1500))
    } finally {
      free()
    }
    const { size } = this.journal.heads
    await this.#until("no write is taken when there is room again", async () => this.journal.heads.size > size)
    await Promise.all(turns.map((turnId) => this.#untilTurn("turn.ended", turnId)))
    if (this.#runs() !== runs) this.problems.push("an agent was lost: its process is another one")
    this.refused += this.#refusals.length
    for (const wrong of new Set(this.#refusals.map(wrongRefusal))) if (wrong !== undefined) this.problems.push(wrong)
    await this.#until("health is not well when there is room again", async () => this.#health("ok"))
  }

  /** What is there when all has come to rest. */
  async end() {
    this.#over.abort()
    await this.#working
    // First who looks, then what there is: in the other order something may come in between that is only seen.
    await this.#observer.stop()
    const kept = await this.server.readAll()
    this.problems.push(...(await findProblems({ seen: this.#observer.seen, kept, journal: this.journal })))
    for (const event of this.#observer.events)
      if (event.type === "turn.ended" && event.data.stopReason === "end_turn") this.ended += 1
      else if (event.type === "turn.ended")
        this.problems.push(`turn ${event.data.turnId} ended otherwise: ${event.data.error?.code ?? "interrupted"}`)
    await this.server.end("SIGTERM")
    this.problems.push(...checkDatabase(this.server.stateDir).map((line) => `database: ${line}`))
  }

  async #send(sessionId: string) {
    const id = `n${++this.#prompts}n`
    const { turnId } = await this.server.client.sendMessage(sessionId, prompt(id))
    this.journal.prompts.set(turnId, { sessionId, expected: this.#expected.replaceAll("CALM", id) })
    return turnId
  }

  async #checkHealth() {
    await this.#until("health on a full disk says that all is well", async () => this.#health("degraded"))
  }

  async #health(status: string) {
    const { body } = await this.server.call("/v1/health")
    return body.status === status && JSON.stringify(body).includes("storage-full") === (status !== "ok")
  }

  async #checkReads() {
    for (const path of ["/v1/sessions", `/v1/sessions/${this.#sessions[0]}/read`, "/v1/log?limit=10"]) {
      const { response } = await this.server.call(path)
      if (response.status !== 200) this.problems.push(`GET ${path} on a full disk is answered with ${response.status}`)
    }
  }

  /** The processes of the agents whose turns are talked about. */
  #runs() {
    return this.server
      .agents()
      .map(({ pid, runId }) => `${pid} ${runId}`)
      .sort()
      .join()
  }

  #textOf(turnId: string) {
    return this.#observer.events
      .flatMap((event) => (event.type === "message.delta" && event.turnId === turnId ? [event.data.text] : []))
      .join("")
  }

  async #untilTurn(type: "turn.started" | "turn.ended", turnId: string) {
    const signal = AbortSignal.timeout(PATIENCE_MS)
    const found = await this.#observer.until((event) => event.type === type && event.data.turnId === turnId, { signal })
    if (!found) this.problems.push(`turn ${turnId} has no ${type} after ${PATIENCE_MS / 1000} s`)
  }

  async #until(problem: string, isSo: () => Promise<boolean>) {
    const deadline = performance.now() + PATIENCE_MS
    while (!(await isSo())) {
      if (performance.now() > deadline) return void this.problems.push(problem)
      await pause(5)
    }
  }
}

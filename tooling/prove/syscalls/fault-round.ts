import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { checkDatabase } from "../disk/check-database.ts"
import { findLosses } from "../kill/find-problems.ts"
import { newJournal } from "../kill/journal.ts"
import { Observer } from "../kill/observer.ts"
import type { ProvedServer } from "../kill/proved-server.ts"
import { User } from "../kill/user.ts"
import { type Refusal, writeOn, wrongRefusal } from "../kill/writer.ts"
import { type Fault, Strace } from "./strace.ts"

const WRITERS = 2
const PATIENCE_MS = 30_000

/** A server under load whose disk fails again and again. */
export class FaultRound {
  readonly journal = newJournal()
  readonly problems: string[] = []
  refused = 0
  stopped = 0
  hits = 0
  readonly #server: ProvedServer
  readonly #observer = new Observer()
  readonly #over = new AbortController()
  #up = Promise.withResolvers<void>()
  #refusals: Refusal[] = []
  #working: Promise<unknown> = Promise.resolve()

  constructor(server: ProvedServer) {
    this.#server = server
  }

  async start() {
    await this.#begin()
    const parts = {
      server: this.#server,
      observer: this.#observer,
      journal: this.journal,
      untilUp: () => this.#up.promise.then(() => pause(10)),
      signal: this.#over.signal,
    }
    const onRefused = (refusal: Refusal) => void this.#refusals.push(refusal)
    const writers = Array.from({ length: WRITERS }, (_, index) => writeOn({ ...parts, onRefused, name: `w${index}` }))
    this.#working = Promise.all([...writers, new User({ ...parts, name: "u" }).run([]), User.decide(parts)])
    // Who has no session yet is refused one, and not a write.
    await this.#until("nobody writes", async () => this.journal.heads.size > 0)
  }

  async fail(fault: Fault) {
    const { stateDir, pid } = this.#server
    const files = (fault.file === undefined ? ["aegis.db", "aegis.db-wal"] : [fault.file]).map((name) =>
      join(stateDir, name),
    )
    const before = this.problems.length
    this.#refusals = []
    const strace = await Strace.attach(pid, fault, files)
    try {
      if ((await within(strace.hit)) === "late" || strace.lines.length === 0) this.problems.push("was not reached")
      else if (fault.lasts) await this.#untilSpace(strace)
      else await this.#untilStopped(strace)
      this.hits += 1
    } finally {
      await strace.detach()
    }
    this.refused += this.#refusals.length
    for (const wrong of new Set(this.#refusals.map(wrongRefusal))) if (wrong !== undefined) this.problems.push(wrong)
    const { call, error, nth, lasts, file = "the log" } = fault
    const name = `${error} at ${call} ${nth}${lasts ? " and on" : ""} of ${file}`
    for (let index = before; index < this.problems.length; index++)
      this.problems[index] = `${name}: ${this.problems[index]}`
  }

  /** A normal end and a normal start, and what is there then. */
  async end() {
    this.#over.abort()
    await this.#working
    await this.#observer.stop()
    await this.#server.end("SIGTERM")
    await this.#server.start()
    const kept = await this.#server.readAll()
    this.problems.push(...(await findLosses({ seen: this.#observer.seen, kept, journal: this.journal })))
    this.#server.killAll()
    await this.#server.end("SIGKILL")
    this.problems.push(...checkDatabase(this.#server.stateDir).map((line) => `database: ${line}`))
  }

  async #begin() {
    await this.#server.start()
    this.#observer.follow(this.#server.client)
    this.#up.resolve()
  }

  /** A full disk: writes are refused, reads are not, health tells it; and all goes on when there is space. */
  async #untilSpace(strace: Strace) {
    await this.#until("no write is refused on a full disk", async () => this.#refusals.length > 0)
    const health = await this.#server.call("/v1/health")
    if (
      health.response.status !== 200 ||
      health.body.status === "ok" ||
      !JSON.stringify(health.body).includes("storage-full")
    )
      this.problems.push(`health on a full disk: ${JSON.stringify(health.body)}`)
    const { response } = await this.#server.call("/v1/sessions")
    if (response.status !== 200) this.problems.push(`a read on a full disk is answered with ${response.status}`)
    await strace.detach()
    const { size } = this.journal.heads
    await this.#until("no write is taken when there is space again", async () => this.journal.heads.size > size)
  }

  /** A disk that has failed: it is not asked again, the server ends by itself, and the next one goes on. */
  async #untilStopped(strace: Strace) {
    this.#up = Promise.withResolvers()
    const code = await within(this.#server.untilEnded())
    if (code === "late") this.problems.push("the server goes on, though its disk has failed")
    if (code === 0) this.problems.push("the server ends as if all were well")
    for (const line of strace.afterHit().slice(0, 1))
      this.problems.push(`the disk was asked again: ${line.slice(0, 160)}`)
    await this.#server.end("SIGKILL")
    this.stopped += 1
    await this.#begin()
  }

  async #until(problem: string, isSo: () => Promise<boolean>) {
    const deadline = performance.now() + PATIENCE_MS
    while (!(await isSo())) {
      if (performance.now() > deadline) return void this.problems.push(problem)
      await pause(5)
    }
  }
}

function within<T>(promise: Promise<T>) {
  const late = pause(PATIENCE_MS, "late" as const, { ref: false })
  return Promise.race([promise, late])
}

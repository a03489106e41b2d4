import { mkdtempSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { findProblems } from "./kill/find-problems.ts"
import { countOf, type Journal, newJournal } from "./kill/journal.ts"
import { Observer } from "./kill/observer.ts"
import { ProvedServer } from "./kill/proved-server.ts"
import { prompts, User } from "./kill/user.ts"
import type { ProofOptions } from "./prove.ts"
import { Random } from "./random.ts"

const USERS = 4
const KILLS = { short: 12, full: 1000 }
const CALM_MS = 60_000

type Victim = "server" | "host" | "agent"

/** Servers, agent hosts and agents are killed with -9 at random moments under load, and nothing that was promised is lost. */
export async function proveKill({ isFull, seed, count, print }: ProofOptions): Promise<boolean> {
  const stateDir = realpathSync(mkdtempSync(join(tmpdir(), "prove-kill-")))
  const random = new Random(seed)
  const proof = new KillProof(new ProvedServer(stateDir), { random, print })
  try {
    const problems = await proof.run(count ?? (isFull ? KILLS.full : KILLS.short))
    for (const problem of problems.slice(0, 50)) print(`✗ ${problem}`)
    print(proof.figures(problems.length))
    if (problems.length > 0) print(`Again: pnpm prove kill --seed ${seed}`)
    return problems.length === 0
  } finally {
    await proof.end()
    rmSync(stateDir, { recursive: true, force: true })
  }
}

class KillProof {
  readonly #server: ProvedServer
  readonly #random: Random
  readonly #print: ProofOptions["print"]
  readonly #journal: Journal = newJournal()
  readonly #observer = new Observer()
  readonly #kills: Record<Victim, number> = { server: 0, host: 0, agent: 0 }
  readonly #starts: number[] = []
  #up = Promise.withResolvers<void>()
  readonly #turns = new Set<string>()
  #looked = 0
  #finished = 0
  #audited = 0
  #leftProcesses = 0

  constructor(
    server: ProvedServer,
    { random, print }: { readonly random: Random; readonly print: ProofOptions["print"] },
  ) {
    this.#server = server
    this.#random = random
    this.#print = print
  }

  async run(kills: number) {
    await this.#start()
    const expected = await this.#calmWords()
    const stop = new AbortController()
    const parts = {
      server: this.#server,
      observer: this.#observer,
      journal: this.#journal,
      untilUp: () => this.#up.promise,
      signal: stop.signal,
    }
    const users = Array.from({ length: USERS }, (_, index) => new User({ ...parts, name: `u${index}` }).run(expected))
    const over = new AbortController()
    const deciding = User.decide({ ...parts, signal: over.signal })
    for (let kill = 1; kill <= kills; ) {
      await pause(this.#random.between(20, 600))
      if (!(await this.#kill(this.#victim()))) continue
      kill += 1
      if (kill % 25 === 0 && kill < kills) this.#print(`… ${kill} of ${kills}: ${countOf(this.#journal)} acknowledged`)
    }
    stop.abort()
    await Promise.all(users)
    await this.#untilQuiet()
    over.abort()
    await deciding
    await this.#observer.stop()
    const kept = await this.#server.readAll()
    const audit = await this.#server.client.verifyAudit()
    this.#audited = audit.checked
    const problems = await findProblems({ seen: this.#observer.seen, kept, journal: this.#journal })
    this.#finished = this.#observer.events.filter(
      (event) => event.type === "turn.ended" && !event.data.error && this.#journal.survivors.has(event.data.turnId),
    ).length
    const tampered = audit.problems.map(({ code, detail }) => `audit: ${code}: ${detail}`)
    return [...this.#observer.problems, ...problems, ...tampered, ...(await this.#leftovers())]
  }

  figures(problems: number) {
    const { server, host, agent } = this.#kills
    const restarts = this.#starts.toSorted((one, other) => one - other)
    return [
      `${server + host + agent} kills (seed ${this.#random.seed}): ${server} of the server, ${host} of the agent host, ${agent} of an agent.`,
      `${countOf(this.#journal)} writes acknowledged, ${this.#observer.seen.length} events read, ${this.#finished} turns finished by agents whose server was killed; ${this.#audited} entries are what tree, checkpoint and witness say.`,
      `From a start to the first answer: ${Math.round(restarts[Math.floor(restarts.length / 2)] ?? 0)} ms, at most ${Math.round(restarts.at(-1) ?? 0)} ms. ${this.#leftProcesses} processes left.`,
      `${problems} problems: writes lost, gaps, repeats, ghosts, turns cut, words missing or said twice, histories or proofs broken, processes left.`,
    ].join("\n")
  }

  async end() {
    await this.#observer.stop()
    await this.#server.end("SIGTERM")
  }

  async #start() {
    this.#starts.push(await this.#server.start())
    this.#observer.follow(this.#server.client)
    this.#up.resolve()
  }

  /** What the agent says to each kind of prompt where nobody is killed. */
  async #calmWords() {
    const deciding = new AbortController()
    const parts = {
      server: this.#server,
      observer: this.#observer,
      journal: newJournal(),
      untilUp: () => this.#up.promise,
    }
    const decided = User.decide({ ...parts, signal: deciding.signal })
    const words: string[] = []
    for (const [kind, prompt] of prompts.entries()) {
      const workDir = this.#server.workFolder(`calm-${kind}`)
      const { id } = await this.#server.client.createSession({ workDir, prompt: prompt("CALM"), reuse: false })
      const ended = await this.#observer.until((event) => event.type === "turn.ended" && event.sessionId === id, {
        signal: AbortSignal.timeout(CALM_MS),
      })
      if (ended?.type !== "turn.ended" || ended.data.stopReason !== "end_turn")
        throw new Error("The demo agent does not do what the proof needs.")
      const texts = this.#observer.events.flatMap((event) =>
        event.type === "message.delta" && event.sessionId === id ? [event.data.text] : [],
      )
      words.push(texts.join(""))
    }
    deciding.abort()
    await decided
    return words
  }

  #victim(): Victim {
    const chance = this.#random.next()
    return chance < 0.75 ? "server" : chance < 0.85 ? "host" : "agent"
  }

  /** False where there is nobody to kill at the moment. */
  async #kill(victim: Victim) {
    if (victim === "server") {
      for (const turnId of this.#running()) this.#journal.survivors.add(turnId)
      this.#up = Promise.withResolvers()
      await this.#server.end("SIGKILL")
      this.#kills.server += 1
      await this.#start()
      return true
    }
    const host = this.#server.hostPid()
    if (host === undefined) return false
    // Held, so that what it has when it dies is known.
    process.kill(host, "SIGSTOP")
    const agents = this.#server.agents()
    const agent = victim === "agent" ? this.#random.oneOf(agents) : undefined
    for (const { runId } of agent ? [agent] : agents) this.#journal.doomed.add(runId)
    process.kill(agent?.pid ?? host, "SIGKILL")
    if (agent) process.kill(host, "SIGCONT")
    this.#kills[agent ? "agent" : "host"] += 1
    return true
  }

  /** The turns that run, as far as the reader has seen. */
  #running() {
    const { events } = this.#observer
    for (; this.#looked < events.length; this.#looked++) {
      const event = events[this.#looked]
      if (event?.type === "turn.started") this.#turns.add(event.data.turnId)
      if (event?.type === "turn.ended") this.#turns.delete(event.data.turnId)
    }
    return this.#turns
  }

  async #untilQuiet() {
    const deadline = AbortSignal.timeout(CALM_MS)
    for (const [turnId] of this.#journal.prompts)
      await this.#observer.until((event) => event.type === "turn.ended" && event.data.turnId === turnId, {
        signal: deadline,
      })
    // What was accepted without an answer ends, too.
    for (;;) {
      const { items } = await this.#server.client.listSessions({ limit: 200 })
      const busy = items.filter(({ status }) => status !== "idle" && status !== "crashed" && status !== "error")
      if (busy.length === 0 || deadline.aborted) return
      await pause(50)
    }
  }

  async #leftovers() {
    await this.#server.end("SIGTERM")
    const deadline = performance.now() + 5000
    const left = () => [...this.#server.processes(), ...this.#server.agents().map(({ pid }) => pid)]
    while (left().length > 0 && performance.now() < deadline) await pause(20)
    this.#leftProcesses = left().length
    return left().map((pid) => `left: process ${pid} outlives the server that was ended in order`)
  }
}

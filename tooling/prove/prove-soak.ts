import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { findLosses } from "./kill/find-problems.ts"
import { newJournal } from "./kill/journal.ts"
import { Observer } from "./kill/observer.ts"
import { ProvedServer } from "./kill/proved-server.ts"
import type { ProofOptions } from "./prove.ts"
import { Random } from "./random.ts"
import { holdingOf, measureLive, measureProgram } from "./soak/measure.ts"
import { floorsOf, type Point, type Slope, slopeOf } from "./soak/slope.ts"
import { killAllSessions, Visitor } from "./soak/visitor.ts"

interface Form {
  readonly minutes: number
  /** Ended sessions, and events, before it begins: more than the server keeps, so that a cache that fills is no leak. */
  readonly ended: number
  readonly events: number
  /** After that long nobody's connection is kept for a next request. */
  readonly quietMs: number
  readonly lifeMs: number
  readonly measureMs: number
}

const forms: Readonly<Record<"short" | "full", Form>> = {
  short: { minutes: 0.1, ended: 50, events: 50, quietMs: 500, lifeMs: 200, measureMs: 1000 },
  full: { minutes: 30, ended: 2100, events: 5500, quietMs: 6000, lifeMs: 3000, measureMs: 15_000 },
}
const VISITORS = 3
const SAMPLE_MS = 2000
const CALLS_AT_ONCE = 20
/** Of memory only the least of each is looked at: a cache that is cut when it is full wanders, and so does garbage. */
const SPANS = 20
const SETTLE_MS = 30_000
const WARM_UP_MS = 15 * 60_000
/** Connections of this program, and timers of theirs, that come and go. */
const TOLERANCE = 3
const MB = 1024 * 1024
/** In less time what is loaded and compiled when it is first needed grows faster than any leak. */
const LEAST_MINUTES = 3
/** What no server may grow by in an hour. */
const MB_PER_HOUR = 1
/**
 * By how many MB the figures wander where nothing leaks: so much more may be seen over the time that was measured. Live bytes
 * are counted after a collection, and wander with what is under way and how big the events are that are kept for readers;
 * resident ones with garbage, which is left until the heap is several times what lives in it. So half an hour shows of what
 * the server keeps what grows by some MB in an hour, and eight hours what grows by one.
 */
const WANDER = { live: 1.5, resident: 64 }

/** Sessions come and go for long, and the server and its agent host hold in the end what they held in the beginning. */
export async function proveSoak({ isFull, seed, count, print }: ProofOptions): Promise<boolean> {
  const stateDir = realpathSync(mkdtempSync(join(tmpdir(), "prove-soak-")))
  const server = new ProvedServer(stateDir, { preload: measureProgram })
  const form = forms[isFull ? "full" : "short"]
  try {
    writeFileSync(
      join(stateDir, "aegis.config.json"),
      JSON.stringify({ agent: { default: "demo", parkAfterMs: 1500 } }),
    )
    const soak = new Soak(server, { ...form, minutes: count ?? form.minutes, random: new Random(seed), print })
    await soak.run()
    for (const problem of soak.problems.slice(0, 50)) print(`✗ ${problem}`)
    print(soak.figures())
    if (soak.problems.length > 0) print(`Again: pnpm prove soak --seed ${seed}`)
    return soak.problems.length === 0
  } finally {
    // One that is held up by what it holds does not end by itself.
    await Promise.race([server.end("SIGTERM"), pause(SETTLE_MS, undefined, { ref: false })])
    await server.end("SIGKILL")
    rmSync(stateDir, { recursive: true, force: true })
  }
}

interface SoakOptions extends Form {
  readonly random: Random
  readonly print: ProofOptions["print"]
}

interface Rest {
  readonly rss: number
  readonly live: number
  /** How many of each thing there are that has to be given back. */
  readonly held: Readonly<Record<(typeof things)[number], number>>
}

const things = ["descriptors", "children", "timers", "host's descriptors", "host's children"] as const
const nothing = { descriptors: 0, children: 0, timers: 0, "host's descriptors": 0, "host's children": 0 }

type Series = "server" | "host" | "live"

class Soak {
  readonly problems: string[] = []
  readonly #server: ProvedServer
  readonly #options: SoakOptions
  readonly #observer = new Observer()
  readonly #series: Readonly<Record<Series, Point[]>> = { server: [], host: [], live: [] }
  #visitors: readonly Visitor[] = []
  #base: Rest = { rss: 0, live: 0, held: nothing }
  #ended: Rest = this.#base
  #hours = 0
  #events = 0

  constructor(server: ProvedServer, options: SoakOptions) {
    this.#server = server
    this.#options = options
  }

  async run() {
    const { events, lifeMs, minutes } = this.#options
    await this.#server.start()
    await this.#firstSession()
    const first = await this.#rest()
    await this.#endSessions()
    await this.#visit(0, () => this.#untilSeen(events))
    // What is held besides memory is what it was after the first session, also when memory is full.
    this.#base = { ...(await this.#rest(first)), held: first.held }
    const began = performance.now()
    await this.#visit(lifeMs, () => this.#watch(began + minutes * 60_000))
    this.#hours = (performance.now() - began) / 3_600_000
    this.#ended = await this.#rest(this.#base)
    this.#judgeRest(this.#base, this.#ended)
    this.#judgeSlopes()
    await this.#judgeLog()
  }

  figures() {
    const sum = (what: (visitor: Visitor) => number) => this.#visitors.reduce((total, each) => total + what(each), 0)
    const [before, after] = [this.#base, this.#ended]
    const counts = things.map((thing) => `${before.held[thing]} and ${after.held[thing]} ${thing}`).join(", ")
    return [
      `${sum(({ lives }) => lives)} sessions lived and ended in ${(this.#hours * 60).toFixed(1)} minutes (seed ${this.#options.random.seed}): ${sum(({ prompts }) => prompts)} prompts, each asked for twice, ${sum(({ parked }) => parked)} processes saved and begun again, ${this.#events} events.`,
      ...this.#growth(),
      `At rest, before and after: ${megabytes(before.live)} and ${megabytes(after.live)} MB live, ${megabytes(before.rss)} and ${megabytes(after.rss)} MB resident, ${counts}.`,
      `${this.problems.length} problems: memory that grows, descriptors, timers, children and processes left, events missing.`,
    ].join("\n")
  }

  #growth() {
    if (!this.#isLong) return []
    const { server, host, live } = this.#slopes()
    return [
      `Growth in MB/h, with 95 % confidence: live after a collection ${told(live)} (at most ${this.#most("live").toFixed(1)}), server resident ${told(server)}, host resident ${told(host)} (at most ${this.#most("resident").toFixed(1)}).`,
    ]
  }

  get #isLong() {
    return this.#hours * 60 >= LEAST_MINUTES
  }

  /** Begins the agent host. */
  async #firstSession() {
    const { client } = this.#server
    const workDir = this.#server.workFolder("first")
    const { id } = await client.createSession({ workDir, prompt: "#script\nsay Hello.", reuse: false })
    for await (const event of client.events(id)) if ("hash" in event && event.type === "turn.ended") return
  }

  /** No agent is needed for sessions that end while all work is stopped. */
  async #endSessions() {
    const { client } = this.#server
    const workDir = this.#server.workFolder("ended")
    await client.stopAll({ reason: "Sessions without agents are made." })
    let left = this.#options.ended
    const make = async () => {
      while (left-- > 0) await client.killSession((await client.createSession({ workDir, reuse: false })).id)
    }
    await Promise.all(Array.from({ length: CALLS_AT_ONCE }, make))
    await client.liftStopAll()
  }

  /** Visitors come and go until it is time. */
  async #visit(lifeMs: number, untilOver: () => Promise<void>) {
    const { random } = this.#options
    const stop = new AbortController()
    this.#observer.follow(this.#server.client)
    const parts = { server: this.#server, observer: this.#observer, random, lifeMs, signal: stop.signal }
    this.#visitors = Array.from({ length: VISITORS }, (_, index) => new Visitor({ ...parts, name: `v${index}` }))
    const visiting = this.#visitors.map((visitor) => visitor.run())
    await untilOver()
    stop.abort()
    await Promise.all(visiting)
    this.problems.push(...this.#visitors.flatMap(({ problems }) => problems))
    await this.#observer.stop()
  }

  async #untilSeen(more: number) {
    // Not of those that it has still to read.
    const { items } = await this.#server.client.listEvents({ limit: 1 })
    const wanted = (items[0]?.seq ?? 0) + more
    const deadline = performance.now() + WARM_UP_MS
    while ((this.#observer.seen.at(-1)?.seq ?? 0) < wanted) {
      if (performance.now() > deadline) throw new Error("Nothing happens.")
      await pause(100)
    }
  }

  async #watch(end: number) {
    const { measureMs, print } = this.#options
    let measuredAt = Number.NEGATIVE_INFINITY
    let toldAt = performance.now()
    while (performance.now() < end) {
      const at = performance.now() / 1000
      this.#series.server.push({ at, value: holdingOf(this.#server.pid).rss / MB })
      this.#series.host.push({ at, value: holdingOf(this.#server.hostPid() ?? 0).rss / MB })
      if (at * 1000 - measuredAt >= measureMs) {
        measuredAt = at * 1000
        this.#series.live.push({ at, value: (await measureLive(this.#server)).live / MB })
      }
      if (at * 1000 - toldAt > 300_000) {
        toldAt = at * 1000
        print(`… ${Math.round((end - toldAt) / 60_000)} minutes left: live ${told(this.#slopes().live)} MB/h`)
      }
      await pause(Math.min(SAMPLE_MS, measureMs, Math.max(0, end - performance.now())))
    }
  }

  /** When everybody has left and every session is ended; with a base, as soon as no more is held than then. */
  async #rest(base?: Rest): Promise<Rest> {
    await killAllSessions(this.#server)
    const began = performance.now()
    for (;;) {
      const rest = await this.#measure()
      const after = performance.now() - began
      // The first time there is nothing to compare with: connections that nobody uses any more are closed by then.
      const isDone = base ? excessOf(base, rest).length === 0 : after > this.#options.quietMs
      if ((isDone && this.#server.agents().length === 0) || after > SETTLE_MS) return rest
      await pause(200)
    }
  }

  async #measure(): Promise<Rest> {
    const server = holdingOf(this.#server.pid)
    const host = holdingOf(this.#server.hostPid() ?? 0)
    const { live, timers } = await measureLive(this.#server)
    const { rss, descriptors, children } = server
    const ofHost = { "host's descriptors": host.descriptors, "host's children": host.children }
    return { rss, live, held: { descriptors, children, timers, ...ofHost } }
  }

  #judgeRest(base: Rest, ended: Rest) {
    this.problems.push(...excessOf(base, ended))
    for (const { pid } of this.#server.agents()) this.problems.push(`left: process ${pid} outlives its session`)
  }

  #judgeSlopes() {
    if (!this.#isLong) return
    const { server, host, live } = this.#slopes()
    const judge = (what: string, { perHour }: Slope, most: number) => {
      if (perHour > most)
        this.problems.push(`${what} grows by ${perHour.toFixed(1)} MB/h, and may by ${most.toFixed(1)}`)
    }
    judge("what the server keeps", live, this.#most("live"))
    judge("the server's resident memory", server, this.#most("resident"))
    judge("the host's resident memory", host, this.#most("resident"))
  }

  async #judgeLog() {
    const kept = await this.#server.readAll()
    this.#events = this.#observer.seen.length
    const problems = await findLosses({ seen: this.#observer.seen, kept, journal: newJournal() })
    // Visitors say the same again and again, and see for themselves that one key is one prompt.
    this.problems.push(...this.#observer.problems, ...problems.filter((problem) => !problem.startsWith("twice")))
  }

  #slopes(): Readonly<Record<Series, Slope>> {
    const { server, host, live } = this.#series
    return {
      live: slopeOf(floorsOf(live, SPANS)),
      server: slopeOf(floorsOf(server, SPANS)),
      host: slopeOf(floorsOf(host, SPANS)),
    }
  }

  #most(what: keyof typeof WANDER) {
    return MB_PER_HOUR + WANDER[what] / this.#hours
  }
}

/** What is held beyond what was held before. */
function excessOf(base: Rest, rest: Rest) {
  return things.flatMap((thing) =>
    rest.held[thing] > base.held[thing] + TOLERANCE
      ? [`${rest.held[thing]} ${thing} in the end, ${base.held[thing]} in the beginning`]
      : [],
  )
}

function told({ perHour, low, high }: Slope) {
  return `${perHour.toFixed(1)} (${low.toFixed(1)} to ${high.toFixed(1)})`
}

function megabytes(bytes: number) {
  return (bytes / MB).toFixed(1)
}

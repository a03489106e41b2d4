import type { AegisParts } from "./aegis-parts.ts"
import type { CommandExecutor } from "./command-executor.ts"
import { type Actor, type AegisEvent, isSystemEvent } from "./events.ts"
import { isLogRefusal } from "./log-refusal.ts"
import { ProcessSlots } from "./process-slots.ts"
import { RoomMaker } from "./room-maker.ts"
import { type DecidedApproval, SessionDriver } from "./session-driver.ts"
import { sessionsTable } from "./session-models.ts"

/** Reads the log, and has each session's driver do what the events ask for. */
export class Runner {
  readonly #parts: AegisParts
  readonly #executor: CommandExecutor
  readonly #drivers = new Map<string, SessionDriver>()
  readonly #waiting = new Map<string, (isDelivered: boolean) => void>()
  readonly #stop = new AbortController()
  readonly #slots: ProcessSlots
  readonly #room: RoomMaker
  #reading: Promise<void> | undefined
  #halting: Promise<void> = Promise.resolve()

  constructor(parts: AegisParts, executor: CommandExecutor) {
    this.#parts = parts
    this.#executor = executor
    this.#slots = new ProcessSlots(parts.settings.maxAgentProcesses)
    this.#room = new RoomMaker({ parts, executor, slots: this.#slots })
  }

  /** Goes on with what an earlier life left: with agents that live, and with what waits. */
  async start() {
    const after = this.#parts.log.head()
    const unfinished = await this.#unfinished()
    await this.#endUnclaimed(new Set(unfinished.map(({ runId }) => runId)))
    const drivers = [...new Set(unfinished.map((row) => row.sessionId))].map((sessionId) => this.#driverOf(sessionId))
    await Promise.all(drivers.map((driver) => driver.attach()))
    await this.halt()
    for (const driver of drivers) driver.poke()
    this.#reading = this.#read(after)
  }

  /** Whether the prompt reached the agent within the time; a turn that ends before that never reaches it. */
  async isDelivered(turnId: string, waitMs: number) {
    return new Promise<boolean>((resolve) => {
      const settle = (isDelivered: boolean) => {
        clearTimeout(timer)
        this.#waiting.delete(turnId)
        resolve(isDelivered)
      }
      const timer = setTimeout(() => settle(false), waitMs)
      this.#waiting.set(turnId, settle)
    })
  }

  /** Ends the session's agent, whatever the log can say about it. */
  async endNow(sessionId: string) {
    await this.#drivers.get(sessionId)?.endNow()
  }

  /** Tells the agent a decision before the log has it. It is told once, however often it is said. */
  async tellNow(sessionId: string, approval: DecidedApproval) {
    await this.#drivers.get(sessionId)?.tellNow(approval)
  }

  /** The rules have changed: agents that keep them by themselves, and have nothing to do, are begun again with the next prompt. */
  async renew(sessionId?: string) {
    const where = { status: "idle", runId: { gt: "" }, ...(sessionId === undefined ? {} : { sessionId }) }
    const idle = await this.#parts.log.rows(sessionsTable, { where })
    // What the log refuses it refuses the next prompt, too.
    await Promise.allSettled(idle.map((row) => this.#driverOf(row.sessionId).renew()))
  }

  /** Where all work is stopped, interrupts what still runs; resolves when the log says so, or the agents were told. */
  halt() {
    const halting = this.#halting.then(() => this.#haltAll())
    // Whoever wanted it is told; whoever comes next begins anew.
    this.#halting = halting.catch(() => {})
    return halting
  }

  /** Resolves when nothing is left to interrupt. */
  get halted() {
    return this.#halting
  }

  /** Stops every agent, or leaves them be. */
  async close(options: { readonly keepAgents?: boolean } = {}) {
    this.#stop.abort()
    await this.#reading
    await this.#room.close()
    // A log that failed refuses the ends of its agents; the agents end all the same, and the next start tells it.
    await Promise.allSettled([...this.#drivers.values()].map((driver) => driver.close(options)))
  }

  async #read(after: number) {
    for await (const page of this.#parts.log.tail({ after, signal: this.#stop.signal })) {
      for (const { event } of page) await this.#take(event)
      for (const sessionId of new Set(page.flatMap(({ event }) => event.sessionId ?? [])))
        this.#driverOf(sessionId).poke()
      this.#forgetIdle()
    }
  }

  async #take(event: AegisEvent) {
    if (isSystemEvent(event)) {
      // It may have been kept beside the log before; a log that refuses this is told by the next start.
      if (event.type === "system.stopped") this.halt().catch(() => {})
      // What was held may go on.
      if (resuming.has(event.type))
        for (const { sessionId } of await this.#unfinished()) this.#driverOf(sessionId).poke()
      return
    }
    if (event.type === "turn.ended") this.#waiting.get(event.data.turnId)?.(false)
    this.#room.watch(event)
  }

  async #haltAll() {
    const stop = await this.#executor.stop()
    const running = stop ? await this.#parts.log.rows(sessionsTable, { where: { runId: { gt: "" } } }) : []
    await Promise.all(running.map(({ sessionId }) => this.#haltOne(sessionId, stop?.by)))
  }

  async #haltOne(sessionId: string, actor: Actor = system) {
    try {
      await this.#executor.execute(sessionId, { type: "halt" }, { actor })
    } catch (error) {
      if (!isLogRefusal(error)) throw error
      // Told at once, whatever the log can say about it; one that is gone needs no telling.
      await this.#drivers
        .get(sessionId)
        ?.haltNow()
        .catch(() => undefined)
      const signal = this.#stop.signal
      // It is written down when there is room; a log that failed is told by the next start.
      this.#executor.insist(sessionId, { type: "halt" }, { actor, signal }).catch(() => {})
    }
  }

  async #unfinished() {
    const { log } = this.#parts
    const found = await Promise.all([
      log.rows(sessionsTable, { where: { runId: { gt: "" } } }),
      log.rows(sessionsTable, { where: { openTurns: { gt: 0 } } }),
      log.rows(sessionsTable, { where: { status: "pending" } }),
    ])
    return found.flat()
  }

  // Started a moment before the end, and not in the log; or in the log as ended, and not released.
  async #endUnclaimed(claimed: ReadonlySet<string | null>) {
    const { host } = this.#parts
    for (const runId of await host.runs()) {
      const link = claimed.has(runId) ? undefined : await host.attach(runId)
      await link?.stop()
      link?.release()
    }
  }

  #driverOf(sessionId: string) {
    const known = this.#drivers.get(sessionId)
    if (known) return known
    const onDelivered = (turnId: string) => this.#waiting.get(turnId)?.(true)
    const [parts, executor, slots] = [this.#parts, this.#executor, this.#slots]
    const driver = new SessionDriver({ sessionId, parts, executor, slots, onDelivered })
    this.#drivers.set(sessionId, driver)
    return driver
  }

  #forgetIdle() {
    for (const [sessionId, driver] of this.#drivers) if (!driver.isBusy) this.#drivers.delete(sessionId)
  }
}

const resuming: ReadonlySet<AegisEvent["type"]> = new Set([
  "system.resumed",
  "policy.updated",
  "ledger.settled",
  "ledger.extended",
])

const system: Actor = { kind: "system", id: "runner", via: "runner" }

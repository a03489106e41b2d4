import type { AegisParts } from "./aegis-parts.ts"
import type { CommandExecutor } from "./command-executor.ts"
import type { Actor, SessionEvent } from "./events.ts"
import type { ProcessSlots } from "./process-slots.ts"
import { sessionsTable } from "./session-models.ts"

export interface RoomMakerOptions {
  readonly parts: Pick<AegisParts, "log">
  readonly executor: CommandExecutor
  readonly slots: ProcessSlots
}

// After these somebody waits, somebody may give way, or somebody has.
const TURNING_POINTS: ReadonlySet<SessionEvent["type"]> = new Set([
  "session.waiting",
  "session.ready",
  "turn.ended",
  "approval.resolved",
  "agent.exited",
])
const actor: Actor = { kind: "system", id: "runner", via: "runner" }

/** While sessions wait for a process, those that have had nothing to do for longest give theirs away. */
export class RoomMaker {
  readonly #options: RoomMakerOptions
  /** Parked, and their process is not gone yet. */
  readonly #leaving = new Set<string>()
  #making: Promise<void> | undefined
  #isDue = false

  constructor(options: RoomMakerOptions) {
    this.#options = options
  }

  /** Something has happened. */
  watch({ type, sessionId }: SessionEvent) {
    if (type === "agent.exited") this.#leaving.delete(sessionId)
    if (!TURNING_POINTS.has(type) || this.#missing <= 0) return
    this.#isDue = true
    this.#making ??= this.#make()
  }

  /** Resolves when nothing more is being done. */
  async close() {
    await this.#making
  }

  get #missing() {
    return this.#options.slots.wanted - this.#leaving.size
  }

  async #make() {
    while (this.#isDue) {
      this.#isDue = false
      // A log that failed refuses this as it refuses everything; the next event tries again.
      await this.#parkSome().catch(() => undefined)
    }
    this.#making = undefined
  }

  async #parkSome() {
    const { parts, executor } = this.#options
    const idle = await parts.log.rows(sessionsTable, {
      where: { status: "idle", runId: { gt: "" } },
      order: [["lastSeq", "asc"]],
    })
    for (const { sessionId } of idle) {
      if (this.#missing <= 0) return
      if (this.#leaving.has(sessionId)) continue
      const reason = "Another session needs its place."
      const events = await executor.execute(sessionId, { type: "park", reason }, { actor })
      if (events.length > 0) this.#leaving.add(sessionId)
    }
  }
}

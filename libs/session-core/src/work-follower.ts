import type { AegisParts } from "./aegis-parts.ts"
import type { AegisEvent } from "./events.ts"

/** What begins sessions by itself. All that it knows is in the log. */
export interface WorkRunner {
  /** Goes on with what an earlier life left. */
  start(): Promise<void>
  /** Something has happened after which something of it may have to be begun. */
  take(event: AegisEvent): Promise<void>
  close(): Promise<void>
}

/** Tells those who begin sessions by themselves what has happened. */
export class WorkFollower {
  readonly #log: AegisParts["log"]
  readonly #runners: readonly WorkRunner[]
  readonly #stop = new AbortController()
  #reading: Promise<void> | undefined

  constructor(log: AegisParts["log"], runners: readonly WorkRunner[]) {
    this.#log = log
    this.#runners = runners
  }

  async start() {
    const after = this.#log.head()
    for (const runner of this.#runners) await runner.start()
    this.#reading = this.#read(after)
  }

  async close() {
    this.#stop.abort()
    await this.#reading
    for (const runner of this.#runners) await runner.close()
  }

  async #read(after: number) {
    for await (const page of this.#log.tail({ after, signal: this.#stop.signal }))
      for (const entry of page)
        if (WAKING.has(entry.type)) for (const runner of this.#runners) await runner.take(entry.event)
  }
}

/** Events after which something may have to be begun: of what is begun, of all work, of a session that may be done. */
const WAKING: ReadonlySet<string> = new Set<AegisEvent["type"]>([
  "pipeline.created",
  "routine.created",
  "routine.updated",
  "routine.deleted",
  "system.resumed",
  "turn.ended",
  "approval.delivered",
  "approval.undeliverable",
  "question.delivered",
  "agent.exited",
  "session.killed",
  "session.crashed",
])

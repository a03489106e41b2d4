import type { DueTimes } from "./due-times.ts"
import type { SystemEventData } from "./events.ts"
import { evolveRoutine, type OpenRun, type RoutineState } from "./routine-state.ts"
import { SessionError } from "./session-error.ts"
import type { RoutineChange } from "./system-change.ts"

/** How a run has ended. */
export interface RunEnd extends Pick<SystemEventData<"routine.run_ended">, "run" | "error"> {
  readonly status: "completed" | "failed"
}

type Own<T extends RoutineChange["type"]> = Omit<SystemEventData<T>, "routineId" | "tenantId" | "userId">

/** What a routine comes to, step by step: each says what has changed, and stands on the steps before. Pure. */
export class RoutineSteps {
  readonly changes: RoutineChange[] = []
  readonly #at: string
  state: RoutineState

  /** `at`: now (ISO 8601 UTC). */
  constructor(state: RoutineState, at: string) {
    this.state = state
    this.#at = at
  }

  /** Runs have ended, or could not be begun. */
  takeEnds(ends: readonly RunEnd[]) {
    for (const { run, status, error } of ends) this.#end(run, { status, ...(error ? { error } : {}) })
  }

  /** Times are due: each has its run from now on, whatever becomes of it. */
  takeTimes({ missed, present }: DueTimes) {
    if (missed) {
      const { dueAt, ...times } = missed
      const isAlone = times.count === 1
      const run = { dueAt, cause: "missed", ...(isAlone ? {} : { missed: times }) } as const
      this.#take(run, this.state.missedRun === "skip" ? MISSED : this.#refusal())
    }
    if (present) this.#take({ dueAt: present, cause: "clock" }, this.#refusal())
  }

  /** Somebody wants a run now. Throws `routine-busy` where it could neither begin nor wait. */
  request(key: string | undefined) {
    const refusal = this.#refusal()
    if (refusal !== undefined) throw new SessionError("routine-busy", `Routine ${this.state.routineId}: ${refusal}`)
    return this.#take({ dueAt: this.#at, cause: "run", ...(key === undefined ? {} : { key }) }, undefined)
  }

  /** The run that is to begin next; undefined: none is. */
  nextStart(): OpenRun | undefined {
    const { open, overlap } = this.state
    const isFree = overlap === "parallel" || open.every(isWaiting)
    return isFree ? open.find(isWaiting) : undefined
  }

  start(run: number, sessionId: string) {
    this.#record("routine.run_started", { run, sessionId })
  }

  /** What waits by itself does no longer. */
  cancelWaiting(reason: string) {
    for (const run of this.state.open) if (isWaiting(run)) this.#end(run.run, { status: "cancelled", reason })
  }

  delete() {
    this.cancelWaiting("The routine was deleted.")
    this.#record("routine.deleted", { version: this.state.version + 1 })
  }

  /** It is another one from now on; all times up to now have been taken. */
  update(wish: Pick<SystemEventData<"routine.updated">, "routine" | "key">) {
    const { routine } = wish
    if (!routine.enabled && this.state.enabled) this.cancelWaiting("The routine was paused.")
    this.#record("routine.updated", { ...wish, version: this.state.version + 1, since: this.#at })
  }

  #take(due: Omit<Own<"routine.run_due">, "run">, refusal: string | undefined) {
    const run = this.state.runs + 1
    this.#record("routine.run_due", { run, ...due })
    if (refusal !== undefined) this.#end(run, { status: "skipped", reason: refusal })
    return run
  }

  /** Why there is no room for one more run. */
  #refusal() {
    const { open, overlap } = this.state
    if (overlap === "parallel" || open.length === 0) return undefined
    if (overlap === "skip") return `Run ${open[0]?.run} has not ended.`
    const waiting = open.find(isWaiting)
    return waiting && `Run ${waiting.run} waits already.`
  }

  #end(run: number, how: Pick<SystemEventData<"routine.run_ended">, "status" | "reason" | "error">) {
    const open = this.state.open.find((each) => each.run === run)
    if (!open) return
    const session = open.sessionId === undefined ? {} : { sessionId: open.sessionId }
    this.#record("routine.run_ended", { run, ...session, ...how })
  }

  #record<T extends Exclude<RoutineChange["type"], "routine.created">>(type: T, own: Own<T>) {
    const { routineId, owner } = this.state
    const change = { type, data: { routineId, ...owner, ...own } } as unknown as RoutineChange
    this.changes.push(change)
    this.state = evolveRoutine(this.state, { ...change, at: this.#at }) ?? this.state
  }
}

const MISSED = "Its time was missed."

function isWaiting({ sessionId }: OpenRun) {
  return sessionId === undefined
}

import type { Actor, SessionEvent, SessionEventData, SessionEventType } from "./events.ts"
import { evolve } from "./evolve.ts"
import { type SessionState, statusOf } from "./session-state.ts"
import type { Stop } from "./system-state.ts"

export interface RecordingContext {
  readonly sessionId: string
  readonly at: string
  readonly actor: Actor
}

/** Events in the making: each is recorded on the state that those before it lead to, and carries the status it leads to. */
export class Recording {
  readonly events: SessionEvent[] = []
  readonly context: RecordingContext
  /** All work is stopped. */
  readonly stop: Stop | undefined
  #state: SessionState | undefined

  constructor(state: SessionState | undefined, context: RecordingContext, stop?: Stop) {
    this.#state = state
    this.context = context
    this.stop = stop
  }

  /** The state so far. Only the recording of a session's creation begins without one. */
  get state(): SessionState {
    if (this.#state === undefined)
      throw new Error(`Session ${this.context.sessionId} has no state before its creation.`)
    return this.#state
  }

  record<T extends SessionEventType>(
    type: T,
    data: SessionEventData<T>,
    { actor = this.context.actor, turnId = this.#turnId() }: RecordOptions = {},
  ) {
    const { sessionId, at } = this.context
    const draft = {
      sessionId,
      type,
      at,
      actor,
      status: "pending",
      ...(turnId === undefined ? {} : { turnId }),
      data,
    } as SessionEvent
    this.#state = evolve(this.#state, draft)
    this.events.push({ ...draft, status: statusOf(this.state) })
  }

  #turnId() {
    return this.#state?.turn?.turnId
  }
}

export interface RecordOptions {
  readonly actor?: Actor | undefined
  readonly turnId?: string | undefined
}

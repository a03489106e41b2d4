import type { Budgets } from "@aegis/policy"
import type { Actor, SessionEvent, SessionEventData, SessionEventType } from "./events.ts"
import { evolve, spendingOf } from "./evolve.ts"
import { accountsFor, type BudgetView } from "./judge-budget.ts"
import { evolveShared, toShared } from "./ledger.ts"
import { type SessionState, statusOf } from "./session-state.ts"
import type { Stop, SystemState } from "./system-state.ts"

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
  #budgets: BudgetView

  constructor(
    state: SessionState | undefined,
    context: RecordingContext,
    { stop, ledger = {}, keys = {} }: SystemState = {},
    budgets?: Budgets,
  ) {
    this.#state = state
    this.context = context
    this.stop = stop
    this.#budgets = { budgets, shared: ledger, keys, at: context.at }
  }

  /** What budgets are judged by, with all that is recorded so far. */
  get budgets(): BudgetView {
    return this.#budgets
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
    const before = this.#state
    this.#state = evolve(before, draft)
    this.events.push({ ...draft, status: statusOf(this.state) })
    for (const event of toShared(draft, this.state.owner.tenantId))
      this.#budgets = { ...this.#budgets, shared: evolveShared(this.#budgets.shared, event) }
    if (draft.type === "turn.ended" && before) this.#settle(before, draft.data, actor)
  }

  // However a turn ends: what was kept for it is free again, and what it has cost is counted, in the same append.
  #settle(before: SessionState, data: SessionEventData<"turn.ended">, actor: Actor) {
    const { turnId } = data
    const accounts = before.turn?.turnId === turnId ? before.turn.accounts : undefined
    if (!accounts) return
    const known = accountsFor(before, before.turn?.key, this.#budgets)
    const now = accounts.map(({ window: then, ...name }) => {
      const window = known.find(({ id }) => id === name.account)?.window?.from ?? then
      return { ...name, ...(window === undefined ? {} : { window }) }
    })
    this.record("budget.settled", { turnId, ...spendingOf(before, data), accounts: now }, { actor, turnId })
  }

  #turnId() {
    return this.#state?.turn?.turnId
  }
}

/** Who says what a policy that is only tried would say. */
export const onTrial: Actor = { kind: "policy", id: "shadow", via: "policy" }

export interface RecordOptions {
  readonly actor?: Actor | undefined
  readonly turnId?: string | undefined
}

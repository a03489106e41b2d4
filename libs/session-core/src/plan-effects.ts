import {
  canComeBack,
  isEnded,
  isObserved,
  isParkable,
  isReachable,
  openApprovals,
  type PendingApproval,
  type PendingQuestion,
  type QueuedTurn,
  type SessionState,
} from "./session-state.ts"

/** What a session wants done to the outside world. Each has an id of its own, so that doing it again does nothing. */
export type Effect =
  | { readonly type: "start-agent" }
  | { readonly type: "stop-agent" }
  | { readonly type: "park"; readonly isStale: boolean }
  | { readonly type: "expire-approvals" }
  | { readonly type: "start-turn"; readonly turn: QueuedTurn }
  | { readonly type: "send-prompt"; readonly turn: Pick<QueuedTurn, "turnId" | "content"> }
  | { readonly type: "send-cancel"; readonly turnId: string }
  | {
      readonly type: "send-decision"
      readonly approval: PendingApproval & { readonly outcome: NonNullable<PendingApproval["outcome"]> }
    }
  | {
      readonly type: "send-answer"
      readonly question: PendingQuestion & { readonly answer: NonNullable<PendingQuestion["answer"]> }
    }

/** What the runner knows of the outside: whether it holds the session's agent, and which frames it has sent to it. */
export interface RunnerView {
  /** ISO 8601 UTC. */
  readonly now: string
  readonly attachedRunId: string | undefined
  /** All work is stopped: nothing is begun, and no prompt goes out. */
  readonly isStopped?: boolean
  /** A budget has no room for the session's next turn, and it has said so; until when, where that passes by itself. */
  readonly held?: { readonly until?: string | undefined } | undefined
  /** Its agent has a mode, options or rules that are the session's no longer, and is begun again before its next turn. */
  readonly isStale?: boolean
  /** Milliseconds without anything to do after which a process is saved; absent: never. */
  readonly parkAfterMs?: number
  readonly sent: ReadonlySet<string>
}

/** The names under which prompts and cancels are remembered as sent. */
export const promptKey = (turnId: string) => `prompt ${turnId}`
export const cancelKey = (turnId: string) => `cancel ${turnId}`

/** The effects that the state asks for and the runner has not had yet, in the order in which they are due. Pure. */
export function planEffects(state: SessionState, view: RunnerView): readonly Effect[] {
  const { attachedRunId, isStopped = false, isStale = false } = view
  if (isObserved(state)) return []
  if (isEnded(state)) return attachedRunId === undefined ? [] : [{ type: "stop-agent" }]
  if (attachedRunId === undefined) return !isStopped && wantsAgent(state, view) ? [{ type: "start-agent" }] : []
  if (state.run?.runId !== attachedRunId || !isReachable(state)) return []
  // A prompt on `error` restarts the agent first (spec/sessions.md, States).
  const isDue = isNextDue(state, view)
  if (state.parked || (state.failure && isDue) || (isStale && isDue && canComeBack(state)))
    return [{ type: "stop-agent" }]
  const parkAt = parkDue(state, view)
  if (parkAt !== undefined && (isStale || parkAt <= view.now)) return [{ type: "park", isStale }]
  if (expiries(state).some((at) => at <= view.now)) return [{ type: "expire-approvals" }]
  const turn = turnEffects(state, view)
  // An agent that is told `cancelled` before it hears of the cancel goes on with its turn (spec/sessions.md, Turns).
  return turn.some(({ type }) => type === "send-cancel") ? [...turn, ...answers(state)] : [...answers(state), ...turn]
}

/** When something is due by the time alone: a process that begins or is saved by itself, an approval that expires. */
export function nextDue(
  state: SessionState,
  view: Pick<RunnerView, "parkAfterMs" | "isStopped" | "held">,
): string | undefined {
  if (isEnded(state) || state.run?.isDetached) return undefined
  const there = view.held?.until
  const due = state.run === undefined ? (view.isStopped ? undefined : state.restartAt) : parkDue(state, view)
  return [...expiries(state), there, due].filter((at) => at !== undefined).sort()[0]
}

/** Whether the first prompt of the queue goes out as soon as it can. */
function isNextDue({ queue, paused }: SessionState, { isStopped, held }: Pick<RunnerView, "isStopped" | "held">) {
  return queue.length > 0 && !paused && !isStopped && held === undefined
}

function parkDue(state: SessionState, { parkAfterMs }: Pick<RunnerView, "parkAfterMs">) {
  if (parkAfterMs === undefined || state.idleSince === undefined || !isParkable(state)) return undefined
  return new Date(Date.parse(state.idleSince) + parkAfterMs).toISOString()
}

function expiries(state: SessionState) {
  return openApprovals(state).flatMap(({ expiresAt }) => (expiresAt === undefined ? [] : [expiresAt]))
}

// Who died a moment ago waits, whatever is asked of it: the backoff is real.
function wantsAgent(state: SessionState, view: RunnerView) {
  if (state.run) return false
  if (state.restartAt !== undefined) return state.restartAt <= view.now
  if (isNextDue(state, view)) return true
  return state.agentSessionId === undefined && state.failure === undefined
}

function answers({ approvals, questions }: SessionState): Effect[] {
  return [
    ...approvals.flatMap(({ outcome, ...approval }) =>
      outcome === undefined ? [] : [{ type: "send-decision" as const, approval: { ...approval, outcome } }],
    ),
    ...questions.flatMap(({ answer, ...question }) =>
      answer === undefined ? [] : [{ type: "send-answer" as const, question: { ...question, answer } }],
    ),
  ]
}

function turnEffects(state: SessionState, view: Pick<RunnerView, "sent" | "isStopped" | "held">): Effect[] {
  const { sent, isStopped } = view
  const { turn, queue } = state
  const next = isNextDue(state, view) ? queue[0] : undefined
  const begin: Effect[] = next ? [{ type: "start-turn", turn: next }] : []
  if (!turn) return begin
  const isWanted = turn.origin === "prompt" && !turn.isHalted && !isStopped
  if (isWanted && !sent.has(promptKey(turn.turnId))) return [{ type: "send-prompt", turn }]
  if (turn.cancelling && !sent.has(cancelKey(turn.turnId))) return [{ type: "send-cancel", turnId: turn.turnId }]
  return turn.origin === "agent" ? begin : []
}

import type { Spending } from "@aegis/policy"
import { type AgentOptions, keptOptions } from "./agent-options.ts"
import type { SessionEvent, SessionEventData } from "./events.ts"
import { firstPermissions, permissionsUpdated, remember } from "./evolve-permissions.ts"
import { evolveLedger } from "./ledger.ts"
import { withParticipant } from "./participants.ts"
import { isObserved, lastKnownStatus, type SessionState, unsettledCost } from "./session-state.ts"

/** The one place where a session's state changes. Pure; the same object means unchanged. */
export function evolve(state: SessionState | undefined, event: SessionEvent): SessionState | undefined {
  if (event.type === "session.created") return created(event)
  if (!state) return undefined
  return withPart(withRest(withOutput(withoutStall(evolveExisting(state, event), event), event), event), event)
}

function withPart(state: SessionState, event: SessionEvent): SessionState {
  const participants = withParticipant(state.participants, event)
  return participants === state.participants ? state : { ...state, participants }
}

// When the agent has begun to answer.
function withOutput(state: SessionState, { type, at }: SessionEvent): SessionState {
  if (!state.turn || state.turn.firstOutputAt !== undefined || !OUTPUT.has(type)) return state
  return { ...state, turn: { ...state.turn, firstOutputAt: at } }
}

const OUTPUT: ReadonlySet<SessionEvent["type"]> = new Set([
  "message.delta",
  "thinking.delta",
  "message.completed",
  "tool.started",
  "plan.updated",
  "approval.requested",
  "question.asked",
])

// Since when there has been nothing to do.
function withRest(state: SessionState, { at }: SessionEvent): SessionState {
  const { idleSince, ...rest } = state
  const isIdle = state.turn === undefined && state.queue.length === 0 && lastKnownStatus(state) === "idle"
  if (!isIdle) return idleSince === undefined ? state : rest
  return idleSince === undefined ? { ...state, idleSince: at } : state
}

// Whatever happens next: it is not silent any more.
function withoutStall(state: SessionState, { type }: SessionEvent): SessionState {
  if (!state.stalled || type === "session.stalled") return state
  const { stalled: _stalled, ...rest } = state
  return rest
}

function created(event: SessionEvent & { type: "session.created" }): SessionState {
  const { sessionId, at, data } = event
  const { salt: _salt, policy, ...session } = data
  return {
    sessionId,
    createdAt: at,
    ...withoutUndefined(session),
    crashes: 0,
    queue: [],
    approvals: [],
    questions: [],
    participants: withParticipant([], event),
    tools: {},
    rateLimited: false,
    messages: 0,
    cost: { total: 0, agentTotal: 0 },
    ...firstPermissions(policy),
    ...(isObserved(session) ? { activity: "idle" } : {}),
  }
}

function evolveExisting(state: SessionState, event: SessionEvent): SessionState {
  switch (event.type) {
    case "session.ready":
      return ready(state, event.data)
    case "session.paused":
      return { ...state, paused: true }
    case "session.resumed":
      return resumed(state)
    case "session.parked":
      return { ...state, parked: true }
    case "session.woken":
      return woken(state)
    case "session.waiting":
      return { ...state, waiting: { since: event.at, limit: event.data.limit } }
    case "session.restarted":
      return restarted(state, event.at)
    case "session.stalled":
      return { ...state, stalled: true }
    case "session.killed":
      return { ...state, end: "killed" }
    case "session.crashed":
      return { ...state, end: "crashed" }
    case "session.completed":
      return { ...state, end: "completed" }
    case "turn.requested":
      return turnRequested(state, event)
    case "turn.started":
      return turnStarted(state, event)
    case "turn.cancel_requested":
      return cancelRequested(state, event.data)
    case "turn.ended":
      return turnEnded(state, event.data)
    case "message.delta":
    case "thinking.delta":
    case "message.completed":
      return messageGoesOn(state, event)
    case "tool.started":
    case "tool.updated":
      return toolGoesOn(state, event)
    case "tool.ended":
      return withoutMessage({ ...state, tools: without(state.tools, event.data.toolCallId) })
    case "plan.updated":
    case "message.user":
    case "message.notice":
      return withoutMessage(state)
    case "approval.requested":
      return approvalRequested(state, event)
    case "approval.voted":
      return approvalVoted(state, event.data)
    case "approval.resolved":
      return approvalResolved(state, event)
    case "approval.remembered":
      return remember(state, event.data)
    case "session.updated":
      return detailsUpdated(permissionsUpdated(state, event.data), event.data)
    case "approval.delivered":
    case "approval.undeliverable":
      return { ...state, approvals: state.approvals.filter(({ approvalId }) => approvalId !== event.data.approvalId) }
    case "question.asked":
      return questionAsked(state, event)
    case "question.answered":
      return questionAnswered(state, event.data)
    case "question.delivered":
      return { ...state, questions: state.questions.filter(({ questionId }) => questionId !== event.data.questionId) }
    case "driver.claimed":
      return { ...state, driver: event.data, fence: event.data.fence }
    case "driver.released":
      return withoutDriver(state)
    case "options.updated":
      return { ...state, offered: event.data.options }
    case "usage.updated":
      return usageUpdated(state, event.data)
    case "rate_limit.hit":
      return { ...state, rateLimited: true }
    case "rate_limit.cleared":
      return { ...state, rateLimited: false }
    case "agent.started":
      return agentStarted(state, event.data)
    case "agent.exited":
      return agentExited(state, event.data)
    case "agent.detached":
    case "agent.attached":
      return linkChanged(state, event)
    case "hook.received":
      return hookReceived(state, event.data)
    case "budget.reserved":
      return reserved(evolveAccounts(state, event), event.data)
    case "budget.exceeded":
      return { ...state, exceeded: event.data }
    case "budget.extended":
      return withoutExcess(evolveAccounts(state, event))
    case "budget.settled":
      return evolveAccounts(state, event)
    case "session.created":
    case "session.recovered":
    case "screenshot.taken":
    case "commands.updated":
    case "mode.changed":
    case "agent.update":
    case "policy.decided":
    case "policy.shadowed":
      return state
  }
}

function detailsUpdated(
  state: SessionState,
  { name, labels, permissionMode, options }: SessionEventData<"session.updated">,
): SessionState {
  const changes = withoutUndefined({ name, labels, permissionMode })
  if (Object.keys(changes).length === 0 && options === undefined) return state
  const kept = options === undefined ? state : withOptions(state, options)
  return { ...kept, ...changes, version: (state.version ?? 1) + 1 }
}

function withOptions({ model: _model, options: _options, ...state }: SessionState, options: AgentOptions) {
  return { ...state, ...keptOptions(options) }
}

function ready(state: SessionState, data: SessionEventData<"session.ready">): SessionState {
  if (state.run?.runId !== data.runId) return state
  const continued = data.restored === "resumed" || data.restored === "loaded"
  const cost = continued ? state.cost : { ...state.cost, agentTotal: 0 }
  const { hasGap: _hasGap, waking: _waking, canFork: _canFork, ...rest } = state
  const { fork } = (data.capabilities.sessionCapabilities ?? {}) as { readonly fork?: unknown }
  return {
    ...rest,
    run: { ...state.run, ready: data },
    offered: data.options,
    ...(fork ? { canFork: true } : {}),
    agentSessionId: data.agentSessionId,
    cost,
  }
}

function resumed({ paused: _paused, ...state }: SessionState): SessionState {
  return state
}

function withoutDriver({ driver: _driver, ...state }: SessionState): SessionState {
  return state
}

function woken({ parked: _parked, ...state }: SessionState): SessionState {
  return { ...state, waking: true }
}

function restarted({ end: _end, ...state }: SessionState, at: string): SessionState {
  return withoutFailure({ ...state, crashes: 0, restartAt: at })
}

function agentStarted(
  { restartAt: _restartAt, waiting: _waiting, ...state }: SessionState,
  { runId, settings }: SessionEventData<"agent.started">,
) {
  return withoutFailure({ ...state, run: { runId, ...(settings === undefined ? {} : { settings }) } })
}

// What is asked for once more was first in the queue already.
function turnRequested(
  state: SessionState,
  { data: { turnId, content, by, key, retryTurn, retryOf }, at }: SessionEvent & { type: "turn.requested" },
): SessionState {
  const turn = {
    turnId,
    requestedAt: at,
    content,
    ...withoutUndefined({ by, key }),
    ...(retryTurn ? { retryTurn } : {}),
  }
  return { ...state, queue: retryOf === undefined ? [...state.queue, turn] : [turn, ...state.queue] }
}

function turnStarted(state: SessionState, { data, at }: SessionEvent & { type: "turn.started" }): SessionState {
  const queued = state.queue.find(({ turnId }) => turnId === data.turnId)
  const queue = state.queue.filter((turn) => turn !== queued)
  return withoutFailure({
    ...state,
    queue,
    hasWorked: true,
    turn: { content: [], ...queued, ...data, startedAt: at, cancelling: false },
  })
}

function cancelRequested(state: SessionState, { halt }: SessionEventData<"turn.cancel_requested">): SessionState {
  return state.turn
    ? { ...state, turn: { ...state.turn, cancelling: true, ...(halt ? { isHalted: true } : {}) } }
    : state
}

function turnEnded(state: SessionState, data: SessionEventData<"turn.ended">): SessionState {
  const { turnId, error } = data
  if (state.turn?.turnId !== turnId) return { ...state, queue: state.queue.filter((turn) => turn.turnId !== turnId) }
  const { turn, lastKey: _lastKey, ...rest } = withoutMessage(state)
  const cost = { ...state.cost, settled: state.cost.total }
  const lastTurns = [...(state.lastTurns ?? []), spendingOf(state, data)].slice(-LAST_TURNS)
  const ended = { ...rest, tools: {}, rateLimited: false, cost, lastTurns, ...withoutUndefined({ lastKey: turn?.key }) }
  if (error === undefined) return { ...ended, crashes: 0 }
  // A crash leaves nothing to repair: the next prompt starts a process anyway.
  return error.code === "agent_crashed" ? ended : { ...ended, failure: error }
}

/** So many turns say what the next one is taken to need. */
const LAST_TURNS = 5

/** What the running turn has cost when it ends. */
export function spendingOf(state: SessionState, { usage }: SessionEventData<"turn.ended">): Spending {
  return { cost: unsettledCost(state), tokens: usage?.totalTokens ?? 0 }
}

function reserved(state: SessionState, { turnId, accounts }: SessionEventData<"budget.reserved">): SessionState {
  if (state.turn?.turnId !== turnId) return state
  const names = accounts.map(({ account, isShared, window }) => withoutUndefined({ account, isShared, window }))
  return { ...withoutExcess(state), turn: { ...state.turn, accounts: names } }
}

function withoutExcess({ exceeded: _exceeded, ...state }: SessionState): SessionState {
  return state
}

function evolveAccounts(state: SessionState, event: SessionEvent): SessionState {
  const before = state.ledger ?? {}
  const ledger = evolveLedger(before, event)
  return ledger === before ? state : { ...state, ledger }
}

function messageGoesOn(
  state: SessionState,
  event: SessionEvent & { type: "message.delta" | "thinking.delta" | "message.completed" },
): SessionState {
  const { messageId } = event.data
  if (event.type === "message.completed") return withoutMessage(state)
  const role = event.type === "message.delta" ? "assistant" : "thought"
  if (state.message?.messageId === messageId && state.message.role === role) return state
  return { ...state, message: { messageId, role }, messages: state.messages + 1 }
}

function toolGoesOn(
  state: SessionState,
  { data: { toolCallId, name, title, kind, locations }, at }: SessionEvent & { type: "tool.started" | "tool.updated" },
): SessionState {
  const known = state.tools[toolCallId]
  const named = { name: name ?? known?.name, title: title ?? known?.title, kind: kind ?? known?.kind }
  const where = withoutUndefined({ locations: locations?.slice(0, MOST_LOCATIONS) ?? known?.locations })
  const tool = { ...named, ...where, since: known?.since ?? at }
  const same = known && known.name === tool.name && known.title === tool.title && known.kind === tool.kind
  const unchanged = same && known.locations === where.locations
  return withoutMessage(unchanged ? state : { ...state, tools: { ...state.tools, [toolCallId]: tool } })
}

/** So many of the places that a call says it works in are kept while it runs. */
const MOST_LOCATIONS = 20

function approvalRequested(
  state: SessionState,
  { data, turnId }: SessionEvent & { type: "approval.requested" },
): SessionState {
  const { tool, required = 1, ...asked } = withoutUndefined(data)
  const approval = { ...asked, ...inTurn(turnId), toolCallId: tool.toolCallId, required, approvers: [] }
  return withoutMessage({ ...state, approvals: [...state.approvals, approval] })
}

function approvalVoted(state: SessionState, { approvalId, voter, choice }: SessionEventData<"approval.voted">) {
  if (choice === "reject") return state
  const approvals = state.approvals.map((approval) =>
    approval.approvalId === approvalId ? { ...approval, approvers: [...approval.approvers, voter] } : approval,
  )
  return { ...state, approvals }
}

function questionAsked(state: SessionState, { data, turnId }: SessionEvent & { type: "question.asked" }): SessionState {
  const question = { ...withoutUndefined(data), ...inTurn(turnId) }
  return withoutMessage({ ...state, questions: [...state.questions, question] })
}

function inTurn(turnId: string | undefined) {
  return turnId === undefined ? {} : { turnId }
}

function approvalResolved(
  state: SessionState,
  { data: { approvalId, outcome }, at }: SessionEvent & { type: "approval.resolved" },
): SessionState {
  const call = state.approvals.find((approval) => approval.approvalId === approvalId)?.toolCallId ?? ""
  const running = state.tools[call]
  // How long a person took is not how long the call took.
  const tools = running ? { ...state.tools, [call]: { ...running, since: at } } : state.tools
  const approvals = state.approvals.flatMap((approval) => {
    if (approval.approvalId !== approvalId) return [approval]
    return outcome === undefined ? [] : [{ ...approval, outcome }]
  })
  return { ...state, tools, approvals }
}

function questionAnswered(
  state: SessionState,
  { questionId, action, content }: SessionEventData<"question.answered">,
): SessionState {
  const questions = state.questions.map((question) =>
    question.questionId === questionId
      ? { ...question, answer: content === undefined ? { action } : { action, content } }
      : question,
  )
  return { ...state, questions }
}

function usageUpdated(
  state: SessionState,
  { used, size, costTotal, agentCost }: SessionEventData<"usage.updated">,
): SessionState {
  const cost = {
    ...state.cost,
    total: costTotal ?? state.cost.total,
    agentTotal: agentCost ?? state.cost.agentTotal,
  }
  return { ...state, context: { used, size }, cost }
}

function agentExited(
  state: SessionState,
  { runId, cause, error, restartAt }: SessionEventData<"agent.exited">,
): SessionState {
  // One that failed before it was recorded as started has no run to compare with.
  if (state.run && state.run.runId !== runId) return state
  // When a process was to begin again is over, too, when it did not even begin.
  const { run: _run, restartAt: _due, ...rest } = withoutMessage(state)
  const gone = {
    ...rest,
    tools: {},
    approvals: [],
    questions: [],
    rateLimited: false,
    crashes: state.crashes + (cause === "crashed" ? 1 : 0),
    ...(cause === "lost" ? { hasGap: true } : {}),
    ...(restartAt === undefined ? {} : { restartAt }),
  }
  return error && cause === "failed" ? { ...gone, failure: error } : gone
}

function linkChanged(
  state: SessionState,
  { type, data: { runId } }: SessionEvent & { type: "agent.detached" | "agent.attached" },
): SessionState {
  if (state.run?.runId !== runId) return state
  const { isDetached: _isDetached, ...run } = state.run
  return { ...state, run: type === "agent.detached" ? { ...run, isDetached: true } : run }
}

function hookReceived(
  state: SessionState,
  { activity, agentSessionId, permissionMode = state.permissionMode }: SessionEventData<"hook.received">,
): SessionState {
  if (activity === undefined) return state
  const { end: _end, ...rest } = state
  const heard = { ...rest, activity, agentSessionId, permissionMode }
  return activity === "completed" ? { ...heard, end: "completed" } : heard
}

function withoutMessage(state: SessionState): SessionState {
  if (state.message === undefined) return state
  const { message: _message, ...rest } = state
  return rest
}

function withoutFailure(state: SessionState): SessionState {
  const { failure: _failure, ...rest } = state
  return rest
}

function without<V>(record: Readonly<Record<string, V>>, key: string) {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key))
}

/** Absent and undefined are the same in JSON; inside, only absent is used. */
export function withoutUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as never
}

import type { Cost, ReadyFact, ToolCall, TurnEndedFact, TurnFailedFact } from "@aegis/acp-runtime"
import type { RunnerFact } from "./command.ts"
import { permissionAsked } from "./decide-approval.ts"
import { stopOverrun } from "./decide-budget.ts"
import { endTool, endTurn, saidOf } from "./end-turns.ts"
import { withoutUndefined } from "./evolve.ts"
import { haltSession } from "./halt-session.ts"
import { joinDeltas } from "./join-deltas.ts"
import type { IdentifiedQuestion, JudgedFact } from "./judged-fact.ts"
import type { Recording } from "./recording.ts"
import { isEnded } from "./session-state.ts"
import { openUnaskedTurn } from "./unasked-turn.ts"

/** What the agent said, as events. Facts of a process that is not the session's, or of a session that ended, are late. */
export function ingestFacts(recording: Recording, { runId, facts, hasGap = false, turnId }: Ingest) {
  if (hasGap && isOf(recording, runId)) recording.record("session.recovered", { gap: true })
  for (const fact of joinDeltas(facts)) {
    if (!isOf(recording, runId)) return
    if (recording.state.rateLimited && fact.type !== "retry" && fact.type !== "unknown")
      recording.record("rate_limit.cleared", {})
    if (isWork(fact)) openUnaskedTurn(recording, turnId)
    ingestFact(recording, runId, fact)
  }
  haltSession(recording)
}

type Ingest = Extract<RunnerFact, { readonly type: "ingest" }>

function isOf({ state }: Recording, runId: string) {
  return !isEnded(state) && state.run?.runId === runId
}

/** Whether an agent says it only while it works. */
function isWork(fact: JudgedFact) {
  switch (fact.type) {
    case "message.delta":
      return fact.role !== "user"
    case "message.content":
    case "tool.started":
    case "tool.updated":
    case "plan":
    case "permission":
    case "question":
      return true
    default:
      return false
  }
}

function ingestFact(recording: Recording, runId: string, fact: JudgedFact) {
  switch (fact.type) {
    case "ready":
      return agentReady(recording, runId, fact)
    case "message.delta":
      if (fact.role === "user") return keep(recording, fact, "The agent repeated a user's message.")
      return recording.record(fact.role === "thought" ? "thinking.delta" : "message.delta", {
        messageId: messageIdOf(recording, fact),
        text: fact.text,
      })
    case "message.content":
      return recording.record("message.completed", { messageId: messageIdOf(recording, fact), content: [fact.block] })
    case "notice":
      return recording.record("message.notice", { kind: fact.kind, text: fact.text })
    case "tool.started":
    case "tool.updated":
      return toolSaid(recording, fact)
    case "plan":
      return recording.record("plan.updated", { entries: [...fact.entries] })
    case "usage":
      recording.record("usage.updated", { used: fact.used, size: fact.size, ...costs(recording, fact.cost) })
      return stopOverrun(recording)
    case "commands":
      return recording.record("commands.updated", { commands: [...fact.commands] })
    case "mode":
      return recording.record("mode.changed", { modeId: fact.modeId })
    case "options":
      return recording.record("options.updated", { options: [...fact.options] })
    case "title":
      return recording.record("session.updated", { title: fact.title })
    case "permission":
      return permissionAsked(recording, runId, fact)
    case "question":
      return questionAsked(recording, runId, fact)
    case "withdrawn":
      return requestWithdrawn(recording, runId, fact.requestId)
    case "turn.ended":
    case "turn.failed":
      return turnOver(recording, fact)
    case "retry":
      return recording.record("rate_limit.hit", retryOf(recording, fact))
    case "reply":
      return fact.ok ? undefined : keep(recording, fact, "The agent refused a setting.")
    case "start-failed":
      // The runner stops the process and tells why; the fact itself changes nothing.
      return
    case "unknown":
      return recording.record("agent.update", { frame: fact.frame, reason: fact.reason })
  }
}

function agentReady(recording: Recording, runId: string, { type: _type, ...ready }: ReadyFact) {
  const { agentSessionId, waking, hasGap = false } = recording.state
  const isRecovery = agentSessionId !== undefined && !waking
  recording.record("session.ready", { runId, ...ready, options: [...ready.options] })
  if (isRecovery && ready.restored !== "new" && ready.restored !== "forked")
    recording.record("session.recovered", { restored: ready.restored, gap: hasGap })
}

// Contiguous chunks of one kind are one message where the agent names none (spec/events.md, Transcript).
function messageIdOf(
  { state }: Recording,
  { messageId, role }: { readonly messageId?: string; readonly role: string },
) {
  if (messageId !== undefined) return messageId
  return state.message?.role === role ? state.message.messageId : `local-${state.messages + 1}`
}

function toolSaid(recording: Recording, { type: _type, ...sent }: ToolCall & { readonly type: string }) {
  const known = recording.state.tools[sent.toolCallId]
  const tool = withoutUndefined({
    ...(known && saidOf(known)),
    ...sent,
    locations: (sent.locations ?? known?.locations)?.map((location) => ({ ...location })),
    content: sent.content ? [...sent.content] : undefined,
  })
  const isOver = sent.status === "completed" || sent.status === "failed"
  if (!known) recording.record("tool.started", tool)
  else if (!isOver) recording.record("tool.updated", tool)
  if (isOver) endTool(recording, tool)
}

function costs({ state }: Recording, cost: Cost | undefined) {
  if (cost?.currency !== "USD") return {}
  const agentCost = Math.round(cost.amount * 1_000_000)
  const costDelta = agentCost >= state.cost.agentTotal ? agentCost - state.cost.agentTotal : agentCost
  return { agentCost, costDelta, costTotal: state.cost.total + costDelta }
}

function questionAsked(
  recording: Recording,
  runId: string,
  { questionId, requestId, message, schema, toolCallId }: IdentifiedQuestion,
) {
  recording.record(
    "question.asked",
    withoutUndefined({ questionId, runId, requestId, message, schema: { ...schema }, toolCallId }),
  )
}

// The agent's side told the agent already that its request is gone; here it is only taken from those who would decide.
function requestWithdrawn(recording: Recording, runId: string, requestId: string | number) {
  const isSame = (pending: { readonly runId: string; readonly requestId: string | number }) =>
    pending.runId === runId && pending.requestId === requestId
  const reason = "The agent no longer asks."
  for (const { approvalId, outcome } of recording.state.approvals.filter(isSame))
    if (outcome === undefined) recording.record("approval.resolved", { approvalId, status: "withdrawn", reason })
    else recording.record("approval.undeliverable", { approvalId, reason })
  for (const { questionId, answer } of recording.state.questions.filter(isSame)) {
    if (answer === undefined) recording.record("question.answered", { questionId, action: "withdrawn" })
    recording.record("question.delivered", { questionId })
  }
}

function turnOver(recording: Recording, fact: TurnEndedFact | TurnFailedFact) {
  const { turn } = recording.state
  if (turn?.turnId !== fact.turnId) return keep(recording, fact, "The agent answered a turn that is not running.")
  // An answer to a prompt while it still waits for a person: nobody needs to decide any more, and it is told so.
  settleBeforeEnd(recording, turn.turnId)
  if (fact.type === "turn.failed")
    return endTurn(recording, { error: { code: fact.kind ?? `agent_error_${fact.code}`, message: fact.message } })
  endTurn(recording, { stopReason: fact.stopReason, ...(fact.usage ? { usage: { ...fact.usage } } : {}) })
}

function settleBeforeEnd(recording: Recording, endingTurnId: string) {
  for (const { approvalId, outcome, turnId } of recording.state.approvals)
    if (outcome === undefined && turnId === endingTurnId)
      recording.record("approval.resolved", {
        approvalId,
        status: "withdrawn",
        outcome: "cancelled",
        reason: "The turn ended.",
      })
  for (const { questionId, answer, turnId } of recording.state.questions)
    if (answer === undefined && turnId === endingTurnId)
      recording.record("question.answered", { questionId, action: "withdrawn" })
}

function retryOf(
  { context }: Recording,
  { attempt, retryDelayMs, status, error }: Extract<JudgedFact, { type: "retry" }>,
) {
  const retryAt = retryDelayMs === undefined ? undefined : new Date(Date.parse(context.at) + retryDelayMs).toISOString()
  return withoutUndefined({ attempt, retryAt, status, error })
}

function keep(recording: Recording, fact: JudgedFact, reason: string) {
  recording.record("agent.update", { frame: JSON.stringify(fact), reason })
}

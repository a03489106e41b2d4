import type { Budgets } from "@aegis/policy"
import type { Command } from "./command.ts"
import { agentAttached, agentDetached, agentExited, agentStarted } from "./decide-agent.ts"
import { approvalDelivered, askAnew, castVote, expireApprovals } from "./decide-approval.ts"
import { extendBudget } from "./decide-budget.ts"
import { setMode, setOptions, updateSession } from "./decide-details.ts"
import { claimDriver, releaseDriver, transferDriver } from "./decide-driver.ts"
import { setPermissions } from "./decide-permissions.ts"
import { answerQuestion, questionDelivered } from "./decide-question.ts"
import { completeSession, pauseSession, restartSession, resumeSession } from "./decide-session.ts"
import { escapeTurn, interruptTurn, requestTurn, stalled, startTurn } from "./decide-turn.ts"
import type { SessionEvent } from "./events.ts"
import { haltSession } from "./halt-session.ts"
import { ingestFacts } from "./ingest-facts.ts"
import { killSession } from "./kill-session.ts"
import { parkSession, waitForProcess } from "./park-session.ts"
import { receiveHook } from "./receive-hook.ts"
import { Recording } from "./recording.ts"
import { refuseChild } from "./refuse-child.ts"
import { refuseObserved } from "./refuse-observed.ts"
import { SessionError } from "./session-error.ts"
import type { SessionState } from "./session-state.ts"
import type { SystemState } from "./system-state.ts"
import { endQuietTurn } from "./unasked-turn.ts"

/** The events that a command leads to, or the problem why it is refused. An empty list: nothing is left to do. */
export type Decision = readonly SessionEvent[] | SessionError

/**
 * All rules about states, turns, queues, approvals, questions and budgets, with what holds for all sessions. Pure: no I/O, no
 * clock, no randomness (design.md, The one idea).
 */
export function decide(
  state: SessionState | undefined,
  command: Command,
  system: SystemState = {},
  budgets?: Budgets,
): Decision {
  const recording = new Recording(state, command, system, budgets)
  const problem = apply(recording, command, state)
  return problem ?? recording.events
}

function apply(recording: Recording, command: Command, state: SessionState | undefined): SessionError | undefined {
  if (command.type === "create") {
    if (state) return new SessionError("session-exists", `Session ${command.sessionId} exists already.`)
    const refusal = command.parent && refuseChild(command.session, command.parent)
    return refusal ?? void recording.record("session.created", command.session)
  }
  if (command.type === "receive-hook") return void receiveHook(recording, command, state)
  if (state === undefined) return new SessionError("session-not-found", `There is no session ${command.sessionId}.`)
  const undriven = isWish(command) ? refuseObserved(state) : undefined
  if (undriven) return undriven
  switch (command.type) {
    case "request-turn":
      return requestTurn(recording, command)
    case "vote":
      return castVote(recording, command)
    case "answer":
      return answerQuestion(recording, command)
    case "interrupt":
      return interruptTurn(recording, command.reason)
    case "escape":
      return escapeTurn(recording, command.reason)
    case "pause":
      return pauseSession(recording, command.reason)
    case "resume":
      return resumeSession(recording, command.reason)
    case "restart":
      return restartSession(recording, command.reason)
    case "extend-budget":
      return extendBudget(recording, command)
    case "set-permissions":
      return setPermissions(recording, command)
    case "update-session":
      return updateSession(recording, command)
    case "set-mode":
      return setMode(recording, command)
    case "set-options":
      return setOptions(recording, command)
    case "note-screenshot":
      return void recording.record("screenshot.taken", command.screenshot)
    case "claim-driver":
      return claimDriver(recording, command)
    case "release-driver":
      return releaseDriver(recording, command)
    case "transfer-driver":
      return transferDriver(recording, command)
    case "approvals-due":
      return void expireApprovals(recording)
    case "quiet":
      return void endQuietTurn(recording)
    case "park":
      return void parkSession(recording, command.reason)
    case "complete":
      return void completeSession(recording, command.reason)
    case "wait-for-process":
      return void waitForProcess(recording, command.limit)
    case "stalled":
      return void stalled(recording, command)
    case "halt":
      return void haltSession(recording)
    case "agent-detached":
      return void agentDetached(recording, command.runId)
    case "agent-attached":
      return void agentAttached(recording, command.runId)
    case "kill":
      return void killSession(recording, command.reason)
    case "agent-started":
      return void agentStarted(recording, command)
    case "agent-exited":
      return void agentExited(recording, command.exit, command.restart)
    case "start-turn":
      return void startTurn(recording, command.turnId)
    case "approval-delivered":
      return void approvalDelivered(recording, command.approvalId)
    case "ask-anew":
      return void askAnew(recording, command)
    case "question-delivered":
      return void questionDelivered(recording, command.questionId)
    case "ingest":
      return void ingestFacts(recording, command)
  }
}

/** What a person wants of the agent; the rest the runner has done or seen. */
function isWish({ type }: Command) {
  return wishes.has(type)
}

const wishes: ReadonlySet<Command["type"]> = new Set([
  "request-turn",
  "vote",
  "answer",
  "interrupt",
  "escape",
  "pause",
  "resume",
  "restart",
  "kill",
  "extend-budget",
  "claim-driver",
  "release-driver",
  "transfer-driver",
])

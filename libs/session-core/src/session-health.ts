import type { SessionStatus } from "./events.ts"
import type { Session } from "./session.ts"
import type { SessionState } from "./session-state.ts"

/** How a session is, and what can be done about it. */
export interface SessionHealth {
  readonly status: SessionStatus
  /** Whether it goes on, or can, without anybody's help. */
  readonly healthy: boolean
  readonly lastActivity: string
  readonly agent: {
    readonly name: string
    /** There is a process. */
    readonly running: boolean
    readonly parked: boolean
    /** How often it has died in a row. */
    readonly crashes: number
    /** When it is started again by itself. */
    readonly restartAt?: string
  }
  /** Of what matters most first. */
  readonly hints: readonly HealthHint[]
}

export interface HealthHint {
  readonly code: string
  /** What is the matter, and what to do. */
  readonly message: string
  /** Nothing happens before somebody does something. */
  readonly needsHelp: boolean
  /** What to do it with, by the names of the operations (spec/rest.md). */
  readonly operations: readonly string[]
}

export function toHealth(session: Session, state: SessionState): SessionHealth {
  const hints = hintsOf(session, state)
  const { status, lastActivity, agent: name, parked } = session
  const { run, crashes, restartAt } = state
  const agent = { name, running: run !== undefined, parked, crashes, ...(restartAt === undefined ? {} : { restartAt }) }
  return { status, healthy: hints.every(({ needsHelp }) => !needsHelp), lastActivity, agent, hints }
}

function hintsOf(session: Session, state: SessionState): readonly HealthHint[] {
  return [
    ...(session.stop
      ? [hint("all-stopped", `All work is stopped: ${session.stop.reason} Lift it to go on.`, ["liftStopAll"])]
      : []),
    ...holds(session),
    ...ofStatus(session, state),
    ...(session.health.stalled
      ? [
          hint("stalled", "Its agent works and has been silent for long: look at its events, or interrupt it.", [
            "listSessionEvents",
            "interruptSession",
          ]),
        ]
      : []),
  ]
}

/** Why its queue does not go on. */
function holds({ paused, exceeded, waiting }: Session) {
  return [
    ...(paused ? [hint("paused", "It is paused: no prompt goes out until it is resumed.", ["resumeSession"])] : []),
    ...(exceeded
      ? [
          hint("budget-exceeded", `${exceeded.reason} Extend the budget, or wait until it is there again.`, [
            "extendBudget",
          ]),
        ]
      : []),
    ...(waiting
      ? [wait("waiting-for-process", `${waiting.limit} agents run, and no more may: it waits for one of them.`)]
      : []),
  ]
}

function ofStatus(
  { status, pendingApprovals, pendingQuestion, failure, agent }: Session,
  { crashes, restartAt }: SessionState,
) {
  switch (status) {
    case "permission_prompt": {
      const what = pendingApprovals === 1 ? "One approval waits" : `${pendingApprovals} approvals wait`
      return [
        hint("approval-waits", `${what} for a decision.`, [
          "listSessionApprovals",
          "approvePermission",
          "rejectPermission",
        ]),
      ]
    }
    case "asking":
      return [hint("question-waits", `Its agent asks: ${pendingQuestion?.message ?? ""}`, ["answerQuestion"])]
    case "rate_limit":
      return [wait("rate-limited", "Its provider wants it to wait; it goes on by itself.")]
    case "pending":
      return [wait("starting", `The agent ${agent} is starting.`)]
    case "error":
      return [
        hint("failed", `${failure?.message ?? "Its last turn failed."} Send a prompt to try again, or restart it.`, [
          "restartSession",
          "sendMessage",
        ]),
      ]
    case "crashed":
      return [
        hint("crashed", `Its agent has died ${crashes} times in a row. See what it said last, then restart it.`, [
          "listSessionEvents",
          "restartSession",
        ]),
      ]
    case "unknown":
      return [wait("agent-lost", "The way to its agent is lost, and is being looked for.")]
    case "killed":
    case "completed":
      return [wait("over", `It is ${status}: its history can be read, and nothing else comes.`)]
    default:
      return restartAt === undefined ? [] : [wait("restarting", `Its agent died and is started again at ${restartAt}.`)]
  }
}

function hint(code: string, message: string, operations: readonly string[]): HealthHint {
  return { code, message, needsHelp: true, operations }
}

function wait(code: string, message: string): HealthHint {
  return { code, message, needsHelp: false, operations: [] }
}

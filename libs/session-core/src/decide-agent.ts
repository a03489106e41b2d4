import type { AgentStarted, RestartBudget, RunnerFact } from "./command.ts"
import { abandonDeliveries, endQueue, endTurn, endTurns, withdrawWaiting } from "./end-turns.ts"
import { withoutUndefined } from "./evolve.ts"
import type { Recording } from "./recording.ts"
import { isEnded, type RunningTurn } from "./session-state.ts"

type Exit = Extract<RunnerFact, { readonly type: "agent-exited" }>["exit"]

export function agentStarted(recording: Recording, { run, ignoredSettings = [] }: AgentStarted) {
  const { state } = recording
  if (isEnded(state) || state.run) return
  if (state.parked) recording.record("session.woken", { reason: "There is something to do." })
  recording.record("agent.started", run)
  // Said once, and not each time that it is started again.
  if (ignoredSettings.length > 0 && state.agentSessionId === undefined)
    recording.record("message.notice", { kind: "settings-ignored", text: ignoredText(ignoredSettings) })
}

function ignoredText(settings: readonly string[]) {
  return `This folder's own settings for its agent are not used: ${settings.join(", ")}. If you trust them, name the folder in workDirs.trust.`
}

/** The way to its process is lost: until it is back nobody knows what it does. */
export function agentDetached(recording: Recording, runId: string) {
  const { run } = recording.state
  if (run?.runId === runId && !run.isDetached) recording.record("agent.detached", { runId })
}

export function agentAttached(recording: Recording, runId: string) {
  const { run } = recording.state
  if (run?.runId === runId && run.isDetached) recording.record("agent.attached", { runId })
}

/**
 * The agent's process is gone: what it was asked and what it asked for ends with it. The turn that was cut is not sent
 * again; the queue goes on with the next process, unless this one never began or too many have died.
 */
export function agentExited(recording: Recording, exit: Exit, restart: RestartBudget) {
  const { state } = recording
  // A process that failed before it was recorded as started failed all the same.
  if (state.run ? state.run.runId !== exit.runId : exit.cause !== "failed") return
  const told = exit.error ?? { code: "agent_crashed", message: "The agent's process ended." }
  withdrawWaiting(recording, { tellAgent: false, reason: told.message })
  abandonDeliveries(recording, told.message)
  const cut = recording.state.turn
  endCutTurn(recording, exit)
  recording.record("agent.exited", { ...exit, ...restartAt(recording, exit, restart) })
  if (isEnded(recording.state)) return
  if (exit.cause === "failed") endQueue(recording, told)
  else if (cut?.retryTurn && !cut.cancelling) retryTurn(recording, cut)
  if (exit.cause !== "crashed" || recording.state.crashes <= restart.max) return
  recording.record("session.crashed", { reason: `The agent died ${recording.state.crashes} times in a row.` })
  endTurns(recording, { code: "agent_crashed", message: "The session has crashed." })
}

// Only where it was wished for: what a prompt has done once it may do twice.
function retryTurn(recording: Recording, { turnId: retryOf, content, by, key }: RunningTurn) {
  const turnId = `${retryOf}+`
  const again = { turnId, retryOf, content: [...content], ...withoutUndefined({ by, key }), retryTurn: true }
  recording.record("turn.requested", { ...again, whenBusy: "queue" }, { turnId })
}

// One that went with its host is begun again at once: it has done nothing wrong.
function restartAt({ state, context }: Recording, { cause }: Exit, { max, backoffMs }: RestartBudget) {
  const isDue = cause === "lost" || (cause === "crashed" && state.crashes < max)
  if (isEnded(state) || !isDue) return {}
  const waitMs = cause === "lost" ? 0 : backoffMs * 2 ** state.crashes
  return { restartAt: new Date(Date.parse(context.at) + waitMs).toISOString() }
}

function endCutTurn(recording: Recording, { cause }: Exit) {
  const { turn } = recording.state
  if (!turn) return
  // Stopped because it did not heed the cancel: then this is how the cancel ends.
  if (turn.cancelling && cause === "stopped") endTurn(recording, { stopReason: "cancelled" })
  else
    endTurn(recording, {
      error: { code: "agent_crashed", message: "The agent's process ended in the middle of the turn." },
    })
}

import type * as acp from "@agentclientprotocol/sdk/unstable"
import type { AgentFact } from "./agent-fact.ts"
import type { AgentMessage } from "./agent-message.ts"
import { answered, type Dialogue, type DialogueStep, type OpenRequest } from "./dialogue-state.ts"
import { droppedFrom, facts, unknown } from "./dialogue-step.ts"
import { readProtocol } from "./read-protocol.ts"
import { permissionReply, questionReply } from "./reply-frame.ts"
import { toRetry } from "./retry-notice.ts"
import { toFacts } from "./session-update.ts"

type Notification = Extract<AgentMessage, { type: "notification" }>

export function onNotification(dialogue: Dialogue, notification: Notification): DialogueStep {
  switch (notification.method) {
    case "session/update":
      return onUpdate(dialogue, notification)
    case "$/cancel_request":
      return onWithdrawal(dialogue, notification)
    case "_claude/sdkMessage":
      return facts(dialogue, toRetry(notification.params))
    default:
      return facts(dialogue, [unknown(notification, `a notification that is not known: ${notification.method}`)])
  }
}

function onUpdate(dialogue: Dialogue, notification: Notification): DialogueStep {
  const reading = readProtocol("SessionNotification", notification.params)
  if (!reading.fits) return facts(dialogue, [unknown(notification, reading.reason)])
  const { sessionId, update } = reading.value
  if (sessionId !== sessionOf(dialogue)) return facts(dialogue, [unknown(notification, "an update of another session")])
  if (dialogue.step === "open" && dialogue.restored === "loaded") return facts(dialogue, [])
  const learnt = toFacts(update) ?? [unknown(notification, `an update that has no fact: ${update.sessionUpdate}`)]
  return facts(learnt.reduce(remember, dialogue), [...droppedFrom(notification, reading.dropped), ...learnt])
}

/** Before session/load or session/resume is answered, the session is the one that was asked for. */
function sessionOf({ agentSessionId, step, restored, options }: Dialogue) {
  const continued = restored === "resumed" || restored === "loaded"
  return step === "open" && continued ? options.resume?.agentSessionId : agentSessionId
}

/** A mode or option that changes during the handshake belongs into `ready`. */
function remember(dialogue: Dialogue, fact: AgentFact): Dialogue {
  if (fact.type === "options") return { ...dialogue, configOptions: fact.options }
  if (fact.type !== "mode" || !dialogue.modes) return dialogue
  return { ...dialogue, modes: { ...dialogue.modes, current: fact.modeId } }
}

/** The agent no longer waits, but its request still wants a reply: it is told "cancelled". */
function onWithdrawal(dialogue: Dialogue, notification: Notification): DialogueStep {
  const reading = readProtocol("CancelRequestNotification", notification.params)
  if (!reading.fits) return facts(dialogue, [unknown(notification, reading.reason)])
  const open = findOpen(dialogue, reading.value)
  if (!open) return facts(dialogue, [unknown(notification, "the withdrawal of a request that is not open")])
  const reply =
    open.type === "permission"
      ? permissionReply(dialogue, { requestId: open.id, options: [], decision: "cancelled" })
      : questionReply(dialogue, { requestId: open.id, action: "cancel" })
  return { dialogue: answered(dialogue, open.id), facts: [{ type: "withdrawn", requestId: open.id }], frames: [reply] }
}

function findOpen({ openRequests }: Dialogue, { requestId }: acp.CancelRequestNotification): OpenRequest | undefined {
  return openRequests.find(({ id }) => id === requestId)
}

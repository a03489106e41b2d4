import type { AgentFact, TurnEndedFact, TurnFailedFact } from "./agent-fact.ts"
import type { AgentMessage } from "./agent-message.ts"
import type { Dialogue, DialogueStep } from "./dialogue-state.ts"
import { droppedFrom, facts, unknown } from "./dialogue-step.ts"
import { parseFrameId } from "./frame-id.ts"
import { awaitedId, shakeHands } from "./handshake.ts"
import { isRecord } from "./json-record.ts"
import { present } from "./present.ts"
import { readProtocol } from "./read-protocol.ts"
import { rpcCodes } from "./rpc-frame.ts"
import { toConfigOptions, toTokenUsage } from "./session-values.ts"

type Answer = Extract<AgentMessage, { type: "response" | "failure" }>

/** An answer to a request of ours: of the handshake, of a prompt, or of a later change of mode or option. */
export function onAnswer(dialogue: Dialogue, answer: Answer): DialogueStep {
  if (dialogue.settled.includes(answer.id)) return facts(dialogue, [unknown(answer, "a second answer")])
  if (answer.id === awaitedId(dialogue)) return shakeHands(settle(dialogue, answer.id), answer)
  if (dialogue.step !== "ready") return facts(dialogue, [unknown(answer, "an answer to nothing that was asked")])
  const learnt = learnFrom(dialogue, answer)
  return learnt === undefined
    ? facts(dialogue, [unknown(answer, "an answer to nothing that was asked")])
    : facts(settle(dialogue, answer.id), learnt)
}

// Enough for every answer that can still be on its way; the session's own record knows the older ones.
const SETTLED_LIMIT = 128

function settle(dialogue: Dialogue, id: string): Dialogue {
  return { ...dialogue, settled: [...dialogue.settled, id].slice(-SETTLED_LIMIT) }
}

function learnFrom({ options: { runId } }: Dialogue, answer: Answer): readonly AgentFact[] | undefined {
  const id = parseFrameId(answer.id)
  if (id?.type === "prompt") return toTurnFacts(id.turnId, answer)
  const isChange = (id?.type === "mode" || id?.type === "option") && id.runId === runId && id.n > 0
  return isChange ? toReplyFacts(answer) : undefined
}

function toTurnFacts(turnId: string, answer: Answer): readonly AgentFact[] {
  if (answer.type === "failure") return [toTurnFailed(turnId, answer.error)]
  const reading = readProtocol("PromptResponse", answer.result)
  if (!reading.fits) {
    const message = `The agent's answer does not fit the protocol: ${reading.reason}.`
    return [unknown(answer, reading.reason), toTurnFailed(turnId, { code: rpcCodes.internalError, message })]
  }
  const { stopReason, usage } = reading.value
  const ended: TurnEndedFact = { type: "turn.ended", turnId, stopReason, ...(usage && { usage: toTokenUsage(usage) }) }
  return [...droppedFrom(answer, reading.dropped), ended]
}

function toTurnFailed(
  turnId: string,
  { code, message, data }: Extract<Answer, { type: "failure" }>["error"],
): TurnFailedFact {
  const kind = isRecord(data) && typeof data.errorKind === "string" ? data.errorKind : undefined
  return { type: "turn.failed", turnId, code, message, ...present({ kind }), ...(data === undefined ? {} : { data }) }
}

function toReplyFacts(answer: Answer): readonly AgentFact[] {
  if (answer.type === "failure") return [{ type: "reply", id: answer.id, ok: false, error: answer.error }]
  const reading = readProtocol("SetSessionConfigOptionResponse", answer.result)
  const options: AgentFact[] = reading.fits
    ? [{ type: "options", options: toConfigOptions(reading.value.configOptions) }]
    : []
  return [{ type: "reply", id: answer.id, ok: true }, ...options]
}

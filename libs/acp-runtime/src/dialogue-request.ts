import type * as acp from "@agentclientprotocol/sdk/unstable"
import type { AgentFact } from "./agent-fact.ts"
import type { AgentMessage } from "./agent-message.ts"
import type { Dialogue, DialogueStep, OpenRequest } from "./dialogue-state.ts"
import { droppedFrom, unknown } from "./dialogue-step.ts"
import { refusalId, replyId } from "./frame-id.ts"
import { present } from "./present.ts"
import { readProtocol } from "./read-protocol.ts"
import { errorFrame, rpcCodes } from "./rpc-frame.ts"
import { toToolCall } from "./session-values.ts"

type Request = Extract<AgentMessage, { type: "request" }>

/** A request of the agent: a permission or a question becomes open; everything else is refused at once. */
export function onRequest(dialogue: Dialogue, request: Request): DialogueStep {
  if (dialogue.openRequests.some(({ id }) => id === request.id)) return refuseSecond(dialogue, request)
  switch (request.method) {
    case "session/request_permission":
      return onPermission(dialogue, request)
    case "elicitation/create":
      return onQuestion(dialogue, request)
    default:
      return refuse(dialogue, request, rpcCodes.methodNotFound, `"${request.method}" is not served`)
  }
}

function onPermission(dialogue: Dialogue, request: Request): DialogueStep {
  const reading = readProtocol("RequestPermissionRequest", request.params)
  if (!reading.fits) return refuse(dialogue, request, rpcCodes.invalidParams, reading.reason)
  const { sessionId, toolCall, options } = reading.value
  const problem = problemOf(dialogue, sessionId)
  if (problem) return refuse(dialogue, request, rpcCodes.invalidParams, problem)
  const offered = options.map(({ optionId, name, kind }) => ({ optionId, name, kind }))
  const twice = offered.find(({ optionId, kind }) => offered.some((it) => it.optionId === optionId && it.kind !== kind))
  // The answer is an id: nobody could tell a yes from a no.
  if (twice) return refuse(dialogue, request, rpcCodes.invalidParams, `the option "${twice.optionId}" has two kinds`)
  const asked: AgentFact = {
    type: "permission",
    requestId: request.id,
    toolCall: toToolCall(toolCall),
    options: offered,
  }
  return open(dialogue, { id: request.id, type: "permission" }, [...droppedFrom(request, reading.dropped), asked])
}

function onQuestion(dialogue: Dialogue, request: Request): DialogueStep {
  const reading = readProtocol("CreateElicitationRequest", request.params)
  if (!reading.fits) return refuse(dialogue, request, rpcCodes.invalidParams, reading.reason)
  const form = reading.value
  if (!isForm(form)) return refuse(dialogue, request, rpcCodes.invalidParams, "only forms are served")
  // A form may be tied to a request of ours instead of to the session; one process has one session, so that is the same.
  const problem = problemOf(dialogue, "sessionId" in form ? form.sessionId : dialogue.agentSessionId)
  if (problem) return refuse(dialogue, request, rpcCodes.invalidParams, problem)
  const asked: AgentFact = {
    type: "question",
    requestId: request.id,
    message: form.message,
    schema: form.requestedSchema,
    ...present({ toolCallId: "toolCallId" in form ? form.toolCallId : undefined }),
  }
  return open(dialogue, { id: request.id, type: "question" }, [...droppedFrom(request, reading.dropped), asked])
}

function isForm(
  request: acp.CreateElicitationRequest,
): request is Extract<acp.CreateElicitationRequest, { mode: "form" }> {
  return request.mode === "form"
}

function problemOf({ agentSessionId }: Dialogue, sessionId: string | undefined) {
  if (agentSessionId === undefined) return "the session is not open yet"
  return sessionId === agentSessionId ? undefined : "a request of another session"
}

function open(dialogue: Dialogue, request: OpenRequest, learnt: readonly AgentFact[]): DialogueStep {
  return { dialogue: { ...dialogue, openRequests: [...dialogue.openRequests, request] }, facts: learnt, frames: [] }
}

function refuse(dialogue: Dialogue, request: Request, code: number, reason: string): DialogueStep {
  const id = replyId(dialogue.options.runId, request.id)
  const frame = errorFrame(id, request.id, { code, message: `Refused: ${reason}.` })
  return { dialogue, facts: [unknown(request, reason)], frames: [frame] }
}

function refuseSecond(dialogue: Dialogue, request: Request): DialogueStep {
  const id = refusalId(dialogue.options.runId, request.id)
  const reason = "a second request under an id that is still open"
  const frame = errorFrame(id, request.id, { code: rpcCodes.invalidRequest, message: `Refused: ${reason}.` })
  return { dialogue, facts: [unknown(request, reason)], frames: [frame] }
}

import type { RawRequestId } from "./agent-message.ts"

/**
 * What a frame to the agent is, from its id. Requests carry the id as their JSON-RPC id too, so that an answer
 * which comes after a restart finds its place.
 */
export type FrameId =
  | { readonly type: "initialize"; readonly runId: string }
  | { readonly type: "open"; readonly runId: string }
  | { readonly type: "mode"; readonly runId: string; readonly n: number }
  | { readonly type: "option"; readonly runId: string; readonly n: number }
  | { readonly type: "prompt"; readonly turnId: string }
  | { readonly type: "cancel"; readonly turnId: string }
  | { readonly type: "reply"; readonly runId: string; readonly requestId: RawRequestId }
  | { readonly type: "refusal"; readonly runId: string; readonly requestId: RawRequestId }

export function initializeId(runId: string) {
  return `initialize:${runId}`
}

/** Of session/new, session/load or session/resume. */
export function openId(runId: string) {
  return `open:${runId}`
}

/** `n` tells the changes of one run apart; the handshake uses 0. */
export function modeId(runId: string, n: number) {
  return `mode:${runId}:${n}`
}

export function optionId(runId: string, n: number) {
  return `option:${runId}:${n}`
}

export function promptId(turnId: string) {
  return `prompt:${turnId}`
}

export function cancelId(turnId: string) {
  return `cancel:${turnId}`
}

/** The raw id stands as JSON, so that 1 and "1" differ. */
export function replyId(runId: string, requestId: RawRequestId) {
  return `reply:${runId}:${JSON.stringify(requestId)}`
}

/** The refusal of a second request under an id that is open: the first one's reply needs an id of its own. */
export function refusalId(runId: string, requestId: RawRequestId) {
  return `refusal:${runId}:${JSON.stringify(requestId)}`
}

/** Undefined for what none of the makers above made. Run and turn ids contain no colon. */
export function parseFrameId(id: string): FrameId | undefined {
  const [, type, owner, rest] = /^([a-z]+):([^:]+)(?::(.*))?$/s.exec(id) ?? []
  if (type === undefined || owner === undefined) return undefined
  if (rest === undefined) return parseShort(type, owner)
  if (type === "reply" || type === "refusal") return parseReply(type, owner, rest)
  if ((type === "mode" || type === "option") && /^(0|[1-9]\d{0,14})$/.test(rest))
    return { type, runId: owner, n: Number(rest) }
  return undefined
}

function parseShort(type: string, owner: string): FrameId | undefined {
  if (type === "initialize" || type === "open") return { type, runId: owner }
  if (type === "prompt" || type === "cancel") return { type, turnId: owner }
  return undefined
}

function parseReply(type: "reply" | "refusal", runId: string, json: string): FrameId | undefined {
  try {
    const requestId: unknown = JSON.parse(json)
    const known = typeof requestId === "string" || typeof requestId === "number"
    return known ? { type, runId, requestId } : undefined
  } catch {
    // Not JSON: not made here.
    return undefined
  }
}

import type { OutboundFrame } from "./agent-host.ts"
import type { RawRequestId, RpcError } from "./agent-message.ts"

/** A request of ours; the frame's id is its JSON-RPC id. */
export function requestFrame(id: string, method: string, params: object): OutboundFrame {
  return { id, line: toLine({ jsonrpc: "2.0", id, method, params }) }
}

export function notificationFrame(id: string, method: string, params: object): OutboundFrame {
  return { id, line: toLine({ jsonrpc: "2.0", method, params }) }
}

/** A reply to the agent's request, which is echoed by its raw id. */
export function resultFrame(frameId: string, id: RawRequestId, result: object): OutboundFrame {
  return { id: frameId, line: toLine({ jsonrpc: "2.0", id, result }) }
}

export function errorFrame(frameId: string, id: RawRequestId, error: RpcError): OutboundFrame {
  return { id: frameId, line: toLine({ jsonrpc: "2.0", id, error }) }
}

/** One line for every reader: what some take for the end of a line is escaped, as JSON allows. */
export function toLine(message: object) {
  return JSON.stringify(message).replaceAll(
    /[\u0085\u2028\u2029]/g,
    (separator) => `\\u${separator.charCodeAt(0).toString(16).padStart(4, "0")}`,
  )
}

export const rpcCodes = {
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  authRequired: -32000,
  notFound: -32002,
} as const

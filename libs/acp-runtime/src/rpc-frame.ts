import type { OutboundFrame } from "./agent-host.ts"
import type { RawRequestId, RpcError } from "./agent-message.ts"

/** A request of ours; the frame's id is its JSON-RPC id. */
export function requestFrame(id: string, method: string, params: object): OutboundFrame {
  return { id, line: JSON.stringify({ jsonrpc: "2.0", id, method, params }) }
}

export function notificationFrame(id: string, method: string, params: object): OutboundFrame {
  return { id, line: JSON.stringify({ jsonrpc: "2.0", method, params }) }
}

/** A reply to the agent's request, which is echoed by its raw id. */
export function resultFrame(frameId: string, id: RawRequestId, result: object): OutboundFrame {
  return { id: frameId, line: JSON.stringify({ jsonrpc: "2.0", id, result }) }
}

export function errorFrame(frameId: string, id: RawRequestId, error: RpcError): OutboundFrame {
  return { id: frameId, line: JSON.stringify({ jsonrpc: "2.0", id, error }) }
}

export const rpcCodes = {
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  authRequired: -32000,
  notFound: -32002,
} as const

import type { JsonRecord } from "./json-record.ts"

/** What a JSON-RPC object is by its members. */
export function kindOf({ id, method }: JsonRecord): "request" | "notification" | "reply" {
  if (method === undefined) return "reply"
  return id === undefined ? "notification" : "request"
}

import { createHash } from "node:crypto"
import type { Idempotency } from "@aegis/session-core"
import type { Context } from "hono"
import type { Env } from "./request-env.ts"

/** What the caller's Idempotency-Key stands for: the key is the caller's own, the wish is the whole request. */
export async function idempotencyOf(context: Context<Env>): Promise<Idempotency | undefined> {
  const given = context.req.header("Idempotency-Key")
  const principal = context.get("holder")?.principal
  if (given === undefined || !principal) return undefined
  const { tenantId, userId, keyId } = principal
  const { method, path, url } = context.req
  const { search } = new URL(url)
  return {
    key: digestOf(tenantId, userId, keyId, given),
    fingerprint: digestOf(method, `${path}${search}`, await context.req.text()),
  }
}

function digestOf(...parts: readonly string[]) {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex")
}

import { permissionsOf } from "@aegis/policy"
import type { Context } from "hono"
import { RequestProblem } from "./problem-reply.ts"
import type { Env } from "./request-env.ts"
import { holderOf, type RouteParts } from "./routes.ts"

/** Whether the caller may say what the server's policy is: that holds for every tenant, so it is for whoever runs the server. */
export function mayWritePolicy(context: Context<Env>, { credentials }: Pick<RouteParts, "credentials">) {
  const { principal } = holderOf(context)
  return principal.tenantId === credentials.local.principal.tenantId && permissionsOf(principal).has("policy.write")
}

/** Rejects whoever is another tenant's. */
export function requirePolicyWriter(context: Context<Env>, parts: Pick<RouteParts, "credentials">) {
  if (mayWritePolicy(context, parts)) return
  throw new RequestProblem("permission-missing", "The policy holds for every tenant: whoever runs the server sets it.")
}

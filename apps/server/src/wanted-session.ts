import { asksLess, type PermissionMode, type Principal, permissionsOf } from "@aegis/policy"
import type { CreateSessionInput } from "@aegis/session-core"
import { authorizeSession } from "./authorize-request.ts"
import { RequestProblem } from "./problem-reply.ts"
import type { RouteParts } from "./routes.ts"

type Wish = Omit<CreateSessionInput, "agent" | "permissionMode"> & {
  readonly agent?: string | undefined
  readonly permissionMode?: PermissionMode | undefined
}

/** What a caller's wish for a session comes to. Rejects where they may not have such a one. */
export async function wantedSession(
  principal: Principal,
  { agent, permissionMode: wished, parentId: named, ...wish }: Wish,
  { aegis, config }: Pick<RouteParts, "aegis" | "config">,
): Promise<CreateSessionInput & { readonly permissionMode: PermissionMode }> {
  if (named !== undefined) await authorizeSession(principal, "session.create", { sessionId: named, aegis, config })
  // Whatever an agent begins is its own session's child.
  const parentId = principal.agentOf ?? named
  const parent = parentId === undefined ? undefined : await aegis.getSession(parentId)
  // Only modes that were asked for here are a session's.
  const permissionMode = wished ?? (parent?.permissionMode as PermissionMode | undefined) ?? config.permissionMode
  // An agent's bound is its session's own mode, which somebody has allowed.
  if (principal.agentOf === undefined) refuseLax(principal, permissionMode, config.permissionMode)
  return { ...wish, agent: agent ?? config.agent.default, permissionMode, parentId }
}

function refuseLax(principal: Principal, wished: PermissionMode, usual: PermissionMode) {
  if (!asksLess(wished, usual) || permissionsOf(principal).has("session.approve")) return
  throw new RequestProblem(
    "permission-missing",
    `The mode ${wished} asks less than this server's (${usual}): that takes session.approve.`,
  )
}

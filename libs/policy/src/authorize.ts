import type { AccessMark, Permission, Role } from "./words.ts"

/** Who calls, the same behind every door. */
export interface Principal {
  readonly keyId: string
  readonly userId: string
  readonly tenantId: string
  readonly role: Role
  /** The explicit list of a `custom` role. */
  readonly permissions?: readonly Permission[]
  /** What was shown: a key (or what stands for one, like a cookie session), a stream token, a hook secret. */
  readonly credential: "key" | "stream" | "hook"
  /** A stream token may be bound to one session. */
  readonly sessionId?: string
  /** The session whose agent this is: it has to do with that one's children, and looks at that one itself. */
  readonly agentOf?: string
}

/** What is acted on: whose it is, and which session it belongs to, if any. */
export interface Target {
  readonly userId: string
  readonly tenantId: string
  readonly sessionId?: string
  /** The session that it is a child of. */
  readonly parentId?: string
}

export interface AuthorizeOptions {
  readonly target?: Target
  /** `tenant`: reading and approving reach the tenant's sessions; `owner`: only one's own (spec/rest.md, Ownership). */
  readonly sharing: "tenant" | "owner"
}

/** `absent` is answered exactly as if the target did not exist. */
export type Verdict = "allowed" | "unauthenticated" | "forbidden" | "absent"

/** The one authorization function: every door asks it, with the mark that the contract gives to the operation. */
export function authorize(
  principal: Principal | undefined,
  mark: AccessMark,
  { target, sharing }: AuthorizeOptions,
): Verdict {
  if (mark === "public") return "allowed"
  if (principal === undefined || !isCredentialFor(principal, mark)) return "unauthenticated"
  if (target && !maySee(principal, target, sharing)) return "absent"
  if (mark === "any" || mark === "stream" || mark === "hook") return "allowed"
  if (!permissionsOf(principal).has(mark)) return "forbidden"
  return target && !mayAct(principal, mark, { target, sharing }) ? "forbidden" : "allowed"
}

/** Whose things a principal may see: all of its tenant's, or only its own user's, or only those of a session's children. */
export interface Audience {
  readonly tenantId: string
  /** Absent: everybody's. */
  readonly userId?: string
  /** Absent: of every session. */
  readonly parentId?: string
}

/** What lists and streams are narrowed to, before anything of them is shown. */
export function audienceOf(
  { tenantId, userId, role, agentOf }: Pick<Principal, "tenantId" | "userId" | "role" | "agentOf">,
  sharing: AuthorizeOptions["sharing"],
): Audience {
  if (agentOf !== undefined) return { tenantId, userId, parentId: agentOf }
  const seesAll = role === "admin" || (sharing === "tenant" && role !== "agent")
  return seesAll ? { tenantId } : { tenantId, userId }
}

/** Whether it belongs to what the audience may see. */
export function isVisibleTo(
  { tenantId, userId, parentId }: Audience,
  target: Pick<Target, "tenantId" | "userId" | "parentId">,
) {
  const isTheirs = tenantId === target.tenantId && (userId === undefined || userId === target.userId)
  return isTheirs && (parentId === undefined || parentId === target.parentId)
}

/** Nobody hands out more than they have. */
export function mayGrant(
  giver: Pick<Principal, "role" | "permissions">,
  given: Pick<Principal, "role" | "permissions">,
) {
  const has = permissionsOf(giver)
  return [...permissionsOf(given)].every((permission) => has.has(permission))
}

/** What a role may do; `custom` has its explicit list. */
export function permissionsOf({
  role,
  permissions = [],
}: Pick<Principal, "role" | "permissions">): ReadonlySet<Permission> {
  return role === "custom" ? new Set(permissions) : rolePermissions[role]
}

const viewer: readonly Permission[] = [
  "session.read",
  "pipeline.read",
  "memory.read",
  "template.read",
  "routine.read",
  "metrics.read",
]
const operator: readonly Permission[] = [
  ...viewer,
  "policy.read",
  "budget.read",
  "session.create",
  "session.send",
  "session.approve",
  "session.interrupt",
  "session.kill",
  "pipeline.write",
  "memory.write",
  "template.write",
  "routine.write",
]
const admin: readonly Permission[] = [
  ...operator,
  "session.admin",
  "policy.write",
  "budget.write",
  "key.admin",
  "audit.read",
  "channel.admin",
]

const rolePermissions: Readonly<Record<Exclude<Role, "custom">, ReadonlySet<Permission>>> = {
  admin: new Set(admin),
  operator: new Set(operator),
  viewer: new Set(viewer),
  agent: new Set<Permission>(["session.create", "session.send", "session.read", "memory.read", "memory.write"]),
}

// A stream token opens streams and nothing else; a key opens everything but streams (spec/threats.md, A6).
function isCredentialFor({ credential }: Principal, mark: AccessMark) {
  if (mark === "stream") return credential === "stream"
  if (mark === "hook") return credential === "hook"
  return credential === "key"
}

function maySee(principal: Principal, target: Target, sharing: AuthorizeOptions["sharing"]) {
  if (principal.sessionId !== undefined && principal.sessionId !== target.sessionId) return false
  return isOwnSession(principal, target) || isVisibleTo(audienceOf(principal, sharing), target)
}

// All that is in it its agent has said or was told.
function isOwnSession({ agentOf, tenantId, userId }: Principal, target: Target) {
  return agentOf !== undefined && isVisibleTo({ tenantId, userId }, target) && target.sessionId === agentOf
}

/** What an agent may do to its own session and to that one's children, of what its role may at all. */
const ofAgents: Readonly<Record<"itself" | "child", ReadonlySet<Permission>>> = {
  // A prompt of its own to itself would never end.
  itself: new Set<Permission>(["session.read", "session.create"]),
  child: new Set<Permission>(["session.read", "session.send"]),
}

function mayAct(
  principal: Principal,
  permission: Permission,
  { target, sharing }: { target: Target; sharing: AuthorizeOptions["sharing"] },
) {
  if (principal.agentOf !== undefined)
    return ofAgents[isOwnSession(principal, target) ? "itself" : "child"].has(permission)
  if (principal.role === "admin" || principal.userId === target.userId) return true
  return sharing === "tenant" && (permission.endsWith(".read") || permission === "session.approve")
}

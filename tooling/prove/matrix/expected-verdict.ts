// What each credential may do, as spec/rest.md says it: written down here once more, so that the server is measured
// against the words and not against itself.

/** What an answer says of the right to it. */
export type Verdict = "allowed" | "unauthenticated" | "forbidden" | "absent"

export interface Bearer {
  readonly name: string
  /** `dead`: revoked, rotated away, made up, or none at all. */
  readonly kind: "dead" | "key" | "stream" | "hook"
  readonly role?: string
  /** Of the role `custom`. */
  readonly permissions?: readonly string[]
  readonly userId?: string
  readonly tenantId?: string
  /** Of a stream token: the one session that it is for. */
  readonly boundTo?: OwnerName
  /** Of an agent's own key, and of what is made with it: the session whose agent it is. */
  readonly agentOf?: OwnerName
  /** How it is shown. */
  readonly headers: Readonly<Record<string, string>>
}

/** Whose the thing is that is asked for, as the bearers of tenant `t`, user `ada` see it. */
export const owners = {
  own: { tenantId: "t", userId: "ada" },
  /** Of the own session. */
  child: { tenantId: "t", userId: "ada", parent: "own" },
  colleague: { tenantId: "t", userId: "bob" },
  stranger: { tenantId: "u", userId: "eve" },
  local: { tenantId: "local", userId: "local" },
  absent: undefined,
} as const
export type OwnerName = keyof typeof owners

/** Sessions, templates, pipelines and routines have owners, approvals their session's; keys have only a tenant; memory is shared by those who share, and is nobody's else. */
export type Thing = "session" | "key" | "memory" | "template" | "pipeline" | "routine" | "approval"

export interface ExpectedVerdictOptions {
  /** The operation's mark in the document. */
  readonly mark: string
  /** Absent: it is about no single thing. */
  readonly owner?: OwnerName
  readonly thing?: Thing | undefined
  readonly sharing: "tenant" | "owner"
}

const reads = ["session", "pipeline", "memory", "template", "routine", "metrics"].map((of) => `${of}.read`)
const acts = ["create", "send", "approve", "interrupt", "kill"].map((act) => `session.${act}`)
const writes = ["pipeline", "memory", "template", "routine"].map((of) => `${of}.write`)
const roles: Readonly<Record<string, readonly string[] | "all">> = {
  admin: "all",
  operator: [...reads, "policy.read", "budget.read", ...acts, ...writes],
  viewer: reads,
  agent: ["session.create", "session.send", "session.read", "memory.read", "memory.write"],
}

export function expectedVerdict(bearer: Bearer, { mark, owner, thing, sharing }: ExpectedVerdictOptions): Verdict {
  if (mark === "public") return "allowed"
  const wanted = mark === "stream" || mark === "hook" ? mark : "key"
  if (bearer.kind !== wanted) return "unauthenticated"
  const isOpen = mark === "any" || mark === "stream" || mark === "hook"
  if (!isOpen && !has(bearer, mark)) return "forbidden"
  if (owner === undefined) return "allowed"
  if (!isSeen(bearer, owner, { thing, sharing })) return "absent"
  if (thing === "memory") return "allowed"
  if (bearer.agentOf !== undefined && !isOpen)
    return isForAgent(bearer.agentOf, { mark, owner }) ? "allowed" : "forbidden"
  const isOwned = thing !== "key"
  const isOthers = isOwned && bearer.role !== "admin" && owners[owner]?.userId !== bearer.userId
  const isShared = sharing === "tenant" && (mark.endsWith(".read") || mark === "session.approve")
  return isOthers && !isOpen && !isShared ? "forbidden" : "allowed"
}

// "create/send/read of its own children": its own session it looks at and begins children of, and a prompt of its own it
// does not give itself.
function isForAgent(session: OwnerName, { mark, owner }: { readonly mark: string; readonly owner: OwnerName }) {
  return mark === "session.read" || mark === (owner === session ? "session.create" : "session.send")
}

/** Whether an owner's session, or what was done to their key, is in the audit trail that the credential reads. */
export function isInTrail(
  bearer: Bearer,
  owner: OwnerName,
  { thing, sharing }: { readonly thing: "session" | "key"; readonly sharing: ExpectedVerdictOptions["sharing"] },
) {
  return isSeen(bearer, owner, { thing, sharing })
}

function has({ role = "", permissions = [] }: Bearer, permission: string) {
  const list = role === "custom" ? permissions : roles[role]
  return list === "all" || (list?.includes(permission) ?? false)
}

function isSeen(
  bearer: Bearer,
  owner: OwnerName,
  { thing, sharing }: Pick<ExpectedVerdictOptions, "thing" | "sharing">,
) {
  const whose = owners[owner]
  // The machine's own person has to do with everybody's keys.
  if (thing === "key" && bearer.tenantId === "local") return whose !== undefined
  if (whose === undefined || whose.tenantId !== bearer.tenantId) return false
  if (thing === "key") return true
  if (thing === "memory") return sharing === "tenant" || whose.userId === bearer.userId
  if (bearer.boundTo !== undefined && bearer.boundTo !== owner) return false
  if (bearer.agentOf !== undefined) return owner === bearer.agentOf || parentOf(owner) === bearer.agentOf
  return bearer.role === "admin" || whose.userId === bearer.userId || (sharing === "tenant" && bearer.role !== "agent")
}

function parentOf(owner: OwnerName): string | undefined {
  const whose = owners[owner]
  return whose !== undefined && "parent" in whose ? whose.parent : undefined
}

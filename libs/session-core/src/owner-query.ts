import { withoutUndefined } from "./evolve.ts"

/** Whose sessions: those of a tenant, or of one of its users, or a session's children among them. */
export interface OwnerQuery {
  readonly tenantId: string
  readonly userId?: string | undefined
  readonly parentId?: string | undefined
}

/** What the rows of sessions have that are theirs. */
export function ownedBy({ tenantId, userId, parentId }: OwnerQuery) {
  return { tenantId, ...withoutUndefined({ userId, parentId }) }
}

/** After which number, and how many. */
export interface PageQuery {
  readonly after?: number | undefined
  readonly limit: number
}

/** Whose sessions: those of a tenant, or of one of its users, or a session's children among them. */
export interface OwnerQuery {
  readonly tenantId: string
  readonly userId?: string | undefined
  readonly parentId?: string | undefined
}

/** After which number, and how many. */
export interface PageQuery {
  readonly after?: number | undefined
  readonly limit: number
}

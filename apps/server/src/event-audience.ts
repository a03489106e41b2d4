import type { LogEntry } from "@aegis/event-log"
import {
  type Audience,
  type AuthorizeOptions,
  audienceOf,
  isVisibleTo,
  type Principal,
  permissionsOf,
} from "@aegis/policy"
import { type Aegis, type MemorySpace, SessionError } from "@aegis/session-core"
import { type AegisEvent, isSessionStream } from "@aegis/session-core/events"
import { LRUCache } from "lru-cache"

type Entries = readonly LogEntry<AegisEvent>[]

/** What has events of its own, for those who may read it. */
const families = ["policy", "memory", "template", "pipeline", "routine"] as const
type Family = (typeof families)[number]

/** Who gets the events of all sessions: those whose sessions they may see, and of access only if that is their business. */
export interface EventAudience extends Audience {
  /** Of keys, logins, refusals, exports, shared budgets, the server itself: nobody's, the own tenant's, or everybody's. */
  readonly seesAccess: "none" | "tenant" | "all"
  readonly sees: readonly Family[]
}

export function eventAudienceOf(principal: Principal, sharing: AuthorizeOptions["sharing"]): EventAudience {
  const may = permissionsOf(principal)
  const sees = families.filter((family) => may.has(`${family}.read`))
  return { ...audienceOf(principal, sharing), seesAccess: may.has("key.admin") ? "tenant" : "none", sees }
}

export interface AuditAudienceOptions {
  readonly sharing: AuthorizeOptions["sharing"]
  /** The machine's own person has to do with every tenant's access, as with their keys. */
  readonly isLocal: boolean
}

/** Who reads the audit trail: of access all that is the tenant's. */
export function auditAudienceOf(principal: Principal, { sharing, isLocal }: AuditAudienceOptions): EventAudience {
  return { ...audienceOf(principal, sharing), seesAccess: isLocal ? "all" : "tenant", sees: families }
}

/** Sessions whose owner is remembered: a few hundred bytes each. */
const MOST_OWNERS = 10_000

/**
 * Narrows pages of all sessions' events to what somebody may see. Readers share pages, so each page is looked at once: where
 * everything in it may be seen, which is the rule, it is given on as it is.
 */
export class EventAudiences {
  readonly #aegis: Pick<Aegis, "ownerOf">
  readonly #owners = new LRUCache<string, Owner>({ max: MOST_OWNERS })
  readonly #known = new WeakMap<Entries, PageOwners>()

  constructor(aegis: Pick<Aegis, "ownerOf">) {
    this.#aegis = aegis
  }

  /** Finds out whose the sessions of the page are; before `narrow`. */
  async prepare(entries: Entries) {
    if (this.#known.has(entries)) return
    const owners = new Map<string, Owner>()
    // By their streams: an event that nobody looks into is not parsed.
    for (const { stream } of entries)
      if (isSessionStream(stream) && !owners.has(stream)) {
        const owner = await this.ownerOf(stream)
        if (owner) owners.set(stream, owner)
      }
    this.#known.set(entries, { owners, narrowed: new Map() })
  }

  /** What of a prepared page the audience may see. */
  narrow(entries: Entries, audience: EventAudience): Entries {
    const page = this.#known.get(entries)
    if (page === undefined) throw new Error("A page was narrowed before it was known whose sessions it is about.")
    const { tenantId, userId, parentId, seesAccess, sees } = audience
    const name = JSON.stringify([tenantId, userId, parentId, seesAccess, sees])
    const known = page.narrowed.get(name)
    if (known) return known
    const visible = entries.filter((entry) => isSeenBy(audience, entry, page.owners))
    const narrowed = visible.length === entries.length ? entries : visible
    page.narrowed.set(name, narrowed)
    return narrowed
  }

  /** Whose a session is; undefined: there is none. */
  async ownerOf(sessionId: string) {
    const owner = this.#owners.get(sessionId) ?? (await this.#aegis.ownerOf(sessionId).catch(nobodyIfAbsent))
    if (owner) this.#owners.set(sessionId, owner)
    return owner
  }
}

interface PageOwners {
  readonly owners: ReadonlyMap<string, Owner>
  readonly narrowed: Map<string, Entries>
}

type Owner = Parameters<typeof isVisibleTo>[1]

// What belongs to nobody is shown to nobody; a log that cannot be read is something else.
function nobodyIfAbsent(error: unknown) {
  if (SessionError.is(error) && error.code === "session-not-found") return undefined
  throw error
}

function isSeenBy(audience: EventAudience, { stream, type, event }: Entries[number], owners: PageOwners["owners"]) {
  const owner = owners.get(stream)
  if (isSessionStream(stream)) return owner !== undefined && isVisibleTo(audience, owner)
  // Of its children, and of nothing else.
  if (audience.parentId !== undefined) return false
  const family = families.find((each) => type.startsWith(`${each}.`))
  if (family !== undefined && !audience.sees.includes(family)) return false
  // The policy is the same for all.
  if (family === "policy") return true
  if (family !== undefined) return isInReach(audience, event.data as MemorySpace)
  if (!/^(?:key|auth|audit|ledger|server)\./.test(type)) return true
  if (audience.seesAccess !== "tenant") return audience.seesAccess === "all"
  return (event.data as { readonly tenantId?: string }).tenantId === audience.tenantId
}

// What all of a tenant share is nobody's own.
function isInReach({ parentId: _parentId, ...audience }: EventAudience, { tenantId, userId = "" }: MemorySpace) {
  return isVisibleTo(audience, { tenantId, userId })
}

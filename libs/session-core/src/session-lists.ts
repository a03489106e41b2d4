import type { Row } from "@aegis/event-log"
import type { AegisParts } from "./aegis-parts.ts"
import type { SessionStatus } from "./events.ts"
import { withoutUndefined } from "./evolve.ts"
import { livingStatuses } from "./find-parent.ts"
import { labelIn } from "./label-in.ts"
import { type OwnerQuery, ownedBy, type PageQuery } from "./owner-query.ts"
import { sessionFold, sessionsTable } from "./session-models.ts"

type SessionRow = Row<typeof sessionsTable>

export interface SessionFilter extends OwnerQuery {
  readonly status?: SessionStatus | undefined
  readonly workDir?: string | undefined
  readonly agent?: string | undefined
}

export interface ListSessionsQuery extends SessionFilter {
  /** All of these. */
  readonly labels?: readonly (readonly [name: string, value: string])[] | undefined
  /** In the name or the folder, in capitals or not. */
  readonly text?: string | undefined
  /** Created from then on, and before that; in UTC, as the log has it. */
  readonly from?: string | undefined
  readonly to?: string | undefined
  /** The `createdSeq` of the last session of the page before. */
  readonly after?: number | undefined
  readonly limit: number
}

/** A session in its tree, with what its own agent has others do within its turn. */
export interface SwarmNode {
  readonly session: SessionRow
  /** How many sessions are above it, of those that are shown. */
  readonly depth: number
  readonly subagents: readonly { readonly toolCallId: string; readonly title: string; readonly since: string }[]
}

/** So many are looked through at a time. */
const PAGE = 200
/** What agents call the tool that begins an agent within their own process (Claude's, now and before). */
const SUBAGENT_TOOLS: ReadonlySet<string | undefined> = new Set(["Agent", "Task"])

/** Sessions as lists have them. Whose they are is decided at the door. */
export class SessionLists {
  readonly #log: AegisParts["log"]

  constructor({ log }: Pick<AegisParts, "log">) {
    this.#log = log
  }

  /** Newest first. */
  async list({ after, limit, labels = [], text = "", from, to, ...query }: ListSessionsQuery) {
    const created = withoutUndefined({ gte: from, lt: to })
    const where = { ...withoutUndefined(query), ...(Object.keys(created).length > 0 ? { createdAt: created } : {}) }
    const words = text.toLowerCase()
    // Labels and words are in no index.
    const fits = (row: SessionRow) =>
      labels.every(([name, value]) => labelIn(row.labels, name) === value) &&
      [row.name, row.workDir].some((place) => place.toLowerCase().includes(words))
    const size = labels.length === 0 && words === "" ? limit : PAGE
    const found: SessionRow[] = []
    for (let last = after; ; ) {
      const order = [["createdSeq", "desc"]] as const
      const behind = last === undefined ? {} : { createdSeq: { lt: last } }
      const rows = await this.#log.rows(sessionsTable, { where: { ...where, ...behind }, order, limit: size })
      for (const row of rows) {
        if (fits(row)) found.push(row)
        if (found.length === limit) return found
      }
      if (rows.length < size) return found
      last = rows.at(-1)?.createdSeq
    }
  }

  /** Somebody's living sessions below those that have begun them, and those above them: a page of trees, the newest first. */
  async swarm(owner: OwnerQuery, { after = Number.MAX_SAFE_INTEGER, limit }: PageQuery) {
    const nodes = await this.#withAncestors(owner)
    const children = Map.groupBy(nodes.values(), ({ parentId }) => (parentId && nodes.has(parentId) ? parentId : ""))
    const roots = (children.get("") ?? [])
      .filter(({ createdSeq }) => createdSeq < after)
      .toSorted((one, other) => other.createdSeq - one.createdSeq)
    const page = roots.slice(0, limit)
    const items = await Promise.all(page.flatMap((root) => [...below(root, children)]).map((node) => this.#shown(node)))
    return { items, next: roots.length > limit ? page.at(-1)?.createdSeq : undefined }
  }

  async #withAncestors(owner: OwnerQuery) {
    const nodes = new Map<string, SessionRow>()
    const theirs = ownedBy(owner)
    let rows = await this.#log.rows(sessionsTable, { where: { ...theirs, status: { in: livingStatuses } } })
    while (rows.length > 0) {
      for (const row of rows) nodes.set(row.sessionId, row)
      const above = unknownParents(rows, nodes)
      rows =
        above.length === 0
          ? []
          : await this.#log.rows(sessionsTable, { where: { ...theirs, sessionId: { in: above } } })
    }
    return nodes
  }

  async #shown({ session, depth }: Omit<SwarmNode, "subagents">): Promise<SwarmNode> {
    const { state } = await this.#log.fold(sessionFold, session.sessionId)
    const running = Object.entries(state?.tools ?? {}).filter(([, { name }]) => SUBAGENT_TOOLS.has(name))
    const subagents = running.map(([toolCallId, { title, name = "", since }]) => {
      return { toolCallId, title: title ?? name, since }
    })
    return { session, depth, subagents }
  }
}

function unknownParents(rows: readonly SessionRow[], known: ReadonlyMap<string, SessionRow>) {
  const parents = rows.flatMap(({ parentId }) => parentId ?? [])
  return [...new Set(parents)].filter((id) => !known.has(id))
}

/** A session, and those below it in the order in which they were begun. */
function* below(
  session: SessionRow,
  children: ReadonlyMap<string, readonly SessionRow[]>,
  depth = 0,
): Generator<Omit<SwarmNode, "subagents">> {
  yield { session, depth }
  const own = children.get(session.sessionId) ?? []
  for (const child of own.toSorted((one, other) => one.createdSeq - other.createdSeq))
    yield* below(child, children, depth + 1)
}

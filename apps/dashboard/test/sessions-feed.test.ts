import type { AegisClient, AegisEvent, SessionListItem, Stop } from "@aegis/client"
import { describe, expect, it } from "vitest"
import { SessionsFeed } from "../src/live/sessions-feed.ts"

const item = (id: string, seq: number, status: SessionListItem["status"] = "idle"): SessionListItem => ({
  id,
  name: id,
  status,
  workDir: "/w",
  permissionMode: "default",
  agent: "demo",
  createdAt: "2026-01-01T00:00:00.000Z",
  lastActivity: `2026-01-01T00:00:${String(seq).padStart(2, "0")}.000Z`,
  owner: "u",
  labels: {},
  pendingApprovals: status === "permission_prompt" ? 1 : 0,
  seq,
})

const event = (seq: number, sessionId: string, status: SessionListItem["status"]): AegisEvent => ({
  seq,
  sessionId,
  type: "turn.ended",
  at: `2026-01-01T00:00:${String(seq).padStart(2, "0")}.000Z`,
  actor: { kind: "agent", id: "a", via: "acp" },
  status,
  data: { turnId: "t" },
  hash: "",
})

interface Played {
  readonly newest: SessionListItem[]
  readonly all: SessionListItem[]
  readonly events: AegisEvent[]
  readonly stop?: Stop
}

/** A server with those sessions, and those events after the list was read. */
function played({ newest, all, events, stop }: Played) {
  const asked: unknown[] = []
  const client = {
    getHealth: async () => ({ status: "ok", uptime: 1, ...(stop ? { stop } : {}) }),
    verifyToken: async () => ({ permissions: ["session.read", "session.admin"] }),
    listEvents: async () => ({ items: [event(9, "x", "idle")] }),
    listSessions: async (query: { readonly status?: string; readonly after?: number }) => {
      asked.push(query)
      if (query.status !== undefined) return { items: all.filter(({ status }) => status === query.status) }
      return query.after === undefined ? { items: newest, nextCursor: "3" } : { items: all }
    },
    getSession: async (id: string) => {
      asked.push(id)
      return all.find((each) => each.id === id)
    },
    async *events(_: unknown, { after }: { readonly after: number }) {
      asked.push({ after })
      yield* events
    },
  }
  return { client: client as unknown as AegisClient, asked }
}

describe("the feed of all sessions", () => {
  it("knows who has stopped all work, before this page and while it is open, and when it goes on", async () => {
    const by = { kind: "key", id: "local", via: "cli" } as const
    const stop = { at: "2026-01-01T00:00:00.000Z", by, reason: "Smoke." }
    const before = new SessionsFeed(played({ newest: [], all: [], events: [], stop }).client)
    await before.run(new AbortController().signal)
    before.store.touch()
    await expect.poll(() => before.store.getSnapshot()).toMatchObject({ stop, mayLift: true })
    const { sessionId: _sessionId, status: _status, ...system } = event(10, "", "idle")
    const stopped = { ...system, type: "system.stopped", at: stop.at, actor: by, data: { reason: "Smoke." } }
    const meanwhile = new SessionsFeed(played({ newest: [], all: [], events: [stopped] }).client)
    await meanwhile.run(new AbortController().signal)
    await expect.poll(() => meanwhile.store.getSnapshot().stop).toEqual(stop)
    const resumed = { ...system, seq: 11, type: "system.resumed", data: { reason: "" } }
    const after = new SessionsFeed(played({ newest: [], all: [], events: [stopped, resumed], stop }).client)
    await after.run(new AbortController().signal)
    await expect.poll(() => after.store.getSnapshot().isLoaded).toBe(true)
    expect(after.store.getSnapshot().stop).toBeUndefined()
  })

  it("shows the newest, and whatever waits for somebody, however old it is", async () => {
    const old = item("old", 2, "permission_prompt")
    const { client, asked } = played({
      newest: [item("new", 8)],
      all: [old, item("new", 8), item("other", 1)],
      events: [],
    })
    const feed = new SessionsFeed(client)
    await feed.run(new AbortController().signal)
    feed.store.touch()
    await expect.poll(() => feed.store.getSnapshot().rows.map(({ id }) => id)).toEqual(["old", "new"])
    expect(asked).toContainEqual({ after: 9 })
    await feed.loadMore()
    await expect.poll(() => feed.store.getSnapshot().rows.map(({ id }) => id)).toEqual(["old", "new", "other"])
    expect(feed.store.getSnapshot()).toMatchObject({ isLoaded: true, hasMore: false })
  })

  it("fetches an older session when something happens in it", async () => {
    const old = item("old", 11, "error")
    const { client, asked } = played({
      newest: [item("new", 8)],
      all: [old],
      events: [event(10, "new", "working"), event(11, "old", "error")],
    })
    const feed = new SessionsFeed(client)
    await feed.run(new AbortController().signal)
    await expect
      .poll(() => feed.store.getSnapshot().rows.map(({ id, status }) => [id, status]))
      .toEqual([
        ["new", "working"],
        ["old", "error"],
      ])
    expect(asked).toContain("old")
  })

  it("says what went wrong", async () => {
    const { client } = played({ newest: [], all: [], events: [] })
    const failing = Object.assign(client, { listSessions: () => Promise.reject(new Error("no")) })
    const feed = new SessionsFeed(failing)
    await feed.run(new AbortController().signal)
    await expect.poll(() => feed.store.getSnapshot().error).toEqual(new Error("no"))
  })
})

import type { AegisEvent, SessionListItem } from "@aegis/client"
import { describe, expect, it } from "vitest"
import { inOrder, nextRow, type SessionRow } from "../src/live/session-list.ts"

const item: SessionListItem = {
  id: "s",
  name: "A name",
  status: "working",
  workDir: "/w",
  permissionMode: "default",
  agent: "demo",
  createdAt: "2026-01-01T00:00:00.000Z",
  lastActivity: "2026-01-01T00:00:00.000Z",
  owner: "u",
  labels: {},
  pendingApprovals: 1,
  seq: 10,
}

function event(
  seq: number,
  type: string,
  data: unknown = {},
  status: SessionListItem["status"] = "working",
): AegisEvent {
  const at = `2026-01-01T00:00:${String(seq).padStart(2, "0")}.000Z`
  return { seq, sessionId: "s", type, at, actor: { kind: "agent", id: "a", via: "acp" }, status, data, hash: "" }
}

function after(row: SessionRow | undefined, ...events: readonly AegisEvent[]) {
  return events.reduce(nextRow, row)
}

describe("a row of the list", () => {
  it("begins with the session, not in the middle of it", () => {
    expect(nextRow(undefined, event(3, "message.delta", { text: "x" }))).toBeUndefined()
    const data = { name: "N", workDir: "/n", permissionMode: "plan", agent: "demo", owner: { userId: "u" }, labels: {} }
    expect(nextRow(undefined, event(1, "session.created", data, "pending"))).toMatchObject({
      id: "s",
      name: "N",
      status: "pending",
      pendingApprovals: 0,
      seq: 1,
    })
  })

  it("leaves out what the list has already counted", () => {
    expect(nextRow(item, event(10, "approval.requested"))).toBe(item)
    expect(nextRow(item, event(9, "session.updated", { name: "Old" }))).toBe(item)
  })

  it("follows state, name, labels, mode and approvals", () => {
    expect(
      after(
        item,
        event(11, "session.updated", { name: "Better", labels: { env: "prod" }, permissionMode: "plan" }),
        event(12, "session.updated", { title: "What its agent calls it" }),
        event(13, "approval.requested", {}, "permission_prompt"),
        event(14, "approval.resolved", {}, "permission_prompt"),
        event(15, "approval.resolved", {}, "idle"),
      ),
    ).toMatchObject({
      name: "Better",
      labels: { env: "prod" },
      permissionMode: "plan",
      status: "idle",
      pendingApprovals: 0,
      seq: 15,
      lastActivity: event(15, "").at,
    })
  })

  it("shows the last line that has words, and begins anew with a prompt", () => {
    const say = (seq: number, text: string) => event(seq, "message.delta", { text })
    expect(after(item, say(11, "First li"), say(12, "ne\nSec"), say(13, "ond\n"))?.lastLine).toBe("Second\n")
    expect(after(item, say(11, "First\n"), say(12, "Third"))?.lastLine).toBe("Third")
    expect(after(item, say(11, "First"), event(12, "tool.started", { title: "Read" }), say(13, "Then"))?.lastLine).toBe(
      "Then",
    )
    expect(after(item, say(11, "First"), event(12, "message.user"))?.lastLine).toBe("")
    expect(after(item, say(11, "x".repeat(10_000)))?.lastLine).toHaveLength(160)
  })
})

it("puts first what needs somebody, then what works, then the rest, each newest first", () => {
  const row = (id: string, status: SessionListItem["status"], second: number): SessionRow => ({
    ...item,
    id,
    status,
    lastActivity: event(second, "").at,
  })
  const rows = [
    row("idle", "idle", 9),
    row("old", "working", 1),
    row("asks", "asking", 2),
    row("new", "working", 5),
    row("waits", "permission_prompt", 3),
    row("over", "killed", 10),
  ]
  expect(inOrder(rows).map(({ id }) => id)).toEqual(["waits", "asks", "new", "old", "over", "idle"])
})

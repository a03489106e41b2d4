import { openMemoryLog } from "@aegis/event-log"
import { expect, it } from "vitest"
import { ApprovalReader } from "../src/approval-reader.ts"
import type { AegisEvent, SessionEvent } from "../src/events.ts"
import { sessionModels } from "../src/session-models.ts"

const actor = { kind: "key", id: "k", via: "rest" } as const
const at = "2026-01-01T00:00:00.000Z"
const ada = { tenantId: "t", userId: "ada" }
const eve = { tenantId: "u", userId: "eve" }

function created(sessionId: string, owner: typeof ada): AegisEvent {
  const place = { workDir: "/w", agent: "demo", permissionMode: "default" }
  const data = { ...place, name: "n", labels: {}, owner, salt: "00" }
  return { sessionId, type: "session.created", at, actor, status: "pending", data }
}

function asked(sessionId: string, approvalId: string, title = "Run"): AegisEvent {
  const call = { runId: "r", requestId: 1, options: [], digest: "d", tool: { toolCallId: "c", title } }
  return {
    sessionId,
    type: "approval.requested",
    at,
    actor,
    status: "permission_prompt",
    data: { ...call, approvalId },
  }
}

async function read(...events: readonly AegisEvent[]) {
  const log = openMemoryLog<AegisEvent>({ models: sessionModels })
  await log.append({ events: events.map((event) => ({ stream: (event as SessionEvent).sessionId, event })) })
  return new ApprovalReader(log)
}

const names = ({ approvals }: Awaited<ReturnType<ApprovalReader["page"]>>) =>
  approvals.map(({ approvalId }) => approvalId)

it("a page ends where it has been looked for long, and the next one goes on there", async () => {
  const others = Array.from({ length: 1500 }, (_, index) => asked("eve's", `e${index}`))
  const reader = await read(
    created("ada's", ada),
    created("eve's", eve),
    asked("ada's", "old"),
    ...others,
    asked("ada's", "new"),
  )
  const first = await reader.page({ ...ada, limit: 50 })
  expect([names(first), first.next]).toEqual([["new"], expect.any(Number)])
  const second = await reader.page({ ...ada, limit: 50, after: first.next })
  expect([names(second), second.next]).toEqual([["old"], undefined])
})

it("a page ends where it is long, and has one in any case", async () => {
  const long = "x".repeat(700_000)
  const reader = await read(
    created("ada's", ada),
    ...["a", "b", "c"].map((id) => asked("ada's", id, id === "a" ? "" : long)),
  )
  const first = await reader.page({ ...ada, limit: 50 })
  expect(names(first)).toEqual(["c"])
  const second = await reader.page({ ...ada, limit: 50, after: first.next })
  expect([names(second), second.next]).toEqual([["b", "a"], undefined])
})

it("a session's children have their own", async () => {
  const child = created("child", ada)
  if (child.type === "session.created") Object.assign(child.data, { parentId: "ada's" })
  const reader = await read(created("ada's", ada), child, asked("ada's", "own"), asked("child", "childs"))
  expect(names(await reader.page({ ...ada, parentId: "ada's", limit: 50 }))).toEqual(["childs"])
})

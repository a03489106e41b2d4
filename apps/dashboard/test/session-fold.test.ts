import type { AegisEvent, EventData, EventType } from "@aegis/client"
import { describe, expect, it } from "vitest"
import { SessionFold } from "../src/live/session-fold.ts"

let seq = 0

function event<Type extends EventType>(type: Type, data: EventData[Type], more: Partial<AegisEvent> = {}): AegisEvent {
  seq += 1
  const actor = { kind: "key", id: "local", via: "rest" } as const
  return { seq, type, at: new Date(seq * 1000).toISOString(), actor, status: "working", hash: `h${seq}`, data, ...more }
}

function fold(...events: readonly AegisEvent[]) {
  const folded = new SessionFold()
  for (const next of events) folded.add(next)
  return folded
}

const delta = (messageId: string, text: string) => event("message.delta", { messageId, text })
const tool = { toolCallId: "t", name: "Bash", title: "Run", kind: "execute", input: { command: "ls" } }
const approval = { approvalId: "a", runId: "r", requestId: 1, tool, options: [], digest: "d".repeat(64) }
const question = { questionId: "q", runId: "r", requestId: 2, message: "Which?", schema: {} }

describe("a session's stream", () => {
  it("says what a rule decided where no approval says it", () => {
    const decided = { rule: "no-rm", decision: "deny", reason: "Never.", digest: "d" } as const
    const { entries } = fold(
      event("policy.decided", decided),
      event("policy.decided", { ...decided, approvalId: "a" }),
    ).view()
    expect(entries).toMatchObject([{ kind: "notice", tone: "warning", text: "Denied by no-rm: Never." }])
  })

  it("says for which budget the next prompt waits, until it goes out or somebody allows more", () => {
    const [none, reason] = [{ cost: 0, tokens: 0 }, 'Budget "session" of $1.00 is used up: $1.20 spent.']
    const counts = { limit: { cost: 1_000_000 }, spent: none, granted: none, reserved: none, needed: none }
    const exceeded = (turnId: string) =>
      event("budget.exceeded", { turnId, account: "session", measure: "cost", ...counts, reason })
    const asked = event("turn.requested", { turnId: "b", content: [], whenBusy: "queue" })
    // The one that was interrupted waits for nothing.
    const interrupted = fold(exceeded("a"))
    expect(interrupted.view().head.exceeded).toBeUndefined()
    expect(interrupted.view().entries).toMatchObject([{ kind: "notice", tone: "warning", text: reason }])
    const held = fold(asked, exceeded("b"))
    expect(held.view().head.exceeded).toEqual({ turnId: "b", reason })
    held.add(event("budget.extended", { account: "session", isShared: false, cost: 500_000, tokens: 0, reason: "Go." }))
    expect(held.view().head.exceeded).toBeUndefined()
    expect(held.view().entries.at(-1)).toMatchObject({
      tone: "plain",
      text: 'local (rest) allows $0.50 more of the budget "session".',
    })
    held.add(exceeded("b"))
    held.add(event("turn.started", { turnId: "b", origin: "prompt" }))
    expect(held.view().head.exceeded).toBeUndefined()
  })

  it("joins the pieces of a message, and shows what came after a tool call after it", () => {
    const { entries } = fold(
      delta("m", "One "),
      delta("m", "two."),
      event("tool.started", tool),
      delta("m", "Three."),
      delta("n", "Four."),
    ).view()
    expect(entries.map((entry) => ("text" in entry ? entry.text : entry.kind))).toEqual([
      "One two.",
      "tool",
      "Three.",
      "Four.",
    ])
    expect(new Set(entries.map(({ key }) => key)).size).toBe(4)
  })

  it("keeps of a tool call what later pieces do not repeat, and when it began and ended", () => {
    const started = event("tool.started", tool)
    const updated = event("tool.updated", { toolCallId: "t", title: "List" })
    const ended = event("tool.ended", { toolCallId: "t", status: "completed", output: "a.txt" })
    const { entries } = fold(started, updated, ended).view()
    expect(entries).toEqual([
      {
        kind: "tool",
        key: "tool:t",
        startedAt: started.at,
        endedAt: ended.at,
        call: { ...tool, title: "List", status: "completed", output: "a.txt" },
      },
    ])
  })

  it("shows no tool running that its turn has left behind", () => {
    const started = event("tool.started", tool)
    const ended = event("turn.ended", { turnId: "t1", stopReason: "cancelled" })
    const { entries } = fold(started, ended).view()
    expect(entries[0]).toMatchObject({ kind: "tool", endedAt: ended.at, call: { status: "unknown" } })
  })

  it("says what waits until it is decided or answered, and then who did", () => {
    const folded = fold(event("approval.requested", approval), event("question.asked", question))
    expect(folded.view().waiting.map(({ key }) => key)).toEqual(["approval:a", "question:q"])
    folded.add(event("approval.resolved", { approvalId: "a", status: "rejected", reason: "no" }))
    folded.add(event("question.answered", { questionId: "q", action: "accept", content: { choice: "b" } }))
    const { waiting, entries } = folded.view()
    expect(waiting).toEqual([])
    expect(entries).toMatchObject([
      { decision: { status: "rejected", by: "local (rest)", reason: "no" } },
      { answer: { action: "accept", by: "local (rest)", content: { choice: "b" } } },
    ])
    folded.add(event("approval.requested", { ...approval, approvalId: "b" }))
    folded.add(event("approval.resolved", { approvalId: "b", status: "approved", rule: "mode:acceptEdits" }))
    expect(folded.view().entries.at(-1)).toMatchObject({ decision: { by: "mode:acceptEdits" } })
  })

  it("has a prompt in the queue until its turn begins, or ends without having begun", () => {
    const requested = (turnId: string) =>
      event("turn.requested", {
        turnId,
        content: [{ type: "text", text: turnId }, { type: "image" }],
        whenBusy: "queue",
      })
    const folded = fold(requested("one"), requested("two"))
    expect(folded.view().queued).toEqual([
      { turnId: "one", text: "one\n[image]" },
      { turnId: "two", text: "two\n[image]" },
    ])
    folded.add(event("turn.started", { turnId: "one", origin: "prompt" }))
    folded.add(event("turn.ended", { turnId: "two", stopReason: "cancelled" }))
    expect(folded.view().queued).toEqual([])
  })

  it("counts an event that comes twice once, and leaves alone what has not changed", () => {
    const first = delta("m", "One.")
    const folded = fold(first, event("tool.started", tool))
    const before = folded.view()
    folded.add(first)
    folded.add(event("tool.ended", { toolCallId: "t", status: "failed" }))
    const after = folded.view()
    expect(after.entries[0]).toBe(before.entries[0])
    expect(after.entries[1]).not.toBe(before.entries[1])
    expect(after.head).toMatchObject({ seq, hash: `h${seq}` })
  })

  it("knows the session, its plan, its cost and its state from the events alone", () => {
    const created = {
      workDir: "/w",
      agent: "demo",
      permissionMode: "plan",
      name: "First",
      labels: {},
      owner: { userId: "u", tenantId: "t" },
      salt: "s",
    }
    const { head, entries } = fold(
      event("session.created", created, { status: "pending" }),
      event("session.updated", { name: "Second" }),
      event("session.updated", { permissionMode: "acceptEdits" }),
      // What its agent calls it is not its name, here as little as anywhere else.
      event("session.updated", { title: "Third" }),
      event("plan.updated", { entries: [{ content: "Do", priority: "high", status: "pending" }] }),
      event("usage.updated", { used: 5, size: 10, costDelta: 7, costTotal: 12 }),
      event("usage.updated", { used: 6, size: 10 }),
      event("session.killed", { reason: "done" }, { status: "killed" }),
    ).view()
    expect(head).toMatchObject({
      name: "Second",
      workDir: "/w",
      agent: "demo",
      permissionMode: "acceptEdits",
      status: "killed",
      cost: 12,
      context: { used: 6, size: 10 },
      plan: [{ content: "Do" }],
    })
    expect(entries).toMatchObject([{ kind: "notice", text: "The session was ended." }])
  })

  it("leaves alone what a later server says", () => {
    const later = { ...delta("m", "x"), type: "weather.changed" }
    expect(fold(later).view().entries).toEqual([])
    expect(fold(later).view().head.seq).toBe(seq)
  })

  it("tells how an agent ended when nobody stopped it", () => {
    const exited = (cause: "stopped" | "crashed", signal: string | null) =>
      event("agent.exited", { runId: "r", code: signal === null ? 3 : null, signal, stderrTail: "", cause })
    const { entries } = fold(exited("stopped", "SIGTERM"), exited("crashed", "SIGKILL"), exited("crashed", null)).view()
    expect(entries.map((entry) => entry.kind === "notice" && entry.text)).toEqual([
      "The agent ended: SIGKILL",
      "The agent ended: code 3",
    ])
  })
})

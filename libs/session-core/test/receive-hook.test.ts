import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { ActivitySchema, HookEventSchema } from "../src/events.ts"
import { evolve } from "../src/evolve.ts"
import { nextDue, planEffects } from "../src/plan-effects.ts"
import type { ReceivedHook } from "../src/receive-hook.ts"
import { type SessionState, statusOf } from "../src/session-state.ts"
import { exited, type Move, PlayedSession, ready, request, started } from "./session-moves.ts"

const hook = (told: Partial<ReceivedHook> = {}): Move => ({
  type: "receive-hook",
  hook: { event: "SessionStart", agentSessionId: "c", digest: "d".repeat(64), bytes: 100, ...told },
  session: {
    workDir: "/work",
    agent: "external",
    permissionMode: "default",
    name: "work",
    labels: {},
    owner: { userId: "local", tenantId: "local" },
    salt: "00",
  },
  messageId: "m",
})

const anyHook = fc
  .record({
    event: fc.constantFrom(...HookEventSchema.options),
    tool: fc.constantFrom(undefined, { toolCallId: "t", name: "Bash" }, { toolCallId: "q", name: "AskUserQuestion" }),
    prompt: fc.constantFrom(undefined, "Go."),
    source: fc.constantFrom(undefined, "startup", "compact"),
    notificationType: fc.constantFrom(undefined, "permission_prompt", "idle_prompt", "elicitation_dialog", "new"),
    judgement: fc.option(
      fc
        .constantFrom("allow" as const, "deny" as const, "ask" as const)
        .map((decision) => ({ decision, rule: "r", reason: "Why.", digest: "e" })),
      { nil: undefined },
    ),
  })
  .map(hook)

const reason = "test"
const wishes: readonly Move[] = [
  request("t1"),
  { type: "vote", choice: "approve" },
  { type: "answer", action: "accept" },
  ...(["interrupt", "escape", "pause", "resume", "restart", "kill"] as const).map((type): Move => ({ type, reason })),
]

describe("a session that is observed, whatever its hooks tell in whatever order", () => {
  it("is in one of five states, as its events say, takes no wish and wants nothing done", () => {
    fc.assert(
      fc.property(
        anyHook,
        fc.array(fc.oneof(anyHook, fc.constantFrom(...wishes))),
        fc.nat(20),
        (first, moves, stop) => {
          const session = new PlayedSession(first)
          for (const [index, move] of moves.entries()) {
            if (index === stop) session.stopAll()
            const problem = session.play(move)
            expect(problem?.code).toBe(move.type === "receive-hook" ? undefined : "not-driven")
          }
          const view = {
            now: "2026-01-01T00:00:00.000Z",
            sent: new Set<string>(),
            attachedRunId: undefined,
            parkAfterMs: 1,
          }
          let state: SessionState | undefined
          for (const event of session.events) {
            state = evolve(state, event)
            expect(ActivitySchema.options).toContain(event.status)
            expect(event.status).toBe(state && statusOf(state))
            expect(state && planEffects(state, view)).toEqual([])
            expect(state && nextDue(state, view)).toBeUndefined()
          }
          expect(JSON.parse(JSON.stringify(state))).toEqual(session.now)
        },
      ),
      { numRuns: 2000 },
    )
  })

  it("is told what a rule says of a call, each time once, and never a yes while all work is stopped", () => {
    fc.assert(
      fc.property(fc.array(anyHook, { minLength: 1 }), fc.boolean(), ([first, ...moves], isStopped) => {
        const session = new PlayedSession(first)
        if (isStopped) session.stopAll()
        const before = session.events.length
        for (const move of moves) session.play(move)
        const events = session.events.slice(before)
        const answers = events.flatMap((event) => (event.type === "hook.received" ? [event.data] : []))
        const decided = events.flatMap((event) => (event.type === "policy.decided" ? [event.data.decision] : []))
        expect(answers.map(({ answer }) => answer).filter((answer) => answer !== "none")).toEqual(decided)
        for (const { event, answer } of answers) if (event !== "PreToolUse") expect(answer).toBe("none")
        if (isStopped) expect(decided).not.toContain("allow")
      }),
      { numRuns: 2000 },
    )
  })
})

describe("what comes after the end", () => {
  it("opens the session again only where it is a beginning", () => {
    const statusAfter = (...told: Partial<ReceivedHook>[]) => {
      const session = new PlayedSession(hook())
      session.play(hook({ event: "SessionEnd" }))
      for (const each of told) session.play(hook(each))
      return statusOf(session.now)
    }
    expect(statusAfter()).toBe("completed")
    for (const event of ["Stop", "PostToolUse", "Notification", "SubagentStop", "PreCompact", "SessionEnd"] as const)
      expect([event, statusAfter({ event })]).toEqual([event, "completed"])
    expect(statusAfter({ event: "SessionStart", source: "resume" })).toBe("idle")
    expect(statusAfter({ event: "UserPromptSubmit" }, { event: "Stop" })).toBe("idle")
  })
})

describe("a session that is driven", () => {
  it("has its hooks written down, and nothing changed by them; after its end none", () => {
    const session = new PlayedSession()
    session.play(started("run-1"))
    session.say(ready)
    const judgement = { decision: "deny", rule: "r", reason: "Why.", digest: "e" } as const
    const before = session.now
    const said = hook({ event: "PreToolUse", tool: { toolCallId: "t", name: "Bash" }, judgement })
    session.play(said, { kind: "agent", id: "external", via: "hook" })
    expect(session.now).toEqual(before)
    expect(session.ofType("hook.received")).toMatchObject([{ status: "idle", data: { answer: "none" } }])
    session.play({ type: "kill", reason })
    session.play(exited("run-1", "stopped"))
    session.play(hook({ event: "SessionEnd" }))
    expect(session.ofType("hook.received")).toHaveLength(1)
  })
})

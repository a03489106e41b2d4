import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { SessionStatusSchema } from "../src/events.ts"
import { evolve } from "../src/evolve.ts"
import { nextDue, planEffects, promptKey } from "../src/plan-effects.ts"
import { openApprovals, openQuestions, type SessionState, statusOf } from "../src/session-state.ts"
import {
  anyMove,
  exited,
  PlayedSession,
  permission,
  question,
  ready,
  request,
  said,
  started,
  turnEnded,
  turnFailed,
  withFreshIds,
} from "./session-moves.ts"

describe("whatever is commanded and whatever the runner says, in any order", () => {
  it("holds what spec/sessions.md promises", () => {
    fc.assert(
      fc.property(fc.array(anyMove, { maxLength: 60, size: "max" }), fc.uniqueArray(fc.nat(60)), (moves, stops) => {
        const session = new PlayedSession()
        for (const [index, move] of withFreshIds(moves).entries()) {
          if (stops.includes(index)) toggleStop(session)
          session.play(move)
        }
        expectConsistent(session)
        expectHalted(session)
      }),
      { numRuns: 3000 },
    )
  })

  it("leads to an outcome of every accepted prompt, approval and question, once the outside does its part", () => {
    fc.assert(
      fc.property(fc.array(anyMove, { maxLength: 40, size: "max" }), fc.infiniteStream(fc.boolean()), (moves, coin) => {
        const session = new PlayedSession()
        for (const [index, move] of withFreshIds(moves).entries()) {
          if (index % 10 === 5) toggleStop(session)
          session.play(move)
        }
        session.lift()
        settle(session, () => coin.next().value ?? false)
        expectConsistent(session)
        expectSettled(session)
      }),
      { numRuns: 2000 },
    )
  })
})

describe("turns", () => {
  it("run one at a time, in the order in which they were accepted", () => {
    const session = readySession()
    for (const turnId of ["t1", "t2", "t3"]) session.play(request(turnId))
    session.play({ type: "start-turn", turnId: "t2" })
    expect(session.ofType("turn.started").map(({ turnId }) => turnId)).toEqual(["t1"])
    session.say(turnEnded("t1"))
    session.play({ type: "start-turn", turnId: "t2" })
    expect(session.ofType("turn.started").map(({ turnId }) => turnId)).toEqual(["t1", "t2"])
    expect(session.now.queue.map(({ turnId }) => turnId)).toEqual(["t3"])
  })

  it("begin with the prompt that asks for them where nothing is in the way, and by the runner's command otherwise", () => {
    const begins = (prepare: (session: PlayedSession) => void) => {
      const session = readySession()
      prepare(session)
      session.play(request("t1"))
      return session.ofType("turn.started").some(({ turnId }) => turnId === "t1")
    }
    expect(begins(() => {})).toBe(true)
    expect(begins((session) => session.play({ type: "pause", reason: "x" }))).toBe(false)
    expect(begins((session) => session.stopAll())).toBe(false)
    expect(begins((session) => session.play({ type: "agent-detached", runId: "run-1" }))).toBe(false)
    expect(begins((session) => session.play(exited("run-1", "crashed")))).toBe(false)
    // Its process is about to be stopped, or stands on what went wrong.
    expect(begins((session) => session.play({ type: "park", reason: "x" }))).toBe(false)
    expect(
      begins((session) => {
        session.play(request("t0"))
        session.say(turnFailed("t0"))
      }),
    ).toBe(false)
    // It works by itself.
    expect(begins((session) => session.say(permission(1)))).toBe(false)
  })

  it("refuse a prompt on a busy session that asked to be refused, and cancel the running one for one that asked to", () => {
    const session = workingSession()
    expect(session.play(request("t2", "reject"))?.code).toBe("turn-busy")
    session.say(permission(1))
    session.play(request("t3", "interrupt"))
    expect(session.now.turn?.cancelling).toBe(true)
    expect(session.ofType("approval.resolved")[0]?.data).toMatchObject({ status: "withdrawn", outcome: "cancelled" })
    expect(session.play({ type: "interrupt", reason: "again" })).toBeUndefined()
    expect(session.ofType("turn.cancel_requested")).toHaveLength(1)
  })

  it("that are cut by the agent's death end agent_crashed; the queue waits for the next process", () => {
    const session = workingSession()
    session.play(request("t2"))
    session.say(permission(1), question(2))
    session.play({ type: "vote", choice: "approve" })
    session.play(exited("run-1", "crashed"))
    expect(session.ofType("turn.ended")[0]?.data).toMatchObject({ turnId: "t1", error: { code: "agent_crashed" } })
    expect(session.ofType("approval.undeliverable")).toHaveLength(1)
    expect(session.ofType("question.answered")[0]?.data.action).toBe("withdrawn")
    expect(statusOf(session.now)).toBe("idle")
    expect(planEffects(session.now, { attachedRunId: undefined, sent: new Set(), now: LATER })).toEqual([
      { type: "start-agent" },
    ])
  })

  it("are not tried for ever: a session whose agents keep dying has crashed, and says so to every prompt", () => {
    const session = new PlayedSession()
    session.play(request("t9"))
    for (let life = 0; life < 4; life++) {
      session.play(started(`run-${life}`))
      session.play({ type: "ingest", turnId: "own", runId: `run-${life}`, facts: [ready] })
      session.play(exited(`run-${life}`, "crashed"))
    }
    expect(statusOf(session.now)).toBe("crashed")
    expect(session.ofType("turn.ended").map(({ data }) => data.error?.code)).toEqual(["agent_crashed"])
    expect(session.play(request("t2"))?.code).toBe("session-ended")
  })

  it("wait for an agent that died until its time has come, longer with each death", () => {
    const session = new PlayedSession()
    const waits: number[] = []
    for (let life = 0; life < 3; life++) {
      session.play(started(`run-${life}`))
      session.play({ type: "ingest", turnId: "own", runId: `run-${life}`, facts: [ready] })
      session.play(exited(`run-${life}`, "crashed"))
      const { restartAt = "" } = session.ofType("agent.exited").at(-1)?.data ?? {}
      waits.push(Date.parse(restartAt) - Date.parse(session.events.at(-1)?.at ?? ""))
      session.play(request(`t${life}`))
      const early = new Date(Date.parse(restartAt) - 1).toISOString()
      const effectsAt = (now: string) => planEffects(session.now, { attachedRunId: undefined, sent: new Set(), now })
      expect([effectsAt(early), effectsAt(restartAt)]).toEqual([[], [{ type: "start-agent" }]])
    }
    expect(waits).toEqual([1000, 2000, 4000])
  })

  it("of a session that crashed go on when it is restarted by hand, and of one that was killed never", () => {
    const session = new PlayedSession()
    expect(session.play({ type: "restart", reason: "x" })?.code).toBe("not-restartable")
    for (let life = 0; life < 4; life++) {
      session.play(started(`run-${life}`))
      session.play(exited(`run-${life}`, "crashed"))
    }
    expect(statusOf(session.now)).toBe("crashed")
    expect(session.play({ type: "restart", reason: "x" })).toBeUndefined()
    expect([statusOf(session.now), session.now.crashes]).toEqual(["pending", 0])
    expect(planEffects(session.now, { attachedRunId: undefined, sent: new Set(), now: LATER })).toEqual([
      { type: "start-agent" },
    ])
    session.play({ type: "kill", reason: "x" })
    expect(session.play({ type: "restart", reason: "x" })?.code).toBe("session-ended")
  })

  it("are held while the session is paused, and a running one goes on", () => {
    const session = workingSession()
    session.play(request("t2"))
    session.play({ type: "pause", reason: "lunch" })
    session.play({ type: "pause", reason: "again" })
    expect(statusOf(session.now)).toBe("working")
    session.say(turnEnded("t1"))
    const effects = () => planEffects(session.now, { attachedRunId: "run-1", sent: new Set(), now: LATER })
    expect(effects()).toEqual([])
    session.play({ type: "start-turn", turnId: "t2" })
    expect(session.now.turn).toBeUndefined()
    session.play({ type: "resume", reason: "back" })
    expect(effects().map(({ type }) => type)).toEqual(["start-turn"])
    expect([session.ofType("session.paused").length, session.ofType("session.resumed").length]).toEqual([1, 1])
  })

  it("are escaped with all that waits for a person; where nothing runs that is fine", () => {
    const session = workingSession()
    session.say(permission(1), question(1))
    expect(session.play({ type: "escape", reason: "esc" })).toBeUndefined()
    expect([openApprovals(session.now), openQuestions(session.now)]).toEqual([[], []])
    expect(session.now.turn?.cancelling).toBe(true)
    const idle = readySession()
    expect(idle.play({ type: "escape", reason: "esc" })).toBeUndefined()
  })

  it("complete a session that is done, once: when none runs or waits, and its agent has been told all", () => {
    const complete = { type: "complete", reason: "Done." } as const
    const approving = workingSession()
    approving.play(complete)
    approving.say(permission(1))
    approving.play({ type: "vote", choice: "approve" })
    const asking = workingSession()
    asking.say(question(2))
    for (const session of [approving, asking]) {
      session.say(turnEnded("t1"))
      session.play(complete)
      expect(session.ofType("session.completed")).toEqual([])
    }
    approving.play({ type: "approval-delivered", approvalId: approving.now.approvals[0]?.approvalId ?? "" })
    asking.play({ type: "question-delivered", questionId: asking.now.questions[0]?.questionId ?? "" })
    for (const session of [approving, asking]) {
      session.play(complete)
      session.play(complete)
      expect([session.ofType("session.completed").length, statusOf(session.now)]).toEqual([1, "completed"])
      expect(session.play(request("t2"))?.code).toBe("session-ended")
    }
  })

  it("in which the agent is silent are told once, until it says something, and not while a person is waited for", () => {
    const session = workingSession()
    session.play({ type: "stalled", turnId: "t1", sinceMs: 5 })
    session.play({ type: "stalled", turnId: "t1", sinceMs: 5 })
    expect([session.ofType("session.stalled").length, session.now.stalled]).toEqual([1, true])
    session.say(said("sorry"))
    expect(session.now.stalled).toBeUndefined()
    session.say(permission(1))
    session.play({ type: "stalled", turnId: "t1", sinceMs: 5 })
    session.play({ type: "stalled", turnId: "t9", sinceMs: 5 })
    expect(session.ofType("session.stalled")).toHaveLength(1)
  })

  it("that end well forgive the crashes before them", () => {
    const session = new PlayedSession()
    for (let life = 0; life < 8; life++) {
      session.play(request(`t${life}`))
      session.play(started(`run-${life}`))
      session.say(ready)
      session.play({ type: "start-turn", turnId: `t${life}` })
      if (life % 2) session.say(turnEnded(`t${life}`))
      session.play(exited(`run-${life}`, "crashed"))
    }
    expect(statusOf(session.now)).toBe("idle")
  })

  it("that end while they still wait for a person withdraw what waits, and the agent is told", () => {
    const session = workingSession()
    session.say(permission(1), question(1), turnEnded("t1"))
    expect(session.ofType("approval.resolved")[0]?.data).toMatchObject({ status: "withdrawn", outcome: "cancelled" })
    expect(statusOf(session.now)).toBe("idle")
    expect(
      planEffects(session.now, { attachedRunId: "run-1", sent: new Set(), now: LATER }).map(({ type }) => type),
    ).toEqual(["send-decision", "send-answer"])
  })

  it("that fail leave the session in error, and the next prompt restarts the agent first", () => {
    const session = workingSession()
    session.say(turnFailed("t1"))
    expect(statusOf(session.now)).toBe("error")
    session.play(request("t2"))
    expect(planEffects(session.now, { attachedRunId: "run-1", sent: new Set(), now: LATER })).toEqual([
      { type: "stop-agent" },
    ])
    session.play(exited("run-1", "stopped"))
    session.play(started("run-2"))
    session.say({ ...ready, restored: "resumed" })
    expect(session.ofType("session.recovered")).toHaveLength(1)
    expect(statusOf(session.now)).toBe("idle")
  })
})

describe("approvals", () => {
  it("are decided once: the second vote finds nothing open", () => {
    const session = workingSession()
    session.say(permission(1))
    expect(statusOf(session.now)).toBe("permission_prompt")
    expect(session.play({ type: "vote", choice: "approve" })).toBeUndefined()
    expect(session.play({ type: "vote", choice: "reject", approvalId: "approval-1" })?.code).toBe("approval-not-found")
    expect(session.ofType("approval.resolved")).toHaveLength(1)
  })

  it("have to be named when several are open; a number and a string are different requests of the agent's", () => {
    const session = workingSession()
    session.say(permission(1), permission(2))
    const refused = session.play({ type: "vote", choice: "approve" })
    expect(refused?.code).toBe("approval-ambiguous")
    expect(refused?.message).toContain("approval-1, approval-2")
    session.play({ type: "vote", choice: "approve", approvalId: "approval-2" })
    session.say({ type: "withdrawn", requestId: "1" })
    expect(openApprovals(session.now).map(({ approvalId }) => approvalId)).toEqual(["approval-1"])
    session.say({ type: "withdrawn", requestId: 1 })
    expect(openApprovals(session.now)).toEqual([])
  })

  it("bind the vote to what was shown", () => {
    const session = workingSession()
    session.say(permission(1))
    expect(session.play({ type: "vote", choice: "approve", digest: "e".repeat(64) })?.code).toBe("digest-mismatch")
    expect(session.play({ type: "vote", choice: "approve", optionId: "always" })?.code).toBe("option-not-offered")
    expect(session.play({ type: "vote", choice: "approve", digest: "d".repeat(64) })).toBeUndefined()
    expect(session.ofType("approval.resolved")[0]?.data.outcome).toEqual({ optionId: "yes" })
  })

  it("of a kind that the agent does not offer cannot be given; a no can always", () => {
    const session = workingSession()
    session.say({
      ...permission(1),
      options: [{ optionId: "always", name: "Always", kind: "allow_always" }],
    } as ReturnType<typeof permission>)
    expect(session.play({ type: "vote", choice: "approve" })?.code).toBe("option-not-offered")
    session.play({ type: "vote", choice: "reject" })
    expect(session.ofType("approval.resolved")[0]?.data).toMatchObject({ status: "rejected", outcome: "cancelled" })
  })

  it("that a rule decides are told like the others, with the rule as who decided", () => {
    const session = workingSession()
    session.say(permission(1, "allow"), permission(2, "deny"))
    expect(session.ofType("policy.decided").map(({ data }) => data.decision)).toEqual(["allow", "deny"])
    expect(
      session.ofType("approval.resolved").map(({ data, actor }) => `${data.status} ${actor.kind} ${data.rule}`),
    ).toEqual(["approved policy mode:test", "rejected policy mode:test"])
    expect(statusOf(session.now)).toBe("working")
  })

  it("that would be allowed but cannot be allowed once are left to a person", () => {
    const session = workingSession()
    session.say({
      ...permission(1, "allow"),
      options: [{ optionId: "always", name: "Always", kind: "allow_always" }],
    } as ReturnType<typeof permission>)
    expect(session.ofType("policy.decided")).toEqual([])
    expect(statusOf(session.now)).toBe("permission_prompt")
  })

  it("show before questions, and questions before work", () => {
    const session = workingSession()
    session.say(question(1), permission(1))
    expect(statusOf(session.now)).toBe("permission_prompt")
    session.play({ type: "vote", choice: "reject" })
    expect(statusOf(session.now)).toBe("asking")
    session.play({ type: "answer", action: "decline" })
    expect(statusOf(session.now)).toBe("working")
    expect(session.play({ type: "answer", action: "decline" })?.code).toBe("question-not-found")
  })

  it("that several persons have to give count each person once, and a single no rejects", () => {
    const session = workingSession()
    session.say(permission(1, "ask", { required: 2 }), permission(2, "ask", { required: 2 }))
    const vote = (approvalId: string, voter: string, choice: "approve" | "reject" = "approve") =>
      session.play({ type: "vote", approvalId, voter, choice })
    vote("approval-1", "ada")
    vote("approval-1", "ada")
    vote("approval-2", "ada")
    expect(session.ofType("approval.voted")).toHaveLength(2)
    expect(session.ofType("approval.resolved")).toEqual([])
    vote("approval-1", "bo")
    vote("approval-2", "ada", "reject")
    expect(session.ofType("approval.resolved").map(({ data }) => data.status)).toEqual(["approved", "rejected"])
    expect(vote("approval-2", "bo")?.code).toBe("approval-not-found")
  })

  it("expire at their time and not before; nobody said no, and the agent is told that nobody chose", () => {
    const session = workingSession()
    session.say(permission(1, "ask", { required: 1, expiresAfterMs: 60_000 }), permission(2))
    const data = session.ofType("approval.requested")[0]?.data
    const due = (now: string) => planEffects(session.now, { attachedRunId: "run-1", sent: new Set(["prompt t1"]), now })
    expect(nextDue(session.now, {})).toBe(data?.expiresAt)
    expect(due(session.now.createdAt)).toEqual([])
    expect(due(data?.expiresAt ?? "")).toEqual([{ type: "expire-approvals" }])
    session.play({ type: "approvals-due" })
    expect(session.ofType("approval.resolved")).toEqual([])
    session.skip(60)
    expect(session.play({ type: "vote", choice: "approve", approvalId: "approval-1" })?.code).toBe("approval-consumed")
    session.play({ type: "approvals-due" })
    expect(session.ofType("approval.resolved").map(({ data }) => data)).toMatchObject([
      { approvalId: "approval-1", status: "expired", outcome: "cancelled" },
    ])
    expect(openApprovals(session.now).map(({ approvalId }) => approvalId)).toEqual(["approval-2"])
  })
})

describe("turns that nobody asked for", () => {
  it("begin with the agent's own work and end when it is quiet, unless a tool runs or it waits for somebody", () => {
    const session = readySession()
    session.say({ type: "usage", used: 1, size: 2 })
    expect(statusOf(session.now)).toBe("idle")
    session.say(said("By the way."), { type: "tool.started", toolCallId: "t" }, permission(1))
    expect(session.ofType("turn.started").map(({ data }) => data)).toEqual([{ turnId: "own", origin: "agent" }])
    expect(statusOf(session.now)).toBe("permission_prompt")
    const quiet = () => session.play({ type: "quiet" })
    quiet()
    session.play({ type: "vote", choice: "approve" })
    quiet()
    expect(statusOf(session.now)).toBe("working")
    session.say({ type: "tool.updated", toolCallId: "t", status: "completed" })
    quiet()
    expect(statusOf(session.now)).toBe("idle")
    expect(session.ofType("turn.ended")[0]?.data).toMatchObject({ turnId: "own", stopReason: "end_turn" })
  })

  it("give way to a prompt, which leaves open what they asked; its end does not withdraw it", () => {
    const session = readySession()
    session.say(permission(1))
    session.play(request("t1"))
    session.play({ type: "start-turn", turnId: "t1" })
    expect(session.ofType("turn.ended").map(({ data }) => data.turnId)).toEqual(["own"])
    session.say(permission(2), turnEnded("t1"))
    expect(session.ofType("approval.resolved").map(({ data }) => data.approvalId)).toEqual(["approval-2"])
    expect(openApprovals(session.now)).toHaveLength(1)
    expect(statusOf(session.now)).toBe("permission_prompt")
    session.play({ type: "escape", reason: "no" })
    expect(statusOf(session.now)).toBe("idle")
  })

  it("are interrupted like any other: what they asked is answered, and quiet ends them as cancelled", () => {
    const session = readySession()
    session.say(permission(1), { type: "tool.started", toolCallId: "t" })
    session.play({ type: "interrupt", reason: "enough" })
    expect(planEffects(session.now, { attachedRunId: "run-1", sent: new Set(), now: LATER })).toMatchObject([
      { type: "send-cancel", turnId: "own" },
      { type: "send-decision" },
    ])
    session.play({ type: "quiet" })
    expect(session.ofType("turn.ended")[0]?.data.stopReason).toBe("cancelled")
  })
})

describe("a turn that the agent's death cut", () => {
  it("is asked for once more where that was wished, before what waited behind it, and only so often", () => {
    const session = readySession()
    session.play(request("t1", "queue", true))
    session.play(request("t2"))
    session.play({ type: "start-turn", turnId: "t1" })
    session.play(exited("run-1", "crashed"))
    expect(session.ofType("turn.ended").map(({ data }) => data.error?.code)).toEqual(["agent_crashed"])
    expect(session.now.queue.map(({ turnId }) => turnId)).toEqual(["t1+", "t2"])
    expect(session.ofType("turn.requested")[2]?.data).toMatchObject({ retryOf: "t1", content: [{ text: "t1" }] })
    for (let life = 2; statusOf(session.now) !== "crashed"; life++) {
      session.play(started(`run-${life}`))
      session.say({ ...ready, restored: "resumed" })
      session.play({ type: "start-turn", turnId: session.now.queue[0]?.turnId ?? "" })
      session.play(exited(`run-${life}`, "crashed"))
    }
    expect(session.ofType("turn.started").map(({ data }) => data.turnId)).toEqual(["t1", "t1+", "t1++", "t1+++"])
    expectSettled(session)
  })

  it("is not asked for again when it was being interrupted, or nobody wished it", () => {
    const session = readySession()
    session.play(request("t1", "queue", true))
    session.play({ type: "start-turn", turnId: "t1" })
    session.play({ type: "interrupt", reason: "no" })
    session.play(exited("run-1", "crashed"))
    expect(session.now.queue).toEqual([])
  })
})

describe("while all work is stopped", () => {
  it("what runs is interrupted and what waits is withdrawn, by who stopped it, and no rule allows anything", () => {
    const session = workingSession()
    session.say(permission(1), question(2))
    session.stopAll()
    session.play({ type: "halt" })
    session.say(permission(3, "allow"), question(4))
    expect([openApprovals(session.now), openQuestions(session.now)]).toEqual([[], []])
    expect(session.ofType("policy.decided")).toEqual([])
    expect(session.ofType("approval.resolved").map(({ actor, data }) => [actor.id, data.status, data.outcome])).toEqual(
      [
        ["bo", "withdrawn", "cancelled"],
        ["bo", "withdrawn", "cancelled"],
      ],
    )
    expect(session.ofType("turn.cancel_requested")).toMatchObject([{ actor: { id: "bo" }, data: { halt: true } }])
  })

  it("nothing is approved, and rejecting and killing go on", () => {
    const session = workingSession()
    session.say(permission(1), permission(2))
    session.stopAll()
    const vote = (choice: "approve" | "reject") => ({ type: "vote", choice, approvalId: "approval-1" }) as const
    expect(session.play(vote("approve"))).toMatchObject({
      code: "all-stopped",
      message: expect.stringMatching(/bo \(test\).*Smoke/),
    })
    expect(session.play(vote("reject"))).toBeUndefined()
    expect(session.play({ type: "kill", reason: "enough" })).toBeUndefined()
    expect(statusOf(session.now)).toBe("killed")
  })

  it("no agent is started, no turn begins and no prompt goes out, not even one that was about to", () => {
    const session = workingSession()
    session.play(request("t2"))
    const view = { attachedRunId: "run-1", sent: new Set<string>(), now: LATER }
    const planned = (isStopped: boolean) => planEffects(session.now, { ...view, isStopped }).map(({ type }) => type)
    expect([planned(false), planned(true)]).toEqual([["send-prompt"], []])
    session.stopAll()
    session.play({ type: "halt" })
    expect([planned(true), planned(false)]).toEqual([["send-cancel"], ["send-cancel"]])
    session.say(turnEnded("t1"))
    session.play({ type: "start-turn", turnId: "t2" })
    expect(session.now.turn).toBeUndefined()
    session.play(exited("run-1", "lost"))
    const gone = { ...view, attachedRunId: undefined }
    expect(planEffects(session.now, { ...gone, isStopped: true })).toEqual([])
    expect(nextDue(session.now, { isStopped: true })).toBeUndefined()
    expect(planEffects(session.now, gone)).toEqual([{ type: "start-agent" }])
  })

  it("agents that begin by themselves are interrupted at once", () => {
    const session = readySession()
    session.stopAll()
    session.say(said("Hello."))
    expect(session.now.turn).toMatchObject({ origin: "agent", cancelling: true })
  })
})

describe("a session whose agent is out of reach", () => {
  it("is unknown until it is back, and then what the log says: what is open is open", () => {
    const session = workingSession()
    session.say(permission(1))
    session.play({ type: "agent-detached", runId: "run-1" })
    session.play({ type: "agent-detached", runId: "run-1" })
    expect(statusOf(session.now)).toBe("unknown")
    session.play({ type: "agent-attached", runId: "run-1" })
    session.play({ type: "agent-attached", runId: "run-1" })
    expect(statusOf(session.now)).toBe("permission_prompt")
    expect([session.ofType("agent.detached").length, session.ofType("agent.attached").length]).toEqual([1, 1])
  })

  it("takes prompts, votes and interrupts, and tells the agent when it is back; killing it needs no waiting", () => {
    const session = workingSession()
    session.say(permission(1))
    const effects = () => {
      const sent = new Set([promptKey("t1")])
      return planEffects(session.now, { attachedRunId: "run-1", sent, now: LATER }).map(({ type }) => type)
    }
    session.play({ type: "agent-detached", runId: "run-1" })
    for (const move of [
      request("t2"),
      { type: "vote", choice: "approve" } as const,
      { type: "interrupt", reason: "x" } as const,
    ])
      expect(session.play(move)).toBeUndefined()
    expect([statusOf(session.now), effects(), nextDue(session.now, {})]).toEqual(["unknown", [], undefined])
    session.play({ type: "agent-attached", runId: "run-1" })
    expect(effects()).toEqual(["send-cancel", "send-decision"])
    session.play({ type: "agent-detached", runId: "run-1" })
    session.play({ type: "kill", reason: "enough" })
    expect([statusOf(session.now), effects()]).toEqual(["killed", ["stop-agent"]])
  })

  it("begins no turn, is not parked, and is as rested as it was when it is back", () => {
    const session = readySession()
    const { idleSince } = session.now
    session.play({ type: "agent-detached", runId: "run-1" })
    session.play(request("t1"))
    session.play({ type: "start-turn", turnId: "t1" })
    expect(session.now.turn).toBeUndefined()
    const idle = readySession()
    idle.play({ type: "agent-detached", runId: "run-1" })
    idle.play({ type: "park", reason: "x" })
    expect([idle.ofType("session.parked"), idle.now.idleSince]).toEqual([[], idleSince])
  })

  it("loses it when it does not come back, and another agent's link is not its own", () => {
    const session = workingSession()
    session.play({ type: "agent-detached", runId: "run-0" })
    expect(statusOf(session.now)).toBe("working")
    session.play({ type: "agent-detached", runId: "run-1" })
    session.play(exited("run-1", "lost"))
    expect(session.ofType("turn.ended")[0]?.data.error?.code).toBe("agent_crashed")
    expect(statusOf(session.now)).toBe("idle")
  })
})

describe("ends", () => {
  it("of a killed session settle all that waits, at once and for good", () => {
    const session = workingSession()
    session.play(request("t2"))
    session.say(permission(1), question(1))
    session.play({ type: "kill", reason: "enough" })
    expectSettled(session)
    expect(session.ofType("turn.ended").map(({ data }) => `${data.turnId} ${data.error?.code}`)).toEqual([
      "t1 session_killed",
      "t2 session_killed",
    ])
    const count = session.events.length
    session.play({ type: "kill", reason: "again" })
    session.say(said("late"), turnEnded("t1"))
    expect(session.events).toHaveLength(count)
    expect(session.play(request("t3"))?.code).toBe("session-ended")
    expect(session.play({ type: "interrupt", reason: "late" })?.code).toBe("session-ended")
  })

  it("of an agent that never began fail what waited, and say why", () => {
    const session = new PlayedSession()
    session.play(request("t1"))
    expect(statusOf(session.now)).toBe("pending")
    session.play(exited("run-1", "failed"))
    expect(statusOf(session.now)).toBe("error")
    expect(session.now.failure?.code).toBe("agent-start-failed")
    expect(session.ofType("turn.ended")[0]?.data.error?.code).toBe("agent-start-failed")
    expect(planEffects(session.now, { attachedRunId: undefined, sent: new Set(), now: LATER })).toEqual([])
  })

  it("of an agent that cannot begin again after it was lost are told once", () => {
    const session = readySession()
    session.play(exited("run-1", "lost"))
    const effects = () => planEffects(session.now, { attachedRunId: undefined, sent: new Set(), now: LATER })
    expect(effects()).toEqual([{ type: "start-agent" }])
    session.play(exited("run-2", "failed"))
    expect([effects(), statusOf(session.now)]).toEqual([[], "error"])
  })

  it("that no session was made for are refused", () => {
    expect(new PlayedSession().play({ type: "interrupt", reason: "x" })?.code).toBe("no-turn")
  })
})

// After every wait.
const LATER = "9999-01-01T00:00:00.000Z"

function readySession() {
  const session = new PlayedSession()
  session.play(started("run-1"))
  session.say(ready)
  expect(statusOf(session.now)).toBe("idle")
  return session
}

function workingSession() {
  const session = readySession()
  session.play(request("t1"))
  session.play({ type: "start-turn", turnId: "t1" })
  expect(statusOf(session.now)).toBe("working")
  return session
}

function toggleStop(session: PlayedSession) {
  if (session.system.stop) return session.lift()
  session.stopAll()
  session.play({ type: "halt" })
}

/** While all work is stopped nothing runs that was not told to end, and nobody is asked. */
function expectHalted({ system, now }: PlayedSession) {
  if (!system.stop) return
  expect(now.turn?.isHalted ?? true).toBe(true)
  expect([openApprovals(now), openQuestions(now)]).toEqual([[], []])
}

function expectConsistent(session: PlayedSession) {
  const { events } = session
  let state: SessionState | undefined
  let running: string | undefined
  const order: string[] = []
  for (const event of events) {
    state = evolve(state, event)
    if (!state) throw new Error("A session has a state after each of its events.")
    expect(SessionStatusSchema.options).toContain(event.status)
    expect(event.status).toBe(statusOf(state))
    if (event.type === "turn.started") {
      expect(running).toBeUndefined()
      running = event.data.turnId
      if (event.data.origin === "prompt") order.push(running)
    }
    if (event.type === "turn.ended" && event.data.turnId === running) running = undefined
  }
  expect(state).toEqual(session.state)
  expect(JSON.parse(JSON.stringify(state))).toEqual(state)
  const requested: string[] = []
  for (const { data } of session.ofType("turn.requested"))
    requested.splice(data.retryOf ? requested.indexOf(data.retryOf) + 1 : requested.length, 0, data.turnId)
  expect(order).toEqual(requested.filter((turnId) => order.includes(turnId)))
  expectOnce(session.ofType("turn.ended").map(({ data }) => data.turnId))
  expectEachOnce(session)
}

// Asked before resolved, resolved before told, each at most once.
function expectEachOnce(session: PlayedSession) {
  const asked = session.ofType("approval.requested").map(({ data }) => data.approvalId)
  const resolved = session.ofType("approval.resolved").map(({ data }) => data.approvalId)
  const told = [...session.ofType("approval.delivered"), ...session.ofType("approval.undeliverable")].map(
    ({ data }) => data.approvalId,
  )
  for (const names of [asked, resolved, told]) expectOnce(names)
  expect(resolved.every((name) => asked.includes(name))).toBe(true)
  expect(told.every((name) => resolved.includes(name))).toBe(true)
}

function expectOnce(names: readonly string[]) {
  expect(new Set(names).size).toBe(names.length)
}

/** Plays a runner, an agent and a person who all do their part, until nothing is left to do. */
function settle(session: PlayedSession, coin: () => boolean) {
  const sent = new Set<string>()
  for (let step = 0; step < 500; step++) {
    const { now } = session
    const attachedRunId = now.run?.runId
    const [effect] = planEffects(now, { attachedRunId, sent, now: LATER })
    if (attachedRunId && now.run?.isDetached && !now.end) session.play({ type: "agent-attached", runId: attachedRunId })
    else if (attachedRunId && !now.run?.ready && !now.end) session.say(ready)
    else if (effect?.type === "start-agent")
      session.play(coin() ? started(`life-${step}`) : exited(`life-${step}`, "failed"))
    else if (effect?.type === "stop-agent") session.play(exited(attachedRunId ?? "", "stopped"))
    else if (effect?.type === "expire-approvals") {
      session.skip(10)
      session.play({ type: "approvals-due" })
    } else if (effect?.type === "start-turn") session.play({ type: "start-turn", turnId: effect.turn.turnId })
    else if (effect?.type === "send-prompt") sent.add(promptKey(effect.turn.turnId))
    else if (effect?.type === "send-decision")
      session.play({ type: "approval-delivered", approvalId: effect.approval.approvalId })
    else if (effect?.type === "send-answer")
      session.play({ type: "question-delivered", questionId: effect.question.questionId })
    else if (now.paused && !now.end) session.play({ type: "resume", reason: "test" })
    else if (openApprovals(now)[0])
      session.play({
        type: "vote",
        choice: coin() ? "approve" : "reject",
        voter: `voter ${step}`,
        approvalId: openApprovals(now)[0]?.approvalId,
      })
    else if (openQuestions(now)[0])
      session.play({ type: "answer", action: "decline", questionId: openQuestions(now)[0]?.questionId })
    else if (now.turn?.origin === "agent") {
      for (const toolCallId of Object.keys(now.tools))
        session.say({ type: "tool.updated", toolCallId, status: "completed" })
      session.play({ type: "quiet" })
    } else if (now.turn) session.say(coin() ? turnEnded(now.turn.turnId) : turnFailed(now.turn.turnId))
    else return
  }
  throw new Error(`The session does not come to rest: ${JSON.stringify(session.now)}`)
}

function expectSettled(session: PlayedSession) {
  const ended = session.ofType("turn.ended").map(({ data }) => data.turnId)
  const unasked = session.ofType("turn.started").filter(({ data }) => data.origin === "agent")
  const begun = [...session.ofType("turn.requested"), ...unasked].map(({ data }) => data.turnId)
  expect(ended.toSorted()).toEqual(begun.toSorted())
  expect(openApprovals(session.now)).toEqual([])
  expect(openQuestions(session.now)).toEqual([])
  const told = session.ofType("approval.delivered").length + session.ofType("approval.undeliverable").length
  expect(told).toBe(session.ofType("approval.resolved").filter(({ data }) => data.outcome !== undefined).length)
}

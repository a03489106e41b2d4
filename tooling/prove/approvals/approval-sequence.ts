import {
  type Command,
  decide,
  evolve,
  planEffects,
  SessionError,
  type SessionState,
  type SystemState,
} from "@aegis/session-core"
import type { Random } from "../random.ts"
import { ApprovalJudge, type AskedTerms } from "./approval-judge.ts"

const people = ["ada", "bo", "cy", "di"] as const
const roles = ["admin", "operator", "custom"] as const
const choices = ["approve", "approve", "approve", "reject"] as const
const STEPS = 40

type Move = Command extends infer Each
  ? Each extends Command
    ? Omit<Each, "sessionId" | "at" | "actor">
    : never
  : never
type Facts = Extract<Command, { readonly type: "ingest" }>["facts"]
type Asked = Extract<Facts[number], { readonly type: "permission" }>

/**
 * A session in which an agent asks, people vote and all sorts of things happen between, on the core's own rules. What is
 * right about approvals is known to the judge alone, who sees what is asked, who votes, and what the agent is told.
 */
export class ApprovalSequence {
  readonly judge = new ApprovalJudge()
  readonly #random: Random
  #state: SessionState | undefined
  #system: SystemState = {}
  #now = Date.parse("2026-01-01T00:00:00Z")
  #count = 0
  votes = 0

  constructor(random: Random) {
    this.#random = random
  }

  run() {
    this.#begin()
    for (let step = 0; step < STEPS; step++) {
      this.#step()
      this.#tellAgent()
    }
    this.judge.end()
    return this.judge.problems
  }

  #begin() {
    const session = { workDir: "/w", agent: "demo", permissionMode: "default", name: "s", labels: {}, salt: "00" }
    this.#do({ type: "create", session: { ...session, owner: { userId: "ada", tenantId: "home" } } })
    this.#startAgent()
    this.#prompt("ada")
  }

  #startAgent() {
    const runId = `run-${++this.#count}`
    this.#do({ type: "agent-started", run: { runId, pid: 1, command: "agent", args: [] } })
    this.#ingest({
      type: "ready",
      agentSessionId: "a",
      protocolVersion: 1,
      capabilities: {},
      options: [],
      restored: "new",
    })
  }

  #prompt(by: string) {
    const content = [{ type: "text" as const, text: "go" }]
    this.#do({ type: "request-turn", turnId: `turn-${++this.#count}`, content, whenBusy: "queue", by })
    const next = this.#state?.queue[0]
    if (next) this.#do({ type: "start-turn", turnId: next.turnId })
  }

  #step() {
    const kinds = {
      ask: 8,
      vote: 14,
      askAnew: 2,
      withdraw: 1,
      wait: 2,
      stop: 1,
      lift: 2,
      interrupt: 1,
      escape: 1,
      die: 1,
      endTurn: 1,
      prompt: 2,
      kill: 0.1,
    }
    switch (this.#weighted(kinds)) {
      case "ask":
        return this.#ask()
      case "vote":
        return this.#vote()
      case "askAnew":
        return this.#askAnew()
      case "withdraw":
        return this.#withdraw()
      case "wait":
        return this.#wait()
      case "stop":
        this.#system = {
          ...this.#system,
          stop: { by: { kind: "user", id: "ada", via: "test" }, at: this.#at, reason: "Stop." },
        }
        // This session hears of it a while later.
        return this.#random.next() < 0.5 ? this.#do({ type: "halt" }) : undefined
      case "lift": {
        const { stop: _stop, ...rest } = this.#system
        this.#system = rest
        return
      }
      case "interrupt":
      case "escape":
        return this.#do({ type: this.#random.next() < 0.5 ? "interrupt" : "escape", reason: "Stop that." })
      case "die":
        return this.#die()
      case "endTurn":
        if (this.#state?.turn)
          this.#ingest({ type: "turn.ended", turnId: this.#state.turn.turnId, stopReason: "end_turn" })
        return
      case "prompt":
        return this.#prompt(this.#one(people))
      case "kill":
        return this.#do({ type: "kill", reason: "Enough." })
    }
  }

  #ask() {
    const { terms, permission } = this.#permission(`request-${++this.#count}`)
    this.judge.willAsk(permission.approvalId, terms)
    this.#ingest(permission)
  }

  #permission(requestId: string): { readonly terms: AskedTerms; readonly permission: Asked } {
    const name = ++this.#count
    const decision = this.#one(["ask", "ask", "ask", "ask", "allow", "deny"] as const)
    const isOnce = this.#random.next() < 0.9
    const terms = {
      required: this.#one([1, 1, 2, 3]),
      ...(this.#random.next() < 0.3 ? { roles: this.#one([["admin"], ["admin", "operator"]]) } : {}),
      ...(this.#random.next() < 0.3 ? { notRequester: true } : {}),
      ...(this.#random.next() < 0.3 ? { expiresAfterMs: 1000 * this.#random.between(1, 60) } : {}),
    }
    const yes = { optionId: "yes", name: "Allow", kind: isOnce ? "allow_once" : "allow_always" }
    return {
      terms: {
        ...terms,
        requestId,
        runId: this.#state?.run?.runId ?? "",
        digest: `digest-${name}`,
        requester: this.#state?.turn?.by ?? "ada",
        at: this.#now,
        isAllowedByRule: decision === "allow",
        canBeAllowed: isOnce,
      },
      permission: {
        type: "permission",
        approvalId: `approval-${name}`,
        requestId,
        digest: `digest-${name}`,
        files: [],
        call: `call-${name}`,
        toolCall: { toolCallId: `tool-${name}`, kind: "edit" },
        options: [yes, { optionId: "no", name: "Reject", kind: "reject_once" }],
        terms,
        judgement: { decision, rule: decision === "ask" ? "mode:default" : "a", reason: "b" },
      },
    }
  }

  #vote() {
    const open = this.judge.known
    const about =
      this.#random.next() < 0.9 ? open.at(-this.#random.between(1, Math.min(3, open.length))) : this.#one(open)
    const voter = this.#one(people)
    const vote = {
      choice: this.#one(choices),
      voter,
      role: this.#one(roles),
      ...(about !== undefined && this.#random.next() < 0.9 ? { approvalId: about.approvalId } : {}),
      ...(about !== undefined && this.#random.next() < 0.8
        ? { digest: this.#random.next() < 0.9 ? about.digest : (this.#one(open)?.digest ?? "other") }
        : {}),
      ...(this.#random.next() < 0.1 ? { optionId: this.#one(["yes", "no", "maybe"]) } : {}),
    }
    const isStopped = this.#system.stop !== undefined
    this.votes += 1
    this.judge.willVote({ ...vote, at: this.#now, isStopped })
    this.#do({ type: "vote", ...vote })
    this.judge.hasVoted()
  }

  #askAnew() {
    const [asked] = this.#state?.approvals.filter(({ outcome }) => outcome === undefined) ?? []
    if (!asked) return
    const { terms, permission } = this.#permission(String(asked.requestId))
    this.judge.willAsk(permission.approvalId, { ...terms, runId: asked.runId })
    this.#do({ type: "ask-anew", approvalId: asked.approvalId, permission })
  }

  #withdraw() {
    const asked = this.#one(this.#state?.approvals ?? [])
    if (asked) this.#ingest({ type: "withdrawn", requestId: asked.requestId })
  }

  #wait() {
    this.#now += 1000 * this.#random.between(1, 40)
    // The runner may be late.
    if (this.#random.next() < 0.5) this.#do({ type: "approvals-due" })
  }

  #die() {
    const runId = this.#state?.run?.runId
    if (runId === undefined) return
    const exit = { runId, code: null, signal: "SIGKILL", stderrTail: "", cause: "crashed" } as const
    this.#do({ type: "agent-exited", exit, restart: { max: 1000, backoffMs: 1 } })
    this.#startAgent()
  }

  /** As the runner does it; it may die after telling the agent and before that is written down. */
  #tellAgent() {
    if (!this.#state) return
    const view = { now: this.#at, attachedRunId: this.#state.run?.runId, isStopped: this.#system.stop !== undefined }
    for (const effect of planEffects(this.#state, { ...view, sent: new Set() }))
      if (effect.type === "send-decision") {
        const { approvalId, outcome } = effect.approval
        this.judge.agentIsTold(approvalId, outcome, view.attachedRunId ?? "")
        if (this.#random.next() < 0.8) this.#do({ type: "approval-delivered", approvalId })
      }
  }

  #ingest(...facts: Facts) {
    const runId = this.#state?.run?.runId ?? ""
    this.#do({ type: "ingest", runId, facts, turnId: `unasked-${++this.#count}` })
  }

  #do(move: Move) {
    const actor = { kind: "user", id: "test", via: "test" } as const
    const command = { ...move, sessionId: "session", at: this.#at, actor } as Command
    const decided = decide(this.#state, command, this.#system)
    if (SessionError.is(decided)) return
    for (const event of decided) {
      this.#state = evolve(this.#state, event)
      this.judge.see(event)
    }
  }

  get #at() {
    return new Date(this.#now).toISOString()
  }

  #one<Item>(items: readonly Item[]): Item {
    return this.#random.oneOf(items) as Item
  }

  #weighted<Name extends string>(weights: Readonly<Record<Name, number>>) {
    const entries = Object.entries(weights) as [Name, number][]
    let rest = this.#random.next() * entries.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [name, weight] of entries) {
      if (rest < weight) return name
      rest -= weight
    }
    return entries[0]?.[0] as Name
  }
}

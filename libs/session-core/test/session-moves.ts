import { type Budget, compileBudgets } from "@aegis/policy"
import fc from "fast-check"
import type { Command } from "../src/command.ts"
import { decide } from "../src/decide.ts"
import type { Actor, SessionEvent } from "../src/events.ts"
import { evolve } from "../src/evolve.ts"
import type { ApprovalTerms, JudgedFact } from "../src/judged-fact.ts"
import { toShared } from "../src/ledger.ts"
import { SessionError } from "../src/session-error.ts"
import type { SessionState } from "../src/session-state.ts"
import { evolveSystem, type SystemState } from "../src/system-state.ts"

type WithoutEnvelope<C> = C extends unknown ? Omit<C, "sessionId" | "at" | "actor"> : never
export type Move = WithoutEnvelope<Command>

const ada: Actor = { kind: "user", id: "ada", via: "test" }

/** A session in a test: plays commands on it, and keeps all events. */
export class PlayedSession {
  readonly events: SessionEvent[] = []
  state: SessionState | undefined
  /** What holds for all sessions. */
  system: SystemState = {}
  budgets: readonly Budget[] = []
  #clock = 0

  constructor(first: Move = created) {
    this.play(first)
  }

  stopAll(by: Actor = { kind: "user", id: "bo", via: "test" }) {
    this.system = { ...this.system, stop: { at: new Date(this.#clock * 1000).toISOString(), by, reason: "Smoke." } }
  }

  lift() {
    const { stop: _stop, ...rest } = this.system
    this.system = rest
  }

  skip(seconds: number) {
    this.#clock += seconds
  }

  /** The problem, where the command was refused. */
  play(move: Move, actor: Actor = ada): SessionError | undefined {
    this.#clock += 1
    const at = new Date(this.#clock * 1000).toISOString()
    const command = {
      ...this.#resolve(move),
      sessionId: "s",
      at,
      actor,
    } as Command
    const decision = decide(this.state, command, this.system, compileBudgets(this.budgets))
    if (SessionError.is(decision)) return decision
    for (const event of decision) {
      this.events.push(event)
      this.state = evolve(this.state, event)
      for (const told of toShared(event, this.now.owner.tenantId)) this.system = evolveSystem(this.system, told)
    }
    return undefined
  }

  // In generated moves `present` stands for the run, turn or queued prompt of the moment, so that histories get far.
  #resolve(move: Move): Move {
    const runId = this.state?.run?.runId ?? "run-1"
    const named = JSON.stringify(move)
      .replaceAll('"runId":"present"', `"runId":"${runId}"`)
      .replaceAll(
        '"turnId":"present"',
        `"turnId":"${(move.type === "start-turn" ? this.state?.queue[0] : this.state?.turn)?.turnId ?? "t1"}"`,
      )
    return JSON.parse(named) as Move
  }

  /** The agent says these, in its present process. */
  say(...facts: JudgedFact[]) {
    this.play({ type: "ingest", turnId: "own", runId: this.state?.run?.runId ?? "none", facts })
  }

  ofType<T extends SessionEvent["type"]>(type: T) {
    return this.events.filter((event): event is SessionEvent & { type: T } => event.type === type)
  }

  get now(): SessionState {
    if (!this.state) throw new Error("The session was not created.")
    return this.state
  }
}

const created: Move = {
  type: "create",
  session: {
    workDir: "/projects/demo",
    agent: "demo",
    permissionMode: "default",
    name: "test",
    labels: {},
    owner: { userId: "ada", tenantId: "home" },
    salt: "00".repeat(16),
  },
}

export const started = (runId: string): Move => ({
  type: "agent-started",
  run: { runId, pid: 1, command: "demo", args: [] },
})

export const exited = (runId: string, cause: "stopped" | "failed" | "crashed" | "lost"): Move => ({
  type: "agent-exited",
  exit: {
    runId,
    code: 1,
    signal: null,
    stderrTail: "",
    cause,
    ...(cause === "failed" ? { error: { code: "agent-start-failed", message: "No." } } : {}),
  },
  restart: { max: 3, backoffMs: 1000 },
})

export const ready: Extract<JudgedFact, { type: "ready" }> = {
  type: "ready",
  agentSessionId: "agent-session",
  protocolVersion: 1,
  capabilities: {},
  options: [],
  restored: "new",
}

export const request = (
  turnId: string,
  whenBusy: "queue" | "interrupt" | "reject" = "queue",
  retryTurn?: boolean,
): Move => ({
  type: "request-turn",
  turnId,
  content: [{ type: "text", text: turnId }],
  whenBusy,
  retryTurn,
})

export const extension = (
  cents: number,
  more: { readonly account?: string; readonly isForAll?: boolean } = {},
): Move => ({
  type: "extend-budget",
  cost: cents * 10_000,
  tokens: 0,
  isForAll: true,
  reason: "test",
  ...more,
})

export const permission = (
  id: string | number,
  decision: "ask" | "allow" | "deny" = "ask",
  terms: ApprovalTerms = { required: 1 },
): JudgedFact => ({
  type: "permission",
  files: [],
  call: `call ${id}`,
  approvalId: `approval-${id}`,
  requestId: id,
  digest: "d".repeat(64),
  toolCall: { toolCallId: `tool-${id}`, kind: "edit" },
  options: [
    { optionId: "yes", name: "Allow", kind: "allow_once" },
    { optionId: "no", name: "Reject", kind: "reject_once" },
  ],
  terms,
  judgement: { decision, rule: "mode:test", reason: "test" },
})

export const question = (id: string | number): JudgedFact => ({
  type: "question",
  questionId: `question-${id}`,
  requestId: `q-${id}`,
  message: "Which?",
  schema: {},
})

export const turnEnded = (turnId: string): JudgedFact => ({ type: "turn.ended", turnId, stopReason: "end_turn" })
export const turnFailed = (turnId: string): JudgedFact => ({
  type: "turn.failed",
  turnId,
  code: -32603,
  message: "Broken.",
})
/** The agent has spent so many dollars since it began. */
export const usage = (usd: number): JudgedFact => ({
  type: "usage",
  used: 1,
  size: 2,
  cost: { amount: usd, currency: "USD" },
})
export const said = (text: string, messageId?: string): JudgedFact => ({
  type: "message.delta",
  role: "assistant",
  text,
  ...(messageId === undefined ? {} : { messageId }),
})

const run = fc.oneof({ weight: 8, arbitrary: fc.constant("present") }, fc.constantFrom("run-1", "run-2"))
const turn = fc.constantFrom("t1", "t2", "t3", "t4")
const runningTurn = fc.oneof({ weight: 6, arbitrary: fc.constant("present") }, turn)
const id = fc.constantFrom<string | number>(1, 2, "1")
const waiting = fc.nat(8)

const terms = fc.constantFrom<ApprovalTerms>(
  { required: 1 },
  { required: 2 },
  { required: 1, expiresAfterMs: 5000 },
  { required: 1, notRequester: true },
)

const fact: fc.Arbitrary<JudgedFact> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(ready) },
  fc
    .tuple(waiting, id, fc.constantFrom("ask" as const, "allow" as const, "deny" as const), terms)
    .map(([one, requestId, decision, taken]): JudgedFact => {
      return { ...permission(one, decision, taken), requestId } as JudgedFact
    }),
  waiting.map(question),
  runningTurn.map(turnEnded),
  runningTurn.map(turnFailed),
  fc.constant(said("hello")),
  id.map((requestId): JudgedFact => ({ type: "withdrawn", requestId })),
  fc.constant<JudgedFact>({ type: "retry", attempt: 1, retryDelayMs: 100 }),
  fc.nat(40).map((cents) => usage(cents / 100)),
  fc.constant<JudgedFact>({ type: "tool.started", toolCallId: "tool-1", name: "Write" }),
  fc.constant<JudgedFact>({ type: "tool.updated", toolCallId: "tool-1", status: "completed" }),
)

const commonMove: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(turn, fc.constantFrom("queue" as const, "interrupt" as const, "reject" as const))
      .map(([one, whenBusy]) => request(one, whenBusy, one === "t3")),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("vote" as const),
      choice: fc.constantFrom("approve" as const, "reject" as const),
      voter: fc.constantFrom("ada", "bo"),
      approvalId: fc.option(
        waiting.map((one) => `approval-${one}`),
        { nil: undefined },
      ),
    }),
  },
  fc.record({ type: fc.constant("answer" as const), action: fc.constantFrom("accept" as const, "decline" as const) }),
  fc
    .constantFrom("interrupt" as const, "escape" as const, "pause" as const, "resume" as const, "restart" as const)
    .map((type): Move => ({ type, reason: "test" })),
  fc.nat(20).map((cents): Move => extension(cents)),
  runningTurn.map((turnId): Move => ({ type: "stalled", turnId, sinceMs: 1 })),
  fc.constantFrom("quiet" as const, "approvals-due" as const).map((type): Move => ({ type })),
  { weight: 3, arbitrary: fc.constantFrom("run-1", "run-2", "run-3").map(started) },
  fc
    .tuple(fc.constantFrom("agent-detached" as const, "agent-attached" as const), run)
    .map(([type, runId]): Move => ({ type, runId })),
  fc
    .tuple(run, fc.constantFrom("stopped" as const, "failed" as const, "crashed" as const, "lost" as const))
    .map(([one, cause]) => exited(one, cause)),
  { weight: 5, arbitrary: runningTurn.map((turnId): Move => ({ type: "start-turn", turnId })) },
  waiting.map((one): Move => ({ type: "approval-delivered", approvalId: `approval-${one}` })),
  waiting.map((one): Move => ({ type: "question-delivered", questionId: `question-${one}` })),
  {
    weight: 6,
    arbitrary: fc
      .tuple(run, fc.array(fact, { minLength: 1, maxLength: 3 }))
      .map(([runId, facts]): Move => ({ type: "ingest", turnId: "own", runId, facts })),
  },
)

/** Any move, likely or not, in any order: what the runner's facts and people's commands may be in the worst case. Killing is rare: nothing comes after it. */
export const anyMove = fc.oneof(
  { weight: 60, arbitrary: commonMove },
  fc.constant<Move>({ type: "kill", reason: "test" }),
)

/** Moves less those that name a new prompt, approval or question as an earlier one was named: ids are given once. */
export function withFreshIds(moves: readonly Move[]) {
  const given = new Set<string>()
  const isFresh = (name: string) => !given.has(name) && given.add(name)
  return moves.flatMap((move, index): Move[] => {
    if (move.type === "request-turn") return isFresh(move.turnId) ? [move] : []
    if (move.type !== "ingest") return [move]
    return [
      {
        ...move,
        turnId: `own-${index}`,
        facts: move.facts.filter((said) => nameOf(said) === undefined || isFresh(String(nameOf(said)))),
      },
    ]
  })
}

function nameOf(fact: JudgedFact) {
  if (fact.type === "permission") return fact.approvalId
  return fact.type === "question" ? fact.questionId : undefined
}

import {
  type Command,
  cancelKey,
  decide,
  type Effect,
  evolve,
  planEffects,
  promptKey,
  SessionError,
  type SessionState,
  statusOf,
} from "@aegis/session-core"

// The core's real rules in a small world: one session, its agent, and a server that may die between any two steps.

/** What the agent has said and nobody has ingested. */
type Said =
  | { readonly type: "ready" }
  | { readonly type: "asked"; readonly request: string }
  | { readonly type: "ended"; readonly turnId: string; readonly stopReason: string }

interface Agent {
  readonly runId: string
  readonly isReady: boolean
  /** Ids of the frames that the host has written to it: each once. */
  readonly written: readonly string[]
  readonly turn?: string
  readonly isCancelled: boolean
  readonly asked: readonly string[]
}

/** How often each thing may still happen. */
export interface Budget {
  readonly prompts: number
  readonly asks: number
  /** Of these, without a prompt. */
  readonly unasked: number
  /** Processes saved while there is nothing to do. */
  readonly parks: number
  readonly interrupts: number
  /** Of all work; each is lifted again. */
  readonly stops: number
  readonly kills: number
  readonly agentDeaths: number
  readonly serverDeaths: number
}

export interface World {
  readonly session: SessionState
  /** All work is stopped. */
  readonly isStopped?: boolean
  /** It is, and this session was not told yet. */
  readonly isHalting?: boolean
  readonly budget: Budget
  // What outlives a server.
  readonly runs: number
  readonly agent?: Agent
  readonly spool: readonly Said[]
  /** Its process is gone, and the log does not say so yet. */
  readonly gone?: { readonly runId: string; readonly cause: "stopped" | "crashed" }
  // What a server knows, and forgets when it dies.
  readonly isUp: boolean
  readonly attached?: string
  readonly sent: readonly string[]
  /** In the middle of an effect: done outside, not yet in the log. */
  readonly unrecorded?: Command & { readonly type: "agent-started" | "approval-delivered" }
  // What happened, for the invariants.
  readonly counts: Readonly<Record<string, number>>
  /** What the log has promised and not yet told: ends of prompts, decisions, words to the agent. */
  readonly owed: readonly string[]
}

export interface Step {
  readonly label: string
  /** Whether it is wished for by a person or is a fault: nobody may rely on it. */
  readonly isOptional: boolean
  readonly world: World
}

const AT = "2026-01-01T00:00:00.000Z"
const LATER = "9999-01-01T00:00:00.000Z"
const envelope = { sessionId: "s", at: AT, actor: { kind: "system", id: "model", via: "model" } } as const
const stopped = { stop: { at: AT, by: envelope.actor, reason: "x" } }
const ready = {
  type: "ready",
  agentSessionId: "a",
  protocolVersion: 1,
  capabilities: { loadSession: true },
  options: [],
} as const
const offered = [
  { optionId: "yes", name: "Yes", kind: "allow_once" },
  { optionId: "no", name: "No", kind: "reject_once" },
]

export function firstWorld(budget: Budget): World {
  const session = {
    workDir: "/w",
    agent: "demo",
    permissionMode: "default",
    name: "s",
    labels: {},
    owner: { userId: "u", tenantId: "t" },
    salt: "",
  }
  const empty = { budget, runs: 0, spool: [], isUp: true, sent: [], counts: {}, owed: [] } as unknown as World
  const created = play(empty, { ...envelope, type: "create", session })
  if (!created) throw new Error("A session cannot be created.")
  return created
}

/** Everything that may happen next. */
export function stepsFrom(world: World): readonly Step[] {
  return [...wishes(world), ...serverSteps(world), ...agentSteps(world), ...faults(world)]
}

/** Nothing waits, nothing runs, nothing is on its way. */
export function isAtRest({ session, agent, spool, gone, unrecorded, owed }: World) {
  const { end, queue, turn, approvals } = session
  const isDone = queue.length === 0 && turn === undefined && approvals.length === 0 && owed.length === 0
  return isDone && spool.length === 0 && !gone && !unrecorded && (end === undefined || agent === undefined)
}

function wishes(world: World): Step[] {
  const { session, budget, isUp } = world
  if (!isUp) return []
  const turnId = `t${budget.prompts}`
  const content = [{ type: "text", text: turnId }]
  const asking = (["queue", "interrupt"] as const).map((whenBusy) =>
    wish(`prompt ${whenBusy}`, spend(world, "prompts"), {
      ...envelope,
      type: "request-turn",
      turnId,
      content,
      whenBusy,
    }),
  )
  const voting = session.approvals.flatMap(({ approvalId, outcome }) =>
    outcome === undefined
      ? (["approve", "reject"] as const).map((choice) => ({
          // Somebody answers in the end: the world may rely on that.
          ...wish(choice, world, { ...envelope, type: "vote", choice, approvalId }),
          isOptional: false,
        }))
      : [],
  )
  return [
    ...asking,
    ...voting,
    wish("interrupt", spend(world, "interrupts"), { ...envelope, type: "interrupt", reason: "x" }),
    stopAll(world),
    lift(world),
    wish("park", spend(world, "parks"), { ...envelope, type: "park", reason: "x" }),
    wish("kill", spend(world, "kills"), { ...envelope, type: "kill", reason: "x" }),
  ].filter(isPossible)
}

type Maybe = Omit<Step, "world"> & { readonly world: World | undefined }

function wish(label: string, world: World | undefined, command: Command): Maybe {
  const after = world && play(world, command)
  // What changes nothing need not be wished for.
  return { label, isOptional: true, world: after?.session === world?.session ? undefined : after }
}

function stopAll(world: World): Maybe {
  const spent = world.isStopped ? undefined : spend(world, "stops")
  return { label: "stop all", isOptional: true, world: spent && { ...spent, isStopped: true, isHalting: true } }
}

/** Somebody does in the end; not before every session was told. */
function lift({ isStopped, isHalting, ...rest }: World): Maybe {
  return must("lift", isStopped && !isHalting ? rest : undefined)
}

function halt({ isHalting: _isHalting, ...world }: World): World {
  const halted = play(world, { ...envelope, type: "halt" }) ?? world
  const { turn, approvals } = halted.session
  const isLeft = approvals.some(({ outcome }) => outcome === undefined)
  if (isLeft || (turn && !turn.isHalted)) throw new Error("All work is stopped, and this goes on.")
  return halted
}

function isPossible(step: Maybe): step is Step {
  return step.world !== undefined
}

function serverSteps(world: World): Step[] {
  if (!world.isUp) return [must("start", startServer(world))].filter(isPossible)
  const { unrecorded, attached, spool, gone, isStopped = false } = world
  const steps: Maybe[] = world.isHalting ? [must("halt", halt(world))] : []
  if (unrecorded) steps.push(must("record", record(world, unrecorded)))
  else {
    const view = { attachedRunId: attached, sent: new Set(world.sent), now: LATER, isStopped }
    const [effect] = planEffects(world.session, view)
    if (effect) steps.push(must(effect.type, perform(world, effect)))
  }
  const [said, ...rest] = spool
  if (said && attached !== undefined) steps.push(must("ingest", ingest({ ...world, spool: rest }, attached, said)))
  if (gone && gone.runId === attached && !said) steps.push(must("exit", recordExit(world, gone)))
  if (isDeaf(world) && !said) steps.push(must("grace", endAgent(world, "stopped")))
  // It only comes to an end when the agent has nothing more to say.
  if (world.session.turn?.origin === "agent" && !said) steps.push(must("quiet", quiet(world)))
  return steps.filter(isPossible)
}

/** It was told to end what it never got: nothing comes of that, and it is stopped after a while. */
function isDeaf({ session: { turn }, agent, sent }: World) {
  return (
    turn?.origin === "prompt" && agent?.isReady && agent.turn !== turn.turnId && sent.includes(cancelKey(turn.turnId))
  )
}

function must(label: string, world: World | undefined): Maybe {
  return { label, isOptional: false, world }
}

function perform(world: World, effect: Effect): World | undefined {
  const { agent } = world
  switch (effect.type) {
    case "start-agent": {
      const runId = `run-${world.runs + 1}`
      // The session's earlier process may not be forgotten by the host yet; a new one has a spool of its own.
      if (agent || world.gone) throw new Error("A second agent is started while the first one is there.")
      const started: Agent = { runId, isReady: false, written: [], isCancelled: false, asked: [] }
      const run = { runId, pid: 1, command: "c", args: [] }
      return { ...world, runs: world.runs + 1, agent: started, unrecorded: { ...envelope, type: "agent-started", run } }
    }
    case "stop-agent":
      return agent && endAgent(world, "stopped")
    case "start-turn":
      return play(world, { ...envelope, type: "start-turn", turnId: effect.turn.turnId })
    case "send-prompt": {
      const { turnId } = effect.turn
      const isFirst = !agent?.written.includes(`prompt:${turnId}`)
      if (isFirst && (world.isStopped || agent?.written.includes(`cancel:${turnId}`)))
        throw new Error("A prompt goes out that was stopped.")
      return send(world, `prompt:${turnId}`, promptKey(turnId), (to) => ({ ...to, turn: turnId }))
    }
    case "send-cancel": {
      const { turnId } = effect
      return send(world, `cancel:${turnId}`, cancelKey(turnId), (to) =>
        to.turn === turnId ? { ...to, isCancelled: true } : to,
      )
    }
    case "send-decision": {
      const { approvalId, requestId } = effect.approval
      const told = send(world, `reply:${requestId}`, undefined, (to) => ({
        ...to,
        asked: to.asked.filter((request) => request !== requestId),
      }))
      return told && { ...told, unrecorded: { ...envelope, type: "approval-delivered", approvalId } }
    }
    case "park":
    case "expire-approvals":
      throw new Error("Nothing is due by the time alone in this world.")
    case "send-answer":
      throw new Error("There are no questions in this world.")
  }
}

/** A frame to the agent: written once, whoever sends it again. */
function send(world: World, frame: string, key: string | undefined, hear: (agent: Agent) => Agent) {
  const { agent } = world
  if (!agent) return undefined
  const sent = key === undefined ? world.sent : [...world.sent, key].sort()
  if (agent.written.includes(frame)) return { ...world, sent }
  const heard = hear({ ...agent, written: [...agent.written, frame].sort() })
  return { ...world, sent, agent: heard, counts: counted(world, frame) }
}

function record(world: World, command: NonNullable<World["unrecorded"]>) {
  const { unrecorded: _unrecorded, ...rest } = world
  const next = play(rest, command)
  if (command.type === "approval-delivered") return next ?? rest
  // Killed while it was starting: the log has no place for it.
  if (next?.session.run?.runId !== command.run.runId) return released(rest)
  return { ...next, attached: command.run.runId }
}

function ingest(world: World, runId: string, said: Said) {
  // Each turn that nobody asked for has a name of its own.
  const turnId = `own ${world.budget.asks} ${world.runs}`
  return play(world, { ...envelope, type: "ingest", runId, turnId, facts: [toFact(world, said)] })
}

function quiet(world: World) {
  const after = play(world, { ...envelope, type: "quiet" })
  return after?.session === world.session ? undefined : after
}

function toFact({ session }: World, said: Said): Extract<Command, { type: "ingest" }>["facts"][number] {
  switch (said.type) {
    case "ready":
      return { ...ready, restored: session.agentSessionId === undefined ? "new" : "resumed" }
    case "ended":
      return { type: "turn.ended", turnId: said.turnId, stopReason: said.stopReason }
    case "asked": {
      const { request } = said
      const judgement = { decision: "ask", rule: "", reason: "" } as const
      const call = {
        toolCall: { toolCallId: request },
        options: offered,
        files: [],
        call: "",
        digest: "",
        terms: { required: 1 },
      }
      return { type: "permission", requestId: request, approvalId: `approval ${request}`, judgement, ...call }
    }
  }
}

function recordExit(world: World, { runId, cause }: NonNullable<World["gone"]>) {
  const exit = { runId, code: 1, signal: null, stderrTail: "", cause }
  const restart = { max: 10, backoffMs: 1 }
  const { gone: _gone, attached: _attached, ...rest } = world
  return play({ ...rest, sent: [] }, { ...envelope, type: "agent-exited", exit, restart })
}

/** What a new server finds: an agent to go on with, its last words, one that no session knows, or nothing. */
function startServer(world: World) {
  const started = attach({ ...world, isUp: true })
  // Before it does anything else.
  return started?.isStopped ? halt(started) : started
}

function attach(world: World) {
  const runId = world.session.run?.runId
  const held = world.agent?.runId ?? world.gone?.runId
  if (runId !== undefined && runId === held) return { ...world, attached: runId }
  const clean = held === undefined ? world : released(world)
  if (runId === undefined) return clean
  const exit = { runId, code: null, signal: null, stderrTail: "", cause: "lost" as const }
  return play(clean, { ...envelope, type: "agent-exited", exit, restart: { max: 10, backoffMs: 1 } })
}

function released({ agent: _agent, gone: _gone, ...world }: World): World {
  return { ...world, spool: [] }
}

function agentSteps(world: World): Step[] {
  const { agent, budget } = world
  if (!agent) return []
  if (!agent.isReady) {
    // It answers the handshake, which whoever is attached sends.
    return world.attached === agent.runId ? [does(world, "ready", { ...agent, isReady: true }, { type: "ready" })] : []
  }
  const { turn: turnId, isCancelled, asked, ...idle } = agent
  if (turnId === undefined) return [unasked(world, agent)].filter(isPossible)
  const steps: Step[] = []
  const stopReason = isCancelled ? "cancelled" : "end_turn"
  const rested = { ...idle, isCancelled: false, asked: [] }
  const ending = does(world, "end", rested, { type: "ended", turnId, stopReason })
  // Some do not wait for the answer to what they asked.
  steps.push({ ...ending, isOptional: asked.length > 0 && !isCancelled })
  const asking = isCancelled ? undefined : spend(world, "asks")
  const request = `${agent.runId} ${budget.asks}`
  if (asking)
    steps.push({
      ...does(asking, "ask", { ...agent, asked: [...asked, request] }, { type: "asked", request }),
      isOptional: true,
    })
  return steps
}

/** It begins by itself. */
function unasked(world: World, agent: Agent): Maybe {
  const spent = spend(world, "unasked")
  const asking = spent && spend(spent, "asks")
  const request = `${agent.runId} ${world.budget.asks}`
  const asked = [...agent.asked, request]
  return {
    label: "ask unasked",
    isOptional: true,
    world: asking && does(asking, "", { ...agent, asked }, { type: "asked", request }).world,
  }
}

function does(world: World, label: string, agent: Agent, said: Said): Step {
  return { label, isOptional: false, world: { ...world, agent, spool: [...world.spool, said] } }
}

function faults(world: World): Step[] {
  const agentDies = spend(world, "agentDeaths")
  const serverDies = spend(world, "serverDeaths")
  const steps: Maybe[] = [
    { label: "agent dies", isOptional: true, world: world.agent && agentDies && endAgent(agentDies, "crashed") },
    { label: "server dies", isOptional: true, world: world.isUp && serverDies ? forget(serverDies) : undefined },
  ]
  return steps.filter(isPossible)
}

function endAgent({ agent, ...world }: World, cause: "stopped" | "crashed"): World {
  return { ...world, gone: { runId: agent?.runId ?? "", cause } }
}

function forget({ attached: _attached, unrecorded: _unrecorded, ...world }: World): World {
  return { ...world, isUp: false, sent: [] }
}

function spend(world: World, what: keyof Budget): World | undefined {
  const { budget } = world
  return budget[what] > 0 ? { ...world, budget: { ...budget, [what]: budget[what] - 1 } } : undefined
}

/** The world after a command; undefined where it was refused. Throws where the core breaks a promise. */
function play(world: World, command: Command): World | undefined {
  const events = decide(world.session, command, world.isStopped ? stopped : {})
  if (SessionError.is(events)) return undefined
  let { session, counts, owed } = world
  for (const event of events) {
    session = evolve(session, event) ?? session
    if (event.status !== statusOf(session)) throw new Error(`${event.type} says ${event.status}: ${statusOf(session)}`)
    if (event.type === "turn.started" || event.type === "turn.ended")
      counts = counted({ ...world, counts }, `${event.type} ${event.data.turnId}`)
    if (world.isStopped && event.type === "approval.resolved" && event.data.status === "approved")
      throw new Error("Something is approved while all work is stopped.")
    if (event.type === "approval.resolved" || event.type === "approval.delivered")
      counts = counted({ ...world, counts }, `${event.type} ${event.data.approvalId}`)
    owed = owedAfter(owed, event)
  }
  // What an agent asks unasked outlives its turn; what it asks for a prompt does not.
  const isLeft = session.approvals.some(({ outcome, turnId }) => outcome === undefined && !turnId?.startsWith("own"))
  if (!session.turn && isLeft) throw new Error("An approval is open, and no turn needs it.")
  return { ...world, session, counts, owed }
}

type Event = Exclude<ReturnType<typeof decide>, SessionError>[number]

function owedAfter(owed: readonly string[], event: Event): readonly string[] {
  switch (event.type) {
    case "turn.started":
      return event.data.origin === "agent" ? [...owed, `end ${event.data.turnId}`].sort() : owed
    case "turn.requested":
      return [...owed, `end ${event.data.turnId}`].sort()
    case "turn.ended":
      return owed.filter((what) => what !== `end ${event.data.turnId}`)
    case "approval.requested":
      return [...owed, `decide ${event.data.approvalId}`].sort()
    case "approval.resolved": {
      const { approvalId, outcome } = event.data
      const rest = owed.filter((what) => what !== `decide ${approvalId}`)
      return outcome === undefined ? rest : [...rest, `tell ${approvalId}`].sort()
    }
    case "approval.delivered":
    case "approval.undeliverable":
      return owed.filter((what) => what !== `tell ${event.data.approvalId}`)
    default:
      return owed
  }
}

// No prompt runs twice, ends twice or is written twice; no approval is decided or delivered twice.
function counted({ counts }: World, what: string) {
  const count = (counts[what] ?? 0) + 1
  if (count > 1) throw new Error(`${what} happened twice.`)
  return { ...counts, [what]: count }
}

import type { AppendRequest, Fold, KeyRecord, Offset, StreamHead } from "@aegis/event-log"
import type { AegisParts } from "./aegis-parts.ts"
import type { Idempotency } from "./caller.ts"
import type { Command } from "./command.ts"
import { decide } from "./decide.ts"
import type { KeyWish } from "./decide-key.ts"
import type { MemoryWish } from "./decide-memory.ts"
import type { PolicyWish } from "./decide-policy.ts"
import { type AccessWish, decideSystem, openSystem, type StopWish } from "./decide-system.ts"
import type { TemplateWish } from "./decide-template.ts"
import type { EmergencyCommand, EmergencyEntry } from "./emergency.ts"
import {
  type Actor,
  type AegisEvent,
  pipelineStream,
  routineStream,
  type SessionEvent,
  SYSTEM_STREAM,
  type SystemEvent,
} from "./events.ts"
import { evolve } from "./evolve.ts"
import { type Excess, findExcess } from "./judge-budget.ts"
import { KeptCommands } from "./kept-commands.ts"
import { toShared } from "./ledger.ts"
import { isCode, isFull, isLogRefusal } from "./log-refusal.ts"
import { pause } from "./pause.ts"
import type { PipelineState } from "./pipeline-state.ts"
import type { PolicyReader } from "./policy-reader.ts"
import type { RoutineState } from "./routine-state.ts"
import { SessionError } from "./session-error.ts"
import { pipelineFold, routineFold, sessionFold, systemFold } from "./session-models.ts"
import type { SessionState } from "./session-state.ts"
import type { PipelineChange, RoutineChange } from "./system-change.ts"
import type { Stop, SystemState } from "./system-state.ts"

type WithoutEnvelope<C> = C extends unknown ? Omit<C, "sessionId" | "at" | "actor"> : never
/** A command less what the executor adds. */
export type CommandBody = WithoutEnvelope<Command>
/** The same, with the session that it is about. */
export type SessionCommand = CommandBody & Pick<Command, "sessionId">

export interface ExecuteOptions {
  readonly actor: Actor
  /** Become durable in the same transaction as the events. */
  readonly offsets?: readonly Offset[]
  /** Asked for before: nothing happens, and the events of that time are given. */
  readonly idempotency?: Idempotency | undefined
}

/** A wish about all sessions, less what the executor adds. */
export type SystemWish = StopWish | KeyWish | PolicyWish | MemoryWish | TemplateWish | AccessWish
/** A wish that is decided on rows of the log besides: read anew whenever somebody was faster. */
export type SystemWishOf = SystemWish | (() => Promise<SystemWish>)
export type SystemOptions = Pick<ExecuteOptions, "actor" | "idempotency">

/** What something with a stream of its own comes to as it is; `salt` at its beginning. */
export type Look<State, Change> = (state: State | undefined) => Promise<{
  readonly changes: readonly Change[]
  readonly commands?: readonly SessionCommand[]
  readonly salt?: string
}>

interface OwnStream<State> {
  readonly stream: string
  readonly fold: Fold<State, AegisEvent>
}

export interface InsistOptions extends ExecuteOptions {
  /** Gives up waiting. */
  readonly signal: AbortSignal
}

const KEY_MS = 24 * 3600 * 1000

type ExecutorParts = Pick<AegisParts, "log" | "now" | "newSalt" | "settings" | "emergency" | "budgetsOf">

/** Decides on the present state and appends what follows; decides anew when that state has moved on meanwhile. */
export class CommandExecutor {
  readonly #parts: ExecutorParts
  readonly #policies: PolicyReader
  /** One command at a time per stream, so that a busy agent cannot make a person's command lose every race. */
  readonly #lines = new Map<string, Promise<unknown>>()
  readonly #kept: KeptCommands

  constructor(parts: ExecutorParts, policies: PolicyReader) {
    this.#parts = parts
    this.#policies = policies
    const apply = (entry: EmergencyEntry) => this.#appendKept(entry)
    this.#kept = new KeptCommands({ file: parts.emergency, apply, retryMs: parts.settings.fullDiskRetryMs })
  }

  /** The events that were appended. Rejects with the problem when the command is refused. */
  execute(sessionId: string, body: CommandBody, options: ExecuteOptions): Promise<readonly SessionEvent[]> {
    return this.#inLine(sessionId, () => this.#append([{ ...body, sessionId }], options))
  }

  /** Several at once, in order: all of them or none. Rejects with the first problem. */
  executeTogether(commands: readonly SessionCommand[], options: ExecuteOptions): Promise<readonly SessionEvent[]> {
    // Everybody takes their places in one order, or two could wait for each other.
    const streams = [...new Set(commands.map(({ sessionId }) => sessionId))].toSorted()
    const work = () => this.#append(commands, options)
    return streams.reduceRight((next, stream) => () => this.#inLine(stream, next), work)()
  }

  /** Takes a key for a wish of many parts, whose own keys begin with it. Rejects when it stands for another wish. */
  async takeKey(idempotency: Idempotency): Promise<void> {
    if (await this.earlier(idempotency)) return
    const isTaken = await this.#isAppended({ events: [], ...keyOf(idempotency, this.#parts.now()) })
    if (!isTaken) await this.takeKey(idempotency)
  }

  /** The same for what concerns all sessions. */
  executeSystem(wish: SystemWishOf, options: SystemOptions): Promise<readonly SystemEvent[]> {
    return this.#inLine(SYSTEM_STREAM, () => this.#appendSystem(wish, options))
  }

  /** What a pipeline comes to, with what follows for sessions, in one append; looked at anew when somebody was faster. */
  executePipeline(pipelineId: string, look: Look<PipelineState, PipelineChange>, options: SystemOptions) {
    const own = { stream: pipelineStream(pipelineId), fold: pipelineFold }
    return this.#inLine(own.stream, () => this.#appendOwn(own, look, options))
  }

  /** The same of a routine. */
  executeRoutine(routineId: string, look: Look<RoutineState, RoutineChange>, options: SystemOptions) {
    const own = { stream: routineStream(routineId), fold: routineFold }
    return this.#inLine(own.stream, () => this.#appendOwn(own, look, options))
  }

  /** Who has stopped all work, when and why: in the log, or kept beside it. */
  async stop(): Promise<Stop | undefined> {
    const { state } = await this.#parts.log.fold(systemFold, SYSTEM_STREAM)
    const kept = this.#kept.entries.find((entry) => entry.command.type === "stop-all")
    return state?.stop ?? (kept && { at: kept.at, by: kept.actor, reason: kept.command.reason ?? "" })
  }

  /** For what has happened and has to be written down: waits until a full disk has room again. */
  async insist(sessionId: string, body: CommandBody, { signal, ...options }: InsistOptions) {
    for (;;) {
      try {
        return await this.execute(sessionId, body, options)
      } catch (error) {
        if (!isFull(error) || signal.aborted) throw error
        await pause(this.#parts.settings.fullDiskRetryMs, signal)
      }
    }
  }

  /** For what must not fail because the disk has: kept beside the log until that can be written; then `isKept`. */
  async executeOrKeep(sessionId: string, body: EmergencyBody, options: ExecuteOptions) {
    try {
      return { events: await this.execute(sessionId, body, options), isKept: false }
    } catch (error) {
      if (!this.#parts.emergency || !isLogRefusal(error)) throw error
      const at = this.#parts.now().toISOString()
      const { actor } = options
      const events = await this.#decideOnly({ ...body, sessionId, at, actor })
      const command = toEmergencyCommand(body, events)
      if (command && !this.#kept.keep({ sessionId, at, actor, command })) throw error
      return { events, isKept: true }
    }
  }

  /** The same for the stop of all work. */
  async stopOrKeep(reason: string, options: SystemOptions) {
    const command = { type: "stop-all", reason } as const
    try {
      await this.executeSystem(command, options)
      return { isKept: false }
    } catch (error) {
      if (!isLogRefusal(error)) throw error
      const isKnown = (await this.stop()) !== undefined
      const at = this.#parts.now().toISOString()
      if (!isKnown && !this.#kept.keep({ at, actor: options.actor, command })) throw error
      return { isKept: true }
    }
  }

  /** Brings what was kept into the log, before anything else. */
  merge() {
    return this.#kept.merge()
  }

  async #appendKept({ actor, ...entry }: EmergencyEntry) {
    if (entry.sessionId === undefined) return this.#appendSystem(entry.command, { actor })
    const { sessionId, command } = entry
    return this.#append([{ ...command, sessionId }], { actor }).catch((error: unknown) => {
      // What has been settled meanwhile, by a kill for example, needs no more.
      if (!SessionError.is(error)) throw error
    })
  }

  async #decideOnly(command: Command) {
    const { state } = await this.#parts.log.fold(sessionFold, command.sessionId)
    const { state: system } = await this.#parts.log.fold(systemFold, SYSTEM_STREAM)
    const events = decide(state, command, system, await this.#budgets(system))
    if (SessionError.is(events)) throw events
    return events
  }

  /** Which budget has no room for the session's next turn. */
  async excess(state: SessionState): Promise<Excess | undefined> {
    const { log, now } = this.#parts
    if (state.queue.length === 0) return undefined
    const { state: system } = await log.fold(systemFold, SYSTEM_STREAM)
    const budgets = await this.#budgets(system)
    const { ledger = {}, keys = {} } = system ?? {}
    return findExcess(state, { budgets, shared: ledger, keys, at: now().toISOString() })
  }

  async #budgets(system: SystemState | undefined) {
    const { current } = await this.#policies.of(system?.policies)
    return current?.document && this.#parts.budgetsOf(current.document)
  }

  /** The events that the wish led to when it was first asked for. Rejects when the key stands for another wish. */
  async earlier<E extends AegisEvent = SessionEvent>({
    key,
    fingerprint,
  }: Idempotency): Promise<readonly E[] | undefined> {
    const record = await this.#parts.log.key(key, this.#parts.now().getTime())
    if (record === undefined) return undefined
    // The same wish led to them then: they are what it leads to.
    if (record.fingerprint === fingerprint)
      return (await this.#eventsOf(record)) as readonly AegisEvent[] as readonly E[]
    throw new SessionError(
      "idempotency-mismatch",
      "This Idempotency-Key was used with another request; a new request needs a key of its own.",
    )
  }

  async #eventsOf({ seq, count }: KeyRecord) {
    if (count === 0) return []
    await this.#untilPublished(seq + count - 1)
    const entries = await this.#parts.log.read({ after: seq - 1, limit: count })
    return entries.map(({ event }) => event)
  }

  // What is committed this moment is not everywhere yet: whoever reads on would find nothing.
  async #untilPublished(seq: number) {
    const { log } = this.#parts
    if (log.head() >= seq) return
    for await (const page of log.tail({ after: log.head() })) if ((page.at(-1)?.seq ?? 0) >= seq) return
  }

  #inLine<T>(stream: string, work: () => Promise<T>): Promise<T> {
    const before = this.#lines.get(stream) ?? Promise.resolve()
    const result = before.then(async () => {
      if (this.#kept.entries.length > 0) await this.merge()
      return work()
    })
    const settled = result.then(
      () => undefined,
      // Whoever called gets the problem; the next in line does not.
      () => undefined,
    )
    this.#lines.set(stream, settled)
    void settled.then(() => {
      if (this.#lines.get(stream) === settled) this.#lines.delete(stream)
    })
    return result
  }

  async #append(commands: readonly SessionCommand[], options: ExecuteOptions): Promise<readonly SessionEvent[]> {
    const { actor, offsets = [], idempotency } = options
    const earlier = idempotency && (await this.earlier(idempotency))
    if (earlier) return earlier
    const at = this.#parts.now()
    const { sessionEvents, ...request } = await this.#prepare(commands, { actor, at: at.toISOString() })
    if (sessionEvents.length === 0 && offsets.length === 0 && !idempotency) return sessionEvents
    const isAppended = await this.#isAppended({ ...request, offsets, ...keyOf(idempotency, at) })
    return isAppended ? sessionEvents : this.#append(commands, options)
  }

  async #appendOwn<State, Change extends PipelineChange | RoutineChange>(
    own: OwnStream<State>,
    look: Look<State, Change>,
    options: SystemOptions,
  ): Promise<readonly SystemEvent[]> {
    const { log, now } = this.#parts
    const { actor, idempotency } = options
    const earlier = idempotency && (await this.earlier<SystemEvent>(idempotency))
    if (earlier) return earlier
    const { stream } = own
    const { state, head } = await log.fold(own.fold, stream)
    const { changes, commands = [], salt } = await look(state)
    if (changes.length === 0 && !idempotency) return []
    const at = now()
    const context = { actor, at: at.toISOString() }
    const happened = changes.map((change): SystemEvent => ({ ...change, ...context }))
    const { events, streams } = await this.#prepare(commands, context)
    const request = {
      events: [...happened.map((event) => ({ stream, event })), ...events],
      streams: [{ stream, expectedSeq: head?.seq ?? 0, ...(salt === undefined ? {} : { salt }) }, ...streams],
      ...keyOf(idempotency, at),
    }
    return (await this.#isAppended(request)) ? happened : this.#appendOwn(own, look, options)
  }

  /** What commands lead to, with what it was decided on. */
  async #prepare(commands: readonly SessionCommand[], context: Pick<Command, "actor" | "at">) {
    const { log, newSalt } = this.#parts
    const system = await log.fold(systemFold, SYSTEM_STREAM)
    const decided = await this.#decideAll(commands, context, system.state)
    const events = decided.flatMap((stream) => stream.events)
    const shared = decided.flatMap((stream) =>
      stream.events.flatMap((event) => toShared(event, stream.state?.owner.tenantId ?? "")),
    )
    const opened = shared.length > 0 && !system.head ? openSystem(context, newSalt()) : undefined
    return {
      sessionEvents: events,
      events: [
        ...events.map((event) => ({ stream: event.sessionId, event })),
        ...[...(opened ? [opened] : []), ...shared].map((event) => ({ stream: SYSTEM_STREAM, event })),
      ],
      streams: [
        ...decided.map(({ stream, head, salt }) => ({ stream, expectedSeq: head?.seq ?? 0, ...salt })),
        ...(commands.some(mindsSystem) || opened
          ? [{ stream: SYSTEM_STREAM, expectedSeq: system.head?.seq ?? 0, ...(opened?.data ?? {}) }]
          : []),
      ],
    }
  }

  /** What commands lead to, one after the other, by session. Rejects with the first problem. */
  async #decideAll(
    commands: readonly SessionCommand[],
    context: Pick<Command, "actor" | "at">,
    system: SystemState | undefined,
  ): Promise<readonly DecidedStream[]> {
    const decided = new Map<string, DecidedStream>()
    const budgets = await this.#budgets(system)
    for (const wish of commands) {
      const { sessionId: stream } = wish
      const before = decided.get(stream)
      const { state, head } = before ?? (await this.#parts.log.fold(sessionFold, stream))
      const earlier = before?.events ?? []
      const command: Command = { ...wish, ...context }
      const events = decide(earlier.reduce(evolve, state), command, system, budgets)
      if (SessionError.is(events)) throw events
      const salt = "session" in command && head === undefined ? { salt: command.session.salt } : before?.salt
      decided.set(stream, { stream, state, head, salt, events: [...earlier, ...events] })
    }
    return [...decided.values()]
  }

  async #appendSystem(wish: SystemWishOf, options: SystemOptions): Promise<readonly SystemEvent[]> {
    const { log, now, newSalt } = this.#parts
    const { actor, idempotency } = options
    const earlier = idempotency && (await this.earlier<SystemEvent>(idempotency))
    if (earlier) return earlier
    const { state, head } = await log.fold(systemFold, SYSTEM_STREAM)
    const present = typeof wish === "function" ? await wish() : wish
    const [at, salt] = [now(), newSalt()]
    const events = decideSystem(state, { ...present, actor, at: at.toISOString(), salt })
    if (SessionError.is(events)) throw events
    if (events.length === 0 && !idempotency) return events
    const request = {
      events: events.map((event) => ({ stream: SYSTEM_STREAM, event })),
      streams: [{ stream: SYSTEM_STREAM, expectedSeq: head?.seq ?? 0, ...(head ? {} : { salt }) }],
      ...keyOf(idempotency, at),
    }
    return (await this.#isAppended(request)) ? events : this.#appendSystem(wish, options)
  }

  /** False when somebody was faster: with another command of this stream, or with the same wish. */
  async #isAppended(request: AppendRequest<AegisEvent>) {
    try {
      await this.#parts.log.append(request)
      return true
    } catch (error) {
      if (isCode(error, "version-conflict") || isCode(error, "key-used")) return false
      throw error
    }
  }
}

/** A session as it was, and what is to happen to it. */
interface DecidedStream {
  readonly stream: string
  readonly state: SessionState | undefined
  readonly head: StreamHead | undefined
  readonly salt: { readonly salt: string } | undefined
  readonly events: readonly SessionEvent[]
}

/** Whether what is decided depends on whether all work is stopped, or on what all sessions have spent. */
function mindsSystem({ type }: Pick<Command, "type">) {
  return systemMinding.has(type)
}

const systemMinding: ReadonlySet<Command["type"]> = new Set([
  "ingest",
  "request-turn",
  "start-turn",
  "vote",
  "ask-anew",
  "receive-hook",
])

type EmergencyBody = Extract<CommandBody, { readonly type: "kill" | "vote" }>

// Named, so that it means the same later; nothing where nothing would have happened.
function toEmergencyCommand(body: EmergencyBody, events: readonly SessionEvent[]): EmergencyCommand | undefined {
  if (body.type === "kill") return events.length === 0 ? undefined : body
  const resolved = events.find((event) => event.type === "approval.resolved")
  const { type, voter, reason } = body
  return resolved && { type, voter, reason, choice: "reject", approvalId: resolved.data.approvalId }
}

function keyOf(idempotency: Idempotency | undefined, at: Date) {
  if (!idempotency) return {}
  const { key: name, fingerprint } = idempotency
  return { key: { name, fingerprint, at: at.getTime(), expiresAt: at.getTime() + KEY_MS } }
}

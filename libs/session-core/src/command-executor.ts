import type { KeyRecord, Offset } from "@aegis/event-log"
import type { Idempotency } from "./aegis.ts"
import type { AegisParts } from "./aegis-parts.ts"
import type { Command } from "./command.ts"
import { decide } from "./decide.ts"
import type { EmergencyCommand, EmergencyEntry, EmergencyFile } from "./emergency.ts"
import type { Actor, SessionEvent } from "./events.ts"
import { isCode, isFull, isLogRefusal } from "./log-refusal.ts"
import { SessionError } from "./session-error.ts"
import { sessionFold } from "./session-models.ts"

type WithoutEnvelope<C> = C extends unknown ? Omit<C, "sessionId" | "at" | "actor"> : never
/** A command less what the executor adds. */
export type CommandBody = WithoutEnvelope<Command>

export interface ExecuteOptions {
  readonly actor: Actor
  /** Become durable in the same transaction as the events. */
  readonly offsets?: readonly Offset[]
  /** Asked for before: nothing happens, and the events of that time are given. */
  readonly idempotency?: Idempotency | undefined
}

export interface InsistOptions extends ExecuteOptions {
  /** Gives up waiting. */
  readonly signal: AbortSignal
}

const KEY_MS = 24 * 3600 * 1000

/** Decides on the present state and appends what follows; decides anew when the session has moved on meanwhile. */
export class CommandExecutor {
  readonly #parts: Pick<AegisParts, "log" | "now" | "settings" | "emergency">
  /** One command at a time per session, so that a busy agent cannot make a person's command lose every race. */
  readonly #lines = new Map<string, Promise<unknown>>()

  #merging: Promise<void> | undefined

  constructor(parts: Pick<AegisParts, "log" | "now" | "settings" | "emergency">) {
    this.#parts = parts
  }

  /** The events that were appended. Rejects with the problem when the command is refused. */
  execute(sessionId: string, body: CommandBody, options: ExecuteOptions): Promise<readonly SessionEvent[]> {
    const before = this.#lines.get(sessionId) ?? Promise.resolve()
    const result = before.then(() => this.#decideAndAppend(sessionId, body, options))
    const settled = result.then(
      () => undefined,
      // Whoever called gets the problem; the next in line does not.
      () => undefined,
    )
    this.#lines.set(sessionId, settled)
    void settled.then(() => {
      if (this.#lines.get(sessionId) === settled) this.#lines.delete(sessionId)
    })
    return result
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
      const { emergency, now } = this.#parts
      if (!emergency || !isLogRefusal(error)) throw error
      const at = now().toISOString()
      const { actor } = options
      const events = await this.#decideOnly({ ...body, sessionId, at, actor })
      const command = toEmergencyCommand(body, events)
      if (command && !isAdded(emergency, { sessionId, at, actor, command })) throw error
      void this.#mergeWhenPossible()
      return { events, isKept: true }
    }
  }

  /** Brings what was kept into the log, before anything else. */
  merge(): Promise<void> {
    this.#merging ??= this.#mergeAll().finally(() => {
      this.#merging = undefined
    })
    return this.#merging
  }

  async #mergeAll() {
    const { emergency } = this.#parts
    // What has been settled meanwhile, by a kill for example, needs no more.
    for (const { sessionId, actor, command } of emergency?.entries ?? [])
      await this.#append(sessionId, command, { actor }).catch((error: unknown) => {
        if (!SessionError.is(error)) throw error
      })
    emergency?.clear()
  }

  // Nobody tells when a disk has room again.
  async #mergeWhenPossible() {
    const { emergency, settings } = this.#parts
    while (emergency && emergency.entries.length > 0) {
      await new Promise<void>((resolve) => setTimeout(resolve, settings.fullDiskRetryMs).unref())
      try {
        await this.merge()
      } catch (error) {
        // Failed or closed: the next start does it first thing.
        if (!isFull(error)) return
      }
    }
  }

  async #decideOnly(command: Command) {
    const { state } = await this.#parts.log.fold(sessionFold, command.sessionId)
    const events = decide(state, command)
    if (SessionError.is(events)) throw events
    return events
  }

  /** The events that the wish led to when it was first asked for. Rejects when the key stands for another wish. */
  async earlier({ key, fingerprint }: Idempotency): Promise<readonly SessionEvent[] | undefined> {
    const record = await this.#parts.log.key(key, this.#parts.now().getTime())
    if (record === undefined) return undefined
    if (record.fingerprint === fingerprint) return this.#eventsOf(record)
    throw new SessionError(
      "idempotency-mismatch",
      "This Idempotency-Key was used with another request; a new request needs a key of its own.",
    )
  }

  async #eventsOf({ seq, count }: KeyRecord) {
    if (count === 0) return []
    const entries = await this.#parts.log.read({ after: seq - 1, limit: count })
    return entries.map(({ event }) => event)
  }

  async #decideAndAppend(sessionId: string, body: CommandBody, options: ExecuteOptions) {
    if (this.#parts.emergency?.entries.length) await this.merge()
    return this.#append(sessionId, body, options)
  }

  async #append(sessionId: string, body: CommandBody, options: ExecuteOptions): Promise<readonly SessionEvent[]> {
    const { log, now } = this.#parts
    const { actor, offsets = [], idempotency } = options
    const earlier = idempotency && (await this.earlier(idempotency))
    if (earlier) return earlier
    const { state, head } = await log.fold(sessionFold, sessionId)
    const at = now()
    const command = { ...body, sessionId, actor, at: at.toISOString() } as Command
    const events = decide(state, command)
    if (SessionError.is(events)) throw events
    if (events.length === 0 && offsets.length === 0 && !idempotency) return events
    try {
      const key = idempotency && { ...toKey(idempotency), at: at.getTime(), expiresAt: at.getTime() + KEY_MS }
      const salt = command.type === "create" ? { salt: command.session.salt } : {}
      await log.append({
        events: events.map((event) => ({ stream: sessionId, event })),
        streams: [{ stream: sessionId, expectedSeq: head?.seq ?? 0, ...salt }],
        offsets,
        ...(key ? { key } : {}),
      })
      return events
    } catch (error) {
      // Somebody was faster: with another command of this session, or with the same wish.
      if (isCode(error, "version-conflict") || isCode(error, "key-used")) return this.#append(sessionId, body, options)
      throw error
    }
  }
}

function isAdded(emergency: EmergencyFile, entry: EmergencyEntry) {
  try {
    emergency.add(entry)
    return true
  } catch {
    // Then there is no place at all, and the log's own refusal is the answer.
    return false
  }
}

type EmergencyBody = Extract<CommandBody, { readonly type: "kill" | "vote" }>

// Named, so that it means the same later; nothing where nothing would have happened.
function toEmergencyCommand(body: EmergencyBody, events: readonly SessionEvent[]): EmergencyCommand | undefined {
  if (body.type === "kill") return events.length === 0 ? undefined : body
  const resolved = events.find((event) => event.type === "approval.resolved")
  const { type, voter, reason } = body
  return resolved && { type, voter, reason, choice: "reject", approvalId: resolved.data.approvalId }
}

/** Resolves with the time or the signal. */
function pause(milliseconds: number, signal: AbortSignal) {
  return new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener("abort", done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    signal.addEventListener("abort", done)
  })
}

function toKey({ key, fingerprint }: Idempotency) {
  return { name: key, fingerprint }
}

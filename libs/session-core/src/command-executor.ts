import type { Offset } from "@aegis/event-log"
import type { AegisParts } from "./aegis-parts.ts"
import type { Command } from "./command.ts"
import { decide } from "./decide.ts"
import type { Actor, SessionEvent } from "./events.ts"
import { SessionError } from "./session-error.ts"
import { sessionFold } from "./session-models.ts"

type WithoutEnvelope<C> = C extends unknown ? Omit<C, "sessionId" | "at" | "actor"> : never
/** A command less what the executor adds. */
export type CommandBody = WithoutEnvelope<Command>

export interface ExecuteOptions {
  readonly actor: Actor
  /** Become durable in the same transaction as the events. */
  readonly offsets?: readonly Offset[]
}

/** Decides on the present state and appends what follows; decides anew when the session has moved on meanwhile. */
export class CommandExecutor {
  readonly #parts: Pick<AegisParts, "log" | "now">
  /** One command at a time per session, so that a busy agent cannot make a person's command lose every race. */
  readonly #lines = new Map<string, Promise<unknown>>()

  constructor(parts: Pick<AegisParts, "log" | "now">) {
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

  async #decideAndAppend(
    sessionId: string,
    body: CommandBody,
    { actor, offsets = [] }: ExecuteOptions,
  ): Promise<readonly SessionEvent[]> {
    const { log, now } = this.#parts
    const { state, head } = await log.fold(sessionFold, sessionId)
    const command = { ...body, sessionId, actor, at: now().toISOString() } as Command
    const events = decide(state, command)
    if (SessionError.is(events)) throw events
    if (events.length === 0 && offsets.length === 0) return events
    try {
      const salt = command.type === "create" ? { salt: command.session.salt } : {}
      await log.append({
        events: events.map((event) => ({ stream: sessionId, event })),
        streams: [{ stream: sessionId, expectedSeq: head?.seq ?? 0, ...salt }],
        offsets,
      })
      return events
    } catch (error) {
      if (isVersionConflict(error)) return this.#decideAndAppend(sessionId, body, { actor, offsets })
      throw error
    }
  }
}

// The log is a type here, so its error is known by its code.
function isVersionConflict(error: unknown) {
  return error instanceof Error && "code" in error && error.code === "version-conflict"
}

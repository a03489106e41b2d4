import type { EndedSession, KillQuery } from "./aegis.ts"
import type { AegisParts } from "./aegis-parts.ts"
import type { Caller } from "./caller.ts"
import type { CommandExecutor } from "./command-executor.ts"
import { KEPT } from "./emergency.ts"
import { OBSERVED_AGENT, type SessionStatus, SessionStatusSchema } from "./events.ts"
import { withoutUndefined } from "./evolve.ts"
import { isLogRefusal } from "./log-refusal.ts"
import { refuseObserved } from "./refuse-observed.ts"
import type { Runner } from "./runner.ts"
import type { Session } from "./session.ts"
import { sessionsTable } from "./session-models.ts"
import { stateOf } from "./state-of.ts"

export interface SessionEnderOptions {
  readonly executor: CommandExecutor
  readonly runner: Pick<Runner, "endNow">
  /** A session as it is shown. */
  readonly look: (sessionId: string) => Promise<Session>
}

/** Ends sessions for good: also when the log cannot be written. */
export class SessionEnder {
  readonly #parts: Pick<AegisParts, "log">
  readonly #executor: CommandExecutor
  readonly #runner: Pick<Runner, "endNow">
  readonly #look: SessionEnderOptions["look"]

  constructor(parts: Pick<AegisParts, "log">, { executor, runner, look }: SessionEnderOptions) {
    this.#parts = parts
    this.#executor = executor
    this.#runner = runner
    this.#look = look
  }

  async kill({ actor, idempotency }: Caller, sessionId: string, reason = "Killed."): Promise<Session> {
    const command = { type: "kill", reason } as const
    const { isKept } = await this.#executor.executeOrKeep(sessionId, command, { actor, idempotency })
    if (isKept) await this.#runner.endNow(sessionId)
    return { ...(await this.#look(sessionId)), ...(isKept ? KEPT : {}) }
  }

  /** In one append, or one by one where the log refuses it. */
  async killAll(caller: Caller, sessionIds: readonly string[]): Promise<readonly EndedSession[]> {
    const refusals = new Map<string, ReturnType<typeof refuseObserved>>()
    for (const id of sessionIds) refusals.set(id, refuseObserved(await stateOf(this.#parts, id)))
    const driven = sessionIds.filter((id) => refusals.get(id) === undefined)
    const isLogged = await this.#killTogether(caller, driven)
    const ended: EndedSession[] = []
    for (const id of sessionIds) {
      const problem = refusals.get(id)
      if (problem) ended.push({ id, problem })
      else ended.push(await this.#shown(id, () => (isLogged ? this.#look(id) : this.kill(withoutKey(caller), id))))
    }
    return ended
  }

  /** The newest of those that match; asked for again, those that it was then. */
  async killMatching(caller: Caller, { limit, ...query }: KillQuery) {
    const earlier = caller.idempotency && (await this.#executor.earlier(caller.idempotency))
    const killed = earlier?.flatMap(({ type, sessionId }) => (type === "session.killed" ? [sessionId] : []))
    const ids = killed ?? (await this.#matching(query)).slice(0, limit)
    const ended = await this.killAll(caller, ids)
    // What is kept beside the log still looks alive in it.
    return { ended, hasMore: (await this.#matching(query)).some((id) => !ids.includes(id)) }
  }

  async #killTogether({ actor, idempotency }: Caller, sessionIds: readonly string[]) {
    try {
      const commands = sessionIds.map((sessionId) => ({ type: "kill", reason: "Killed.", sessionId }) as const)
      await this.#executor.executeTogether(commands, { actor, idempotency })
      return true
    } catch (error) {
      if (!isLogRefusal(error)) throw error
      return false
    }
  }

  async #shown(id: string, look: () => Promise<Session>): Promise<EndedSession> {
    try {
      return { id, session: await look() }
    } catch (problem) {
      // The others are ended all the same.
      return { id, problem }
    }
  }

  // Those that are only observed nobody can end.
  async #matching({ status, ...query }: Omit<KillQuery, "limit">) {
    const where = { ...withoutUndefined(query), status: { in: status === undefined ? endable : [status] } }
    const rows = await this.#parts.log.rows(sessionsTable, { where, order: [["createdSeq", "desc"]] })
    return rows.filter(({ agent }) => agent !== OBSERVED_AGENT).map(({ sessionId }) => sessionId)
  }
}

/** All but what has ended for good. */
const endable: readonly SessionStatus[] = SessionStatusSchema.exclude(["killed", "completed"]).options

// It stands for all of them.
function withoutKey({ idempotency: _idempotency, ...caller }: Caller): Caller {
  return caller
}

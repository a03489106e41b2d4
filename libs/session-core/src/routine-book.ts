import type { AegisParts } from "./aegis-parts.ts"
import type { Caller } from "./caller.ts"
import type { CommandExecutor, SessionCommand } from "./command-executor.ts"
import { RoutineSteps } from "./decide-routine.ts"
import { dueTimes } from "./due-times.ts"
import { type RoutineFields, routineStream, type SystemEvent } from "./events.ts"
import { withoutUndefined } from "./evolve.ts"
import type { Routine, RoutineItem, RoutineRun, RunStatus } from "./routine.ts"
import { type RunRow, routineRunsTable, routinesTable } from "./routine-rows.ts"
import { isRoutineEvent, type RoutineState } from "./routine-state.ts"
import { type RunStarter, wishOf } from "./run-starter.ts"
import { SessionError } from "./session-error.ts"
import { routineFold } from "./session-models.ts"

export interface RoutinePageQuery {
  readonly tenantId: string
  readonly userId?: string | undefined
  /** `next` of the page before. */
  readonly after?: number | undefined
  readonly limit: number
}

export interface RunPageQuery extends Pick<RoutinePageQuery, "after" | "limit"> {
  readonly status?: RunStatus | undefined
}

export interface RoutineUpdate {
  /** All that it is from now on. */
  readonly routine: RoutineFields
  /** The version that was read; absent: whichever there is. */
  readonly ifVersion?: number | undefined
}

export interface RoutineBookParts {
  readonly executor: CommandExecutor
  /** What a session for it would come to. Rejects where there can be none. */
  readonly maker: { check(wish: RoutineFields): Promise<{ readonly workDir: string }> }
  readonly starter: RunStarter
}

/** How many a tenant may have. */
const MOST_ROUTINES = 1000

/** Routines, as the log has them. Who may see and change which is decided at the door. */
export class RoutineBook {
  readonly #parts: AegisParts
  readonly #executor: CommandExecutor
  readonly #maker: RoutineBookParts["maker"]
  readonly #starter: RunStarter

  constructor(parts: AegisParts, { executor, maker, starter }: RoutineBookParts) {
    this.#parts = parts
    this.#executor = executor
    this.#maker = maker
    this.#starter = starter
  }

  /** Rejects with `cron-invalid`, `time-zone-unknown`, `too-many-routines`, and with what refuses a session as it wants it. */
  async create({ actor, owner, idempotency }: Caller, wish: RoutineFields): Promise<Routine> {
    const routine = await this.#checked(wish)
    await this.#checkRoom(owner.tenantId)
    const [routineId, salt] = [this.#parts.newId(), this.#parts.newSalt()]
    const since = this.#parts.now().toISOString()
    const data = { routineId, ...owner, salt, version: 1, routine, since, ...keyOf(actor) }
    const look = async () => ({ changes: [{ type: "routine.created", data } as const], salt })
    const events = await this.#executor.executeRoutine(routineId, look, { actor, idempotency })
    return this.get(events.find(isRoutineEvent)?.data.routineId ?? routineId)
  }

  /** Rejects with `routine-not-found`. */
  async get(routineId: string): Promise<Routine> {
    const item = await this.#itemOf(await this.#stateOf(routineId))
    return { ...(await wishOf(this.#parts.log, routineId)), ...item }
  }

  /** Whose it is, or was; undefined: there never was one. */
  async find(routineId: string) {
    return (await this.#fold(routineId))?.owner
  }

  /** Newest first. `next`: where there is more. */
  async list({ tenantId, userId, after, limit }: RoutinePageQuery) {
    const before = after === undefined ? {} : { createdSeq: { lt: after } }
    const where = { tenantId, ...withoutUndefined({ userId }), status: { in: ["enabled", "paused"] }, ...before }
    const order = [["createdSeq", "desc"]] as const
    const rows = await this.#parts.log.rows(routinesTable, { where, order, limit: limit + 1 })
    const page = rows.slice(0, limit)
    const items: RoutineItem[] = []
    for (const { routineId } of page) {
      // One may be deleted this moment.
      const state = await this.#fold(routineId)
      if (state && !state.isDeleted) items.push(await this.#itemOf(state))
    }
    return { items, next: rows.length > limit ? page.at(-1)?.createdSeq : undefined }
  }

  /** Rejects with `routine-not-found`, `version-mismatch`, and as `create`. */
  async update({ actor, idempotency }: Caller, routineId: string, { routine, ifVersion }: RoutineUpdate) {
    const checked = await this.#checked(routine)
    const look = async (state: RoutineState | undefined) => {
      const steps = this.#stepsUpToNow(present(state, { routineId, ifVersion }))
      steps.update({ routine: checked, ...keyOf(actor) })
      return { changes: steps.changes }
    }
    await this.#executor.executeRoutine(routineId, look, { actor, idempotency })
    return this.get(routineId)
  }

  /** Begins nothing more; runs that work go on. Rejects with `routine-not-found` and `version-mismatch`. */
  async delete(
    { actor, idempotency }: Caller,
    routineId: string,
    { ifVersion }: Pick<RoutineUpdate, "ifVersion"> = {},
  ) {
    const look = async (state: RoutineState | undefined) => {
      const steps = this.#stepsUpToNow(present(state, { routineId, ifVersion }))
      steps.delete()
      return { changes: steps.changes }
    }
    await this.#executor.executeRoutine(routineId, look, { actor, idempotency })
  }

  /**
   * Begins a run now, or, where the routine has it so, when the one that works has ended. Rejects with `routine-not-found`,
   * `routine-busy`, `all-stopped`, and with what refuses its session.
   */
  async run({ actor, idempotency }: Caller, routineId: string): Promise<RoutineRun> {
    const look = async (state: RoutineState | undefined) => {
      const steps = new RoutineSteps(present(state, { routineId }), this.#parts.now().toISOString())
      if (await this.#executor.stop()) throw new SessionError("all-stopped", "All work is stopped: nothing begins.")
      const run = steps.request(keyOf(actor).key)
      const next = steps.nextStart()
      const commands: readonly SessionCommand[] = next?.run === run ? await this.#starter.start(steps, next) : []
      return { changes: steps.changes, commands }
    }
    const events = await this.#executor.executeRoutine(routineId, look, { actor, idempotency })
    const run = events.flatMap((event: SystemEvent) => (event.type === "routine.run_due" ? [event.data.run] : []))
    const [row] = await this.#parts.log.rows(routineRunsTable, { where: { routineId, run: { in: run } } })
    if (!row) throw new Error(`A run of routine ${routineId} was begun and is not there.`)
    return toRun(row)
  }

  /** Newest first. `next`: where there is more. Rejects with `routine-not-found`. */
  async runs(routineId: string, { status, after, limit }: RunPageQuery) {
    await this.#stateOf(routineId)
    const before = after === undefined ? {} : { run: { lt: after } }
    const where = { routineId, ...withoutUndefined({ status }), ...before }
    const order = [["run", "desc"]] as const
    const rows = await this.#parts.log.rows(routineRunsTable, { where, order, limit: limit + 1 })
    const items = rows.slice(0, limit).map(toRun)
    return { items, next: rows.length > limit ? items.at(-1)?.run : undefined }
  }

  /** What may be wished for, its folder by its real path. */
  async #checked(wish: RoutineFields): Promise<RoutineFields> {
    const { calendar, now } = this.#parts
    const refusal = calendar.refuse(wish, now())
    if (refusal) throw new SessionError(refusal.code, refusal.message)
    const { workDir } = await this.#maker.check(wish)
    return { ...wish, workDir }
  }

  async #checkRoom(tenantId: string) {
    const where = { tenantId, status: { in: ["enabled", "paused"] } }
    const rows = await this.#parts.log.rows(routinesTable, { where, limit: MOST_ROUTINES })
    if (rows.length < MOST_ROUTINES) return
    throw new SessionError("too-many-routines", `There are ${MOST_ROUTINES} routines, and no more may be: delete some.`)
  }

  /** What has been due by the rule that was leaves its runs before there is another one. */
  #stepsUpToNow(state: RoutineState) {
    const { calendar, now } = this.#parts
    const at = now()
    const steps = new RoutineSteps(state, at.toISOString())
    if (state.enabled) steps.takeTimes(dueTimes(calendar, state, { after: new Date(state.accountedUntil), until: at }))
    return steps
  }

  async #itemOf(state: RoutineState): Promise<RoutineItem> {
    const { key: _key, accountedUntil, runs: _runs, open: _open, isDeleted: _isDeleted, ...item } = state
    const { calendar, log } = this.#parts
    const next = state.enabled ? calendar.next(state, new Date(accountedUntil)) : undefined
    const where = { routineId: state.routineId }
    const [last] = await log.rows(routineRunsTable, { where, order: [["run", "desc"]], limit: 1 })
    return { ...item, ...(next ? { nextRunAt: next.toISOString() } : {}), ...(last ? { lastRun: toRun(last) } : {}) }
  }

  async #stateOf(routineId: string) {
    return present(await this.#fold(routineId), { routineId })
  }

  async #fold(routineId: string) {
    return (await this.#parts.log.fold(routineFold, routineStream(routineId))).state
  }
}

function present(
  state: RoutineState | undefined,
  { routineId, ifVersion }: { readonly routineId: string; readonly ifVersion?: number | undefined },
) {
  if (!state || state.isDeleted) throw new SessionError("routine-not-found", `There is no routine ${routineId}.`)
  if (ifVersion === undefined || ifVersion === state.version) return state
  throw new SessionError(
    "version-mismatch",
    `The routine is at version ${state.version}, and not at ${ifVersion}: read it again, and decide anew.`,
  )
}

function keyOf({ kind, id }: Caller["actor"]) {
  return kind === "key" ? { key: id } : {}
}

// JSON columns hold what the projection put there: the event's own fields.
function toRun({ run, dueAt, cause, status, missed, error, ...row }: RunRow): RoutineRun {
  const { sessionId, startedAt, endedAt, reason } = row
  const known = { sessionId, startedAt, endedAt, reason, missed, error }
  const told = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== null))
  return { run, dueAt, cause, status, ...told } as RoutineRun
}

import type { AegisParts } from "./aegis-parts.ts"
import type { CommandExecutor, SessionCommand } from "./command-executor.ts"
import { RoutineSteps, type RunEnd } from "./decide-routine.ts"
import { dueTimes } from "./due-times.ts"
import { type AegisEvent, routineStream } from "./events.ts"
import { Lookout } from "./lookout.ts"
import { routinesTable } from "./routine-rows.ts"
import type { RoutineState } from "./routine-state.ts"
import { type RunStarter, routineActor } from "./run-starter.ts"
import { SessionError } from "./session-error.ts"
import { routineFold } from "./session-models.ts"
import { workEnd } from "./work-end.ts"
import type { WorkRunner } from "./work-follower.ts"

export interface RoutineRunnerParts {
  readonly executor: CommandExecutor
  readonly starter: RunStarter
}

/** Looks at routines when a time of theirs has come or a run of theirs has moved, and begins what is to be begun. */
export class RoutineRunner implements WorkRunner {
  readonly #parts: AegisParts
  readonly #executor: CommandExecutor
  readonly #starter: RunStarter
  readonly #lookout: Lookout
  /** What takes back the alarm for a routine's next time. */
  readonly #alarms = new Map<string, () => void>()

  constructor(parts: AegisParts, { executor, starter }: RoutineRunnerParts) {
    this.#parts = parts
    this.#executor = executor
    this.#starter = starter
    const retryMs = parts.settings.fullDiskRetryMs
    this.#lookout = new Lookout((routineId) => this.#advance(routineId), { retryMs })
  }

  async start() {
    const { log } = this.#parts
    const enabled = await log.rows(routinesTable, { where: { status: "enabled" } })
    const busy = await log.rows(routinesTable, { where: { openRuns: { gt: 0 } } })
    for (const { routineId } of [...enabled, ...busy]) this.#lookout.poke(routineId)
  }

  async take(event: AegisEvent) {
    if (event.type === "system.resumed") return this.start()
    const routineId = routineOf(event) ?? this.#starter.routineOf(event.sessionId ?? "")
    if (routineId !== undefined) this.#lookout.poke(routineId)
  }

  async close() {
    await this.#lookout.close()
    for (const takeBack of this.#alarms.values()) takeBack()
  }

  async #advance(routineId: string) {
    const look = async (state: RoutineState | undefined) => (state ? this.#step(state) : { changes: [] })
    try {
      const events = await this.#executor.executeRoutine(routineId, look, { actor: routineActor })
      for (const event of events) if (event.type === "routine.run_ended") this.#starter.forget(event.data.sessionId)
    } catch (error) {
      // At its next time it is looked again.
      await this.#setAlarm(routineId, this.#parts.now())
      throw error
    }
    await this.#setAlarm(routineId)
  }

  /** What has ended, what is due, and what is to be begun, in one. */
  async #step(state: RoutineState) {
    const { calendar, now } = this.#parts
    const at = now()
    const steps = new RoutineSteps(state, at.toISOString())
    const { ends, completed } = await this.#endsOf(state)
    steps.takeEnds(ends)
    // What cannot begin now is missed, unless that is over within its minute.
    if ((await this.#executor.stop()) !== undefined) return { changes: steps.changes, commands: completed }
    if (hasTimes(state))
      steps.takeTimes(dueTimes(calendar, state, { after: new Date(state.accountedUntil), until: at }))
    const begun = await this.#startAll(steps)
    return { changes: steps.changes, commands: [...completed, ...begun] }
  }

  async #endsOf({ routineId, open }: RoutineState) {
    const ends: RunEnd[] = []
    const completed: SessionCommand[] = []
    for (const { run, sessionId } of open) {
      if (sessionId === undefined) continue
      this.#starter.remember(sessionId, routineId)
      const end = await workEnd(this.#parts.log, sessionId)
      if (end) ends.push({ run, ...end })
      if (end?.status === "completed") completed.push({ type: "complete", reason: "Its run is done.", sessionId })
    }
    return { ends, completed }
  }

  async #startAll(steps: RoutineSteps) {
    const commands: SessionCommand[] = []
    for (let run = steps.nextStart(); run; run = steps.nextStart())
      try {
        commands.push(...(await this.#starter.start(steps, run)))
      } catch (error) {
        if (!SessionError.is(error)) throw error
        const { code, message } = error
        steps.takeEnds([{ run: run.run, status: "failed", error: { code, message } }])
      }
    return commands
  }

  async #setAlarm(routineId: string, after?: Date) {
    this.#alarms.get(routineId)?.()
    this.#alarms.delete(routineId)
    const { calendar, log, ringAt } = this.#parts
    const { state } = await log.fold(routineFold, routineStream(routineId))
    // The end of a stop pokes all.
    if (!state || !hasTimes(state) || (await this.#executor.stop()) !== undefined) return
    const next = calendar.next(state, after ?? new Date(state.accountedUntil))
    if (next)
      this.#alarms.set(
        routineId,
        ringAt(next, () => this.#lookout.poke(routineId)),
      )
  }
}

/** Whether its times are due when they come. */
function hasTimes({ enabled, isDeleted }: RoutineState) {
  return enabled && !isDeleted
}

function routineOf(event: AegisEvent) {
  return "routineId" in event.data ? event.data.routineId : undefined
}

import type { RoutineFields, SystemEvent, SystemEventData } from "./events.ts"
import type { RoutineChange } from "./system-change.ts"

/** A routine as its events give it, less its prompt, which stays in the log. Survives JSON. */
export interface RoutineState extends RoutineTerms {
  readonly routineId: string
  readonly owner: { readonly userId: string; readonly tenantId: string }
  readonly createdAt: string
  readonly updatedAt: string
  /** Counts what it has been. */
  readonly version: number
  /** The key that its runs are counted on. */
  readonly key?: string
  /** Every time up to this one has its run. */
  readonly accountedUntil: string
  /** How many runs there have been: the number of the last one. */
  readonly runs: number
  /** Those that work, or wait to begin; in their order. */
  readonly open: readonly OpenRun[]
  readonly isDeleted?: true
}

/** When it begins something. */
export type RoutineTerms = Pick<RoutineFields, "name" | "cron" | "timeZone" | "missedRun" | "overlap" | "enabled">

export interface OpenRun extends Pick<SystemEventData<"routine.run_due">, "run" | "dueAt" | "key"> {
  /** Absent: it waits to begin. */
  readonly sessionId?: string
}

export type RoutineEvent = Extract<SystemEvent, { readonly type: `routine.${string}` }>

export function isRoutineEvent<E extends { readonly type: string }>(event: E): event is E & RoutineEvent {
  return event.type.startsWith("routine.")
}

/** The one place where a routine's state changes. Pure. */
export function evolveRoutine(
  state: RoutineState | undefined,
  event: RoutineChange & Pick<RoutineEvent, "at">,
): RoutineState | undefined {
  if (event.type === "routine.created") return created(event)
  if (!state) return undefined
  switch (event.type) {
    case "routine.updated": {
      const { key: _key, ...before } = state
      return { ...before, ...wished(event.data), updatedAt: event.at }
    }
    case "routine.deleted":
      return { ...state, version: event.data.version, isDeleted: true }
    case "routine.run_due": {
      const { run, dueAt, cause, key } = event.data
      const open = [...state.open, { run, dueAt, ...(key === undefined ? {} : { key }) }]
      return { ...state, runs: run, open, ...(cause === "run" ? {} : { accountedUntil: dueAt }) }
    }
    case "routine.run_started": {
      const { run, sessionId } = event.data
      return { ...state, open: state.open.map((each) => (each.run === run ? { ...each, sessionId } : each)) }
    }
    case "routine.run_ended":
      return { ...state, open: state.open.filter(({ run }) => run !== event.data.run) }
  }
}

function created({ at, data }: RoutineChange & { readonly type: "routine.created" } & Pick<RoutineEvent, "at">) {
  const { routineId, tenantId, userId } = data
  const times = { createdAt: at, updatedAt: at }
  return { routineId, owner: { tenantId, userId }, ...times, ...wished(data), runs: 0, open: [] }
}

function wished({ routine, version, key, since }: SystemEventData<"routine.updated">) {
  const { name, cron, timeZone, missedRun, overlap, enabled } = routine
  const terms = { name, cron, timeZone, missedRun, overlap, enabled }
  return { ...terms, version, accountedUntil: since, ...(key === undefined ? {} : { key }) }
}

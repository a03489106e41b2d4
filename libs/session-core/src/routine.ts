import type { RoutineFields } from "./events.ts"
import type { RunRow } from "./routine-rows.ts"
import type { RoutineState } from "./routine-state.ts"

/** A routine in a list. */
export interface RoutineItem extends Omit<RoutineState, "key" | "accountedUntil" | "runs" | "open" | "isDeleted"> {
  /** Absent: it is paused. */
  readonly nextRunAt?: string
  readonly lastRun?: RoutineRun
}

/** A routine with what it begins. */
export interface Routine extends RoutineItem, RoutineFields {}

/** A run, or why there was none. */
export interface RoutineRun extends Pick<RunRow, "run" | "dueAt"> {
  readonly cause: "clock" | "missed" | "run"
  /** `waiting`: for an earlier one, or for the end of a stop of all work. */
  readonly status: RunStatus
  /** Of `missed`: the first of the times that it is for, and how many they are, counted up to 100; absent: one. */
  readonly missed?: { readonly from: string; readonly count: number }
  readonly sessionId?: string
  readonly startedAt?: string
  readonly endedAt?: string
  /** Why it never began, where the routine wants it so. */
  readonly reason?: string
  /** Why it has failed. */
  readonly error?: { readonly code: string; readonly message: string }
}

export type RunStatus = "waiting" | "running" | "completed" | "failed" | "skipped" | "cancelled"

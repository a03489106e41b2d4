import type { Row, RowOperation, Table } from "@aegis/event-log"
import type { RoutineEvent } from "./routine-state.ts"

/** A row a routine: what lists filter and sort by. */
export const routinesTable = {
  name: "routines",
  columns: {
    routineId: "text",
    tenantId: "text",
    userId: "text",
    createdSeq: "integer",
    /** `enabled`, `paused`, `deleted`. */
    status: "text",
    /** Runs that work, or wait to begin. */
    openRuns: "integer",
  },
  key: ["routineId"],
  indexes: [["tenantId", "createdSeq"], ["status"], ["openRuns"]],
} as const satisfies Table

/** A row a run, with those that never began. */
export const routineRunsTable = {
  name: "routineRuns",
  columns: {
    routineId: "text",
    run: "integer",
    dueAt: "text",
    cause: "text",
    /** Of `missed`: the first of the times that it is for, and how many they are; null where it is for one. */
    missed: "json?",
    /** `waiting`, `running`, and how it has ended. */
    status: "text",
    sessionId: "text?",
    startedAt: "text?",
    endedAt: "text?",
    reason: "text?",
    error: "json?",
  },
  key: ["routineId", "run"],
  indexes: [["routineId", "status", "run"]],
} as const satisfies Table

export type RunRow = Row<typeof routineRunsTable>

export function routineOperations(event: RoutineEvent & { readonly seq: number }): RowOperation[] {
  const { routineId } = event.data
  const key = { routineId }
  switch (event.type) {
    case "routine.created":
      return [{ type: "put", table: routinesTable, row: createdRow(event) }]
    case "routine.updated":
      return [{ type: "patch", table: routinesTable, key, columns: { status: statusOf(event.data.routine) } }]
    case "routine.deleted":
      return [{ type: "patch", table: routinesTable, key, columns: { status: "deleted" } }]
    case "routine.run_due": {
      const { run, dueAt, cause, missed = null } = event.data
      const unknown = { sessionId: null, startedAt: null, endedAt: null, reason: null, error: null }
      const row = { routineId, run, dueAt, cause, missed, status: "waiting", ...unknown }
      return [{ type: "put", table: routineRunsTable, row }, openRuns(routineId, 1)]
    }
    case "routine.run_started": {
      const { run, sessionId } = event.data
      const columns = { status: "running", sessionId, startedAt: event.at }
      return [{ type: "patch", table: routineRunsTable, key: { routineId, run }, columns }]
    }
    case "routine.run_ended": {
      const { run, status, reason = null, error = null } = event.data
      const columns = { status, endedAt: event.at, reason, error }
      return [{ type: "patch", table: routineRunsTable, key: { routineId, run }, columns }, openRuns(routineId, -1)]
    }
  }
}

function createdRow({ seq, data }: RoutineEvent & { readonly type: "routine.created"; readonly seq: number }) {
  const { routineId, tenantId, userId, routine } = data
  return { routineId, tenantId, userId, createdSeq: seq, status: statusOf(routine), openRuns: 0 }
}

function statusOf({ enabled }: { readonly enabled: boolean }) {
  return enabled ? "enabled" : "paused"
}

function openRuns(routineId: string, by: number): RowOperation {
  return { type: "increment", table: routinesTable, key: { routineId }, by: { openRuns: by } }
}

import type { Row, RowOperation, Table } from "@aegis/event-log"
import type { AegisEvent, SystemEvent } from "./events.ts"

/** A row a key that is remembered. */
export const memoryTable = {
  name: "memory",
  columns: {
    tenantId: "text",
    /** Empty: all of the tenant's. */
    userId: "text",
    key: "text",
    value: "text",
    version: "integer",
    expiresAt: "text?",
    updatedAt: "text",
    updatedBy: "json",
  },
  key: ["tenantId", "userId", "key"],
  indexes: [["tenantId", "userId", "expiresAt"]],
} as const satisfies Table

export type MemoryRow = Row<typeof memoryTable>

export type MemoryEvent = Extract<SystemEvent, { readonly type: `memory.${string}` }>

export function isMemoryEvent(event: AegisEvent): event is MemoryEvent {
  return event.type === "memory.set" || event.type === "memory.deleted"
}

export function memoryOperation({ type, at, actor, data }: MemoryEvent): RowOperation {
  const { tenantId, userId = "", key } = data
  const name = { tenantId, userId, key }
  if (type === "memory.deleted") return { type: "delete", table: memoryTable, key: name }
  const { value, version, expiresAt = null } = data
  const row = { ...name, value, version, expiresAt, updatedAt: at, updatedBy: actor }
  return { type: "put", table: memoryTable, row }
}

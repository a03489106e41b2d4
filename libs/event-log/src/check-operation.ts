import { EventLogError } from "./event-log-error.ts"
import type { ColumnType, RowOperation, Table } from "./table.ts"

/**
 * Refuses what an engine would refuse, before it does: so one wrong row costs its own append and no other. A text that
 * was cut in the middle of a character has U+FFFD there, as every encoder of UTF-8 would have it.
 */
export function checkedOperation(operation: RowOperation): RowOperation {
  const { table } = operation
  if (operation.type === "put") {
    for (const column of Object.keys(table.columns)) checkValue(table, column, operation.row[column] ?? null)
    return { ...operation, row: wellFormed(operation.row) }
  }
  for (const column of table.key) checkValue(table, column, operation.key[column] ?? null)
  if (operation.type === "increment") checkChanges(table, operation.by)
  const key = wellFormed(operation.key)
  if (operation.type !== "patch") return { ...operation, key }
  checkChanges(table, operation.columns)
  return { ...operation, key, columns: wellFormed(operation.columns) }
}

function wellFormed(values: Readonly<Record<string, unknown>>) {
  if (Object.values(values).every((value) => typeof value !== "string" || value.isWellFormed())) return values
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === "string" ? value.toWellFormed() : value]),
  )
}

function checkChanges(table: Table, changes: Readonly<Record<string, unknown>>) {
  const columns = Object.keys(changes)
  if (columns.length === 0) throw invalid(`A change of a row of ${table.name} names no column.`)
  for (const column of columns) {
    if (table.key.includes(column)) throw invalid(`${table.name}.${column} is part of the key and cannot be changed.`)
    checkValue(table, column, changes[column] ?? null)
  }
}

function checkValue(table: Table, column: string, value: unknown) {
  const type = table.columns[column]
  if (type === undefined) throw invalid(`Table ${table.name} has no column ${column}.`)
  if (!fits(value, type)) throw invalid(`${table.name}.${column} is ${type}, and ${JSON.stringify(value)} is not.`)
}

function fits(value: unknown, type: ColumnType) {
  if (value === null && type.endsWith("?")) return true
  switch (type) {
    case "text":
    case "text?":
      return typeof value === "string"
    case "integer":
    case "integer?":
      return Number.isSafeInteger(value)
    case "boolean":
    case "boolean?":
      return typeof value === "boolean"
    case "json":
    case "json?":
      return true
  }
}

function invalid(message: string) {
  return new EventLogError("model-invalid", message)
}

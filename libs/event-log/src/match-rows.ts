import type { ColumnType, Row, RowOperation, RowQuery, Table } from "./table.ts"

type Values = Readonly<Record<string, unknown>>

/** The meaning of a query, in memory. The SQL in row-statements.ts says the same; the conformance suite compares them. */
export function selectRows<T extends Table>(rows: Iterable<Row<T>>, table: T, query: RowQuery<T>): readonly Row<T>[] {
  const found = [...rows].filter((row) => matches(row, query.where ?? {}))
  const order = [...(query.order ?? []), ...table.key.map((column) => [column, "asc"] as const)]
  found.sort((left, right) => compareRows(left, right, order))
  return found.slice(0, query.limit)
}

/** Applies an operation to rows kept under `keyOf`. */
export function applyToRows(rows: Map<string, Values>, operation: RowOperation) {
  if (operation.type === "put") {
    rows.set(keyOf(operation.table, operation.row), complete(operation.table, operation.row))
    return
  }
  const key = keyOf(operation.table, operation.key)
  const row = rows.get(key)
  if (row === undefined) return
  if (operation.type === "delete") rows.delete(key)
  else if (operation.type === "patch") rows.set(key, complete(operation.table, { ...row, ...operation.columns }))
  else rows.set(key, { ...row, ...sums(row, operation.by) })
}

/** By code point, as UTF-8 bytes compare; JavaScript's own comparison goes by UTF-16 units. */
function compareText(left: string, right: string) {
  return Buffer.compare(Buffer.from(left), Buffer.from(right))
}

function keyOf(table: Table, row: Values) {
  return JSON.stringify(table.key.map((column) => row[column]))
}

function complete({ columns }: Table, row: Values) {
  return Object.fromEntries(
    Object.entries(columns).map(([column, type]) => [column, toKept(row[column] ?? null, type)]),
  )
}

// A copy, so that nobody changes a kept value afterwards.
function toKept(value: unknown, type: ColumnType): unknown {
  return type.startsWith("json") ? JSON.parse(JSON.stringify(value)) : value
}

function sums(row: Values, by: Readonly<Record<string, number>>) {
  return Object.fromEntries(Object.entries(by).map(([column, amount]) => [column, Number(row[column] ?? 0) + amount]))
}

function matches(row: Values, where: Values) {
  return Object.entries(where).every(([column, condition]) => condition === undefined || holds(row[column], condition))
}

function holds(value: unknown, condition: unknown): boolean {
  if (typeof condition !== "object" || condition === null) return value === condition
  if ("in" in condition) return (condition.in as readonly unknown[]).includes(value)
  if ("prefix" in condition) return typeof value === "string" && value.startsWith(String(condition.prefix))
  return Object.entries(condition).every(
    ([operator, bound]) => bound === undefined || isInRange(value, operator, bound),
  )
}

function isInRange(value: unknown, operator: string, bound: unknown) {
  if (value === null || bound === null) return false
  const order = compareValues(value, bound)
  if (operator === "gt") return order > 0
  if (operator === "gte") return order >= 0
  return operator === "lt" ? order < 0 : order <= 0
}

function compareRows(left: Values, right: Values, order: readonly (readonly [string, "asc" | "desc"])[]) {
  for (const [column, direction] of order) {
    const sign = compareValues(left[column], right[column])
    if (sign !== 0) return direction === "asc" ? sign : -sign
  }
  return 0
}

function compareValues(left: unknown, right: unknown): number {
  if (left === null || right === null) return Number(left !== null) - Number(right !== null)
  if (typeof left === "string" && typeof right === "string") return compareText(left, right)
  return Number(left) - Number(right)
}

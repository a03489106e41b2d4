import type { ColumnType, Row, RowOperation, RowQuery, Table } from "./table.ts"

/** One SQL text and the parameters of each time it is run. */
export interface Statement {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

type Values = Readonly<Record<string, unknown>>

export function createStatements(table: Table): Statement[] {
  const columns = Object.entries(table.columns).map(
    ([name, type]) => `${quoted(name)} ${sqlTypes[baseOf(type)]}${type.endsWith("?") ? "" : " NOT NULL"}`,
  )
  const create = `CREATE TABLE ${nameOf(table)} (${columns.join(", ")}, PRIMARY KEY (${listed(table.key)})) STRICT, WITHOUT ROWID`
  const indexes = (table.indexes ?? []).map(
    (index) =>
      `CREATE INDEX ${quoted(`rm_${table.name}_by_${index.join("_")}`)} ON ${nameOf(table)} (${listed(index)})`,
  )
  return [create, ...indexes].map((sql) => ({ sql, parameters: [] }))
}

export function dropStatement(tableName: string): Statement {
  return { sql: `DROP TABLE IF EXISTS ${nameOf({ name: tableName })}`, parameters: [] }
}

export function operationStatement(operation: RowOperation): Statement {
  const { table } = operation
  if (operation.type === "put") {
    const columns = Object.keys(table.columns)
    const sql = `INSERT OR REPLACE INTO ${nameOf(table)} (${listed(columns)}) VALUES (${columns.map(() => "?").join(", ")})`
    return { sql, parameters: parametersOf(table, columns, operation.row) }
  }
  const where = `WHERE ${table.key.map((column) => `${quoted(column)} = ?`).join(" AND ")}`
  const key = parametersOf(table, table.key, operation.key)
  if (operation.type === "delete") return { sql: `DELETE FROM ${nameOf(table)} ${where}`, parameters: key }
  const changes = operation.type === "patch" ? operation.columns : operation.by
  const columns = Object.keys(changes)
  const assignments = columns.map((column) =>
    operation.type === "patch" ? `${quoted(column)} = ?` : `${quoted(column)} = COALESCE(${quoted(column)}, 0) + ?`,
  )
  return {
    sql: `UPDATE ${nameOf(table)} SET ${assignments.join(", ")} ${where}`,
    parameters: [...parametersOf(table, columns, changes), ...key],
  }
}

export function queryStatement<T extends Table>(table: T, { where = {}, order = [], limit }: RowQuery<T>): Statement {
  const conditions = Object.entries(where).flatMap(([column, condition]) =>
    condition === undefined ? [] : conditionsOf(column, condition),
  )
  const filter = conditions.length > 0 ? ` WHERE ${conditions.map(({ sql }) => sql).join(" AND ")}` : ""
  const by = [...order, ...table.key.map((column) => [column, "asc"] as const)]
  const sorting = by.map(
    ([column, direction]) => `${quoted(column)} ${direction === "asc" ? "ASC NULLS FIRST" : "DESC NULLS LAST"}`,
  )
  return {
    sql: `SELECT ${listed(Object.keys(table.columns))} FROM ${nameOf(table)}${filter} ORDER BY ${sorting.join(", ")}${limit === undefined ? "" : " LIMIT ?"}`,
    parameters: [...conditions.flatMap(({ parameters }) => parameters), ...(limit === undefined ? [] : [limit])],
  }
}

export function toRow<T extends Table>(table: T, values: Values): Row<T> {
  return Object.fromEntries(
    Object.entries(table.columns).map(([column, type]) => [column, fromSql(values[column], type)]),
  ) as Row<T>
}

/** The smallest text that is greater than all that begin with `prefix`, or undefined when there is none. */
function prefixEnd(prefix: string): string | undefined {
  const points = [...prefix].map((character) => character.codePointAt(0) ?? 0)
  while (points.length > 0) {
    const last = points.pop() ?? 0
    // The code points between these two are surrogates, which no text holds.
    if (last < 0x10ffff) return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1)
  }
  return undefined
}

const sqlTypes = { text: "TEXT", integer: "INTEGER", boolean: "INTEGER", json: "TEXT" } as const
const rangeOperators: Readonly<Record<string, string>> = { gt: ">", gte: ">=", lt: "<", lte: "<=" }

function nameOf({ name }: Pick<Table, "name">) {
  return quoted(`rm_${name}`)
}

// Quoted, so that every engine keeps the case of a name; declarations allow no quote inside one.
function quoted(name: string) {
  return `"${name}"`
}

function listed(columns: readonly string[]) {
  return columns.map(quoted).join(", ")
}

function baseOf(type: ColumnType) {
  return type.replace("?", "") as keyof typeof sqlTypes
}

function parametersOf(table: Table, columns: readonly string[], values: Values) {
  return columns.map((column) => toSql(values[column] ?? null, table.columns[column]))
}

function toSql(value: unknown, type?: ColumnType) {
  if (type !== undefined && baseOf(type) === "json") return JSON.stringify(value)
  return typeof value === "boolean" ? Number(value) : value
}

function fromSql(value: unknown, type: ColumnType): unknown {
  if (value === null) return null
  if (baseOf(type) === "json") return JSON.parse(String(value))
  return baseOf(type) === "boolean" ? value === 1 : value
}

function conditionsOf(column: string, condition: unknown): Statement[] {
  if (condition === null) return [{ sql: `${quoted(column)} IS NULL`, parameters: [] }]
  if (typeof condition !== "object") return [{ sql: `${quoted(column)} = ?`, parameters: [toSql(condition)] }]
  if ("in" in condition) return [inStatement(column, condition.in as readonly unknown[])]
  if ("prefix" in condition) return prefixStatements(column, String(condition.prefix))
  return Object.entries(condition).flatMap(([operator, bound]) =>
    bound === undefined ? [] : [{ sql: `${quoted(column)} ${rangeOperators[operator]} ?`, parameters: [toSql(bound)] }],
  )
}

function inStatement(column: string, values: readonly unknown[]): Statement {
  const orNull = values.includes(null) ? ` OR ${quoted(column)} IS NULL` : ""
  const present = values.filter((value) => value !== null).map((value) => toSql(value))
  return {
    sql: `(${quoted(column)} IN (SELECT value FROM json_each(?))${orNull})`,
    parameters: [JSON.stringify(present)],
  }
}

function prefixStatements(column: string, prefix: string): Statement[] {
  const end = prefixEnd(prefix)
  return [
    { sql: `${quoted(column)} >= ?`, parameters: [prefix] },
    ...(end === undefined ? [] : [{ sql: `${quoted(column)} < ?`, parameters: [end] }]),
  ]
}

import type { BaseType, Dialect } from "./dialect.ts"
import type { Statement } from "./statement.ts"
import type { ColumnType, Row, RowOperation, RowQuery, Table } from "./table.ts"

type Values = Readonly<Record<string, unknown>>

export function createStatements(dialect: Dialect, table: Table): Statement[] {
  const columns = Object.entries(table.columns).map(
    ([name, type]) => `${quoted(name)} ${dialect.types[baseOf(type)]}${isNullable(type) ? "" : " NOT NULL"}`,
  )
  const create = `CREATE TABLE ${nameOf(table)} (${columns.join(", ")}, PRIMARY KEY (${listed(table.key)}))${dialect.tableOptions}`
  const indexes = (table.indexes ?? []).map((index) => indexStatement(dialect, table, index))
  return [create, ...indexes].map((sql) => ({ sql, parameters: [] }))
}

export function dropStatement(tableName: string): Statement {
  return { sql: `DROP TABLE IF EXISTS ${nameOf({ name: tableName })}`, parameters: [] }
}

export function operationStatement(dialect: Dialect, operation: RowOperation): Statement {
  const { table } = operation
  if (operation.type === "put") return putStatement(dialect, table, operation.row)
  const where = `WHERE ${table.key.map((column) => `${quoted(column)} = ?`).join(" AND ")}`
  const key = parametersOf(dialect, table, { columns: table.key, values: operation.key })
  if (operation.type === "delete") return { sql: `DELETE FROM ${nameOf(table)} ${where}`, parameters: key }
  const changes = operation.type === "patch" ? operation.columns : operation.by
  const columns = Object.keys(changes)
  const assignments = columns.map((column) =>
    operation.type === "patch" ? `${quoted(column)} = ?` : `${quoted(column)} = COALESCE(${quoted(column)}, 0) + ?`,
  )
  return {
    sql: `UPDATE ${nameOf(table)} SET ${assignments.join(", ")} ${where}`,
    parameters: [...parametersOf(dialect, table, { columns, values: changes }), ...key],
  }
}

export function queryStatement<T extends Table>(
  dialect: Dialect,
  table: T,
  { where = {}, order = [], limit }: RowQuery<T>,
): Statement {
  const conditions = Object.entries(where).flatMap(([column, condition]) =>
    condition === undefined ? [] : conditionsOf(dialect, quoted(column), condition),
  )
  const filter = conditions.length > 0 ? ` WHERE ${conditions.map(({ sql }) => sql).join(" AND ")}` : ""
  const by = [...order, ...table.key.map((column) => [column, "asc"] as const)]
  const sorting = by.map(([column, direction]) => `${quoted(column)} ${sortingOf(table.columns[column], direction)}`)
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

const rangeOperators: Readonly<Record<string, string>> = { gt: ">", gte: ">=", lt: "<", lte: "<=" }

function indexStatement(dialect: Dialect, table: Table, index: readonly string[]) {
  const columns = index.map(
    (column) => `${quoted(column)}${isNullable(table.columns[column]) ? dialect.nullsFirst : ""}`,
  )
  return `CREATE INDEX ${dialect.indexName(table.name, index)} ON ${nameOf(table)} (${columns.join(", ")})`
}

function putStatement(dialect: Dialect, table: Table, row: Values): Statement {
  const columns = Object.keys(table.columns)
  const others = columns.filter((column) => !table.key.includes(column))
  const changes = others.map((column) => `${quoted(column)} = excluded.${quoted(column)}`)
  const instead = others.length > 0 ? `UPDATE SET ${changes.join(", ")}` : "NOTHING"
  return {
    sql: `INSERT INTO ${nameOf(table)} (${listed(columns)}) VALUES (${columns.map(() => "?").join(", ")})
      ON CONFLICT (${listed(table.key)}) DO ${instead}`,
    parameters: parametersOf(dialect, table, { columns, values: row }),
  }
}

// Said only where it matters: an index serves an order that is its own to the letter.
function sortingOf(type: ColumnType | undefined, direction: "asc" | "desc") {
  if (!isNullable(type)) return direction === "asc" ? "ASC" : "DESC"
  return direction === "asc" ? "ASC NULLS FIRST" : "DESC NULLS LAST"
}

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

function isNullable(type: ColumnType | undefined) {
  return type?.endsWith("?") ?? false
}

function baseOf(type: ColumnType) {
  return type.replace("?", "") as BaseType
}

function parametersOf(
  dialect: Dialect,
  table: Table,
  { columns, values }: { readonly columns: readonly string[]; readonly values: Values },
) {
  return columns.map((column) => {
    const [value, type] = [values[column] ?? null, table.columns[column]]
    return type !== undefined && baseOf(type) === "json" ? JSON.stringify(value) : dialect.toParameter(value)
  })
}

function fromSql(value: unknown, type: ColumnType): unknown {
  if (value === null) return null
  if (baseOf(type) === "json") return JSON.parse(String(value))
  return baseOf(type) === "boolean" ? Boolean(value) : value
}

function conditionsOf(dialect: Dialect, column: string, condition: unknown): Statement[] {
  if (condition === null) return [{ sql: `${column} IS NULL`, parameters: [] }]
  if (typeof condition !== "object") return [{ sql: `${column} = ?`, parameters: [dialect.toParameter(condition)] }]
  if ("in" in condition) return [inStatement(dialect, column, condition.in as readonly unknown[])]
  if ("prefix" in condition) return prefixStatements(column, String(condition.prefix))
  return Object.entries(condition).flatMap(([operator, bound]) =>
    bound === undefined
      ? []
      : [{ sql: `${column} ${rangeOperators[operator]} ?`, parameters: [dialect.toParameter(bound)] }],
  )
}

function inStatement(dialect: Dialect, column: string, values: readonly unknown[]): Statement {
  const orNull = values.includes(null) ? ` OR ${column} IS NULL` : ""
  const present = values.filter((value) => value !== null).map((value) => dialect.toParameter(value))
  const { sql, parameters } = dialect.isOneOf(column, present)
  return { sql: `(${sql}${orNull})`, parameters }
}

function prefixStatements(column: string, prefix: string): Statement[] {
  const end = prefixEnd(prefix)
  return [
    { sql: `${column} >= ?`, parameters: [prefix] },
    ...(end === undefined ? [] : [{ sql: `${column} < ?`, parameters: [end] }]),
  ]
}

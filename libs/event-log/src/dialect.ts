import type { Statement } from "./statement.ts"
import type { ColumnType } from "./table.ts"

/** A column's type without its question mark. */
export type BaseType = Exclude<ColumnType, `${string}?`>

/** Where the SQL of the engines differs. In all of it `?` stands for the next parameter. */
export interface Dialect {
  readonly types: Readonly<Record<BaseType, string>>
  /** Behind the columns of a new table. */
  readonly tableOptions: string
  /** Behind a nullable column of an index, whose order is that of queries: `null` comes first. */
  readonly nullsFirst: string
  indexName(table: string, columns: readonly string[]): string
  toParameter(value: unknown): unknown
  /** The column, already quoted, has one of the values; none of them is `null`. */
  isOneOf(column: string, values: readonly unknown[]): Statement
}

export const sqliteDialect: Dialect = {
  types: { text: "TEXT", integer: "INTEGER", boolean: "INTEGER", json: "TEXT" },
  tableOptions: " STRICT, WITHOUT ROWID",
  nullsFirst: "",
  indexName: (table, columns) => `"rm_${table}_by_${columns.join("_")}"`,
  toParameter: (value) => (typeof value === "boolean" ? Number(value) : value),
  isOneOf: (column, values) => ({
    sql: `${column} IN (SELECT value FROM json_each(?))`,
    parameters: [JSON.stringify(values)],
  }),
}

/** Text compares by its bytes (`C`), as it does in SQLite: every other collation depends on the machine. */
export const postgresDialect: Dialect = {
  types: { text: 'TEXT COLLATE "C"', integer: "BIGINT", boolean: "BOOLEAN", json: "TEXT" },
  tableOptions: "",
  nullsFirst: " NULLS FIRST",
  // The server finds a name that is free: names of 63 bytes and more are cut, and would meet.
  indexName: () => "",
  toParameter: (value) => value,
  isOneOf: (column, values) => ({ sql: `${column} = ANY(?)`, parameters: [values] }),
}

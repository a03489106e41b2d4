/** Column types; a question mark allows `null`. `json` columns are kept, not filtered. */
export type ColumnType = "text" | "integer" | "boolean" | "json" | "text?" | "integer?" | "boolean?" | "json?"

/** A declared table of a read model. Text is compared by code point, on every engine. */
export interface Table<Columns extends Readonly<Record<string, ColumnType>> = Readonly<Record<string, ColumnType>>> {
  readonly name: string
  readonly columns: Columns
  readonly key: readonly string[]
  readonly indexes?: readonly (readonly string[])[]
}

interface ColumnValues {
  text: string
  integer: number
  boolean: boolean
  json: unknown
  "text?": string | null
  "integer?": number | null
  "boolean?": boolean | null
  "json?": unknown
}

export type Row<T extends Table> = { readonly [C in keyof T["columns"]]: ColumnValues[T["columns"][C]] }

/** A column's condition: a value (equal, `null` included), or one of the operators. A range never matches `null`. */
export type Condition<V> =
  | V
  | { readonly in: readonly V[] }
  | { readonly prefix: string }
  | { readonly gt?: V; readonly gte?: V; readonly lt?: V; readonly lte?: V }

export interface RowQuery<T extends Table> {
  readonly where?: { readonly [C in keyof T["columns"]]?: Condition<Row<T>[C]> }
  /** Ties are broken by the key, ascending. `null` is smaller than every value. */
  readonly order?: readonly (readonly [column: keyof T["columns"] & string, direction: "asc" | "desc"])[]
  readonly limit?: number
}

/** Declares a table; names are words of letters, digits and underscores. Its key and indexes name its own columns. */
export function defineTable<const Columns extends Readonly<Record<string, ColumnType>>>(
  table: Table<Columns> & {
    readonly key: readonly (keyof Columns)[]
    readonly indexes?: readonly (readonly (keyof Columns)[])[]
  },
): Table<Columns> {
  return table
}

export type RowOperation =
  | { readonly type: "put"; readonly table: Table; readonly row: Readonly<Record<string, unknown>> }
  | {
      readonly type: "patch"
      readonly table: Table
      readonly key: RowKey
      readonly columns: Readonly<Record<string, unknown>>
    }
  | {
      readonly type: "increment"
      readonly table: Table
      readonly key: RowKey
      readonly by: Readonly<Record<string, number>>
    }
  | { readonly type: "delete"; readonly table: Table; readonly key: RowKey }

export type RowKey = Readonly<Record<string, unknown>>

/** Writes the whole row, over an older one of the same key. */
export function put<T extends Table>(table: T, row: Row<T>): RowOperation {
  return { type: "put", table, row }
}

/** Changes some columns; does nothing where there is no such row. */
export function patch<T extends Table>(table: T, key: Partial<Row<T>>, columns: Partial<Row<T>>): RowOperation {
  return { type: "patch", table, key, columns }
}

/** Adds to integer columns (`null` counts as 0); does nothing where there is no such row. */
export function increment<T extends Table>(
  table: T,
  key: Partial<Row<T>>,
  by: Partial<Record<keyof T["columns"] & string, number>>,
): RowOperation {
  return { type: "increment", table, key, by: by as Readonly<Record<string, number>> }
}

export function remove<T extends Table>(table: T, key: Partial<Row<T>>): RowOperation {
  return { type: "delete", table, key }
}

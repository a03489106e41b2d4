import { EventLogError } from "./event-log-error.ts"
import type { LogEvent, Recorded } from "./log-event.ts"
import type { RowOperation, Table } from "./table.ts"

/**
 * What the log keeps beside its events, written in the same transaction as they are and by nothing else.
 * A changed `version` makes the log rebuild the model from its events when it is opened.
 */
export type ReadModel<E extends LogEvent> = Projection<E> | Fold<unknown, E>

/** Rows that follow from events, one event at a time. */
export interface Projection<E extends LogEvent> {
  readonly type: "projection"
  readonly name: string
  readonly version: number
  readonly tables: readonly Table[]
  /** Pure: no clock, no randomness, no reads. */
  project(entry: { readonly stream: string; readonly event: Recorded<E> }): readonly RowOperation[]
}

/** One state per stream: the fold of its events. The state must survive JSON; the same object means "unchanged". */
export interface Fold<S, E extends LogEvent> {
  readonly type: "fold"
  readonly name: string
  readonly version: number
  evolve(state: S | undefined, event: Recorded<E>): S | undefined
}

export function defineProjection<E extends LogEvent>(model: Omit<Projection<E>, "type">): Projection<E> {
  return { type: "projection", ...model }
}

export function defineFold<S, E extends LogEvent>(model: Omit<Fold<S, E>, "type">): Fold<S, E> {
  return { type: "fold", ...model }
}

/** Refuses declarations that an engine could not keep apart. */
export function checkModels(models: readonly ReadModel<never>[]) {
  refuseTwins(
    models.map((model) => model.name),
    "read model",
  )
  const tables = models.flatMap((model) => (model.type === "projection" ? model.tables : []))
  refuseTwins(
    tables.map((table) => table.name),
    "table",
  )
  for (const table of tables) checkTable(table)
  for (const model of models) checkName(model.name)
}

function checkTable(table: Table) {
  const columns = Object.keys(table.columns)
  for (const name of [table.name, ...columns]) checkName(name)
  refuseTwins(columns, `column of ${table.name}`)
  const used = [...table.key, ...(table.indexes ?? []).flat()]
  const unknown = used.find((column) => !columns.includes(column))
  if (unknown !== undefined) throw invalid(`Table ${table.name} has no column ${unknown}.`)
  if (table.key.length === 0) throw invalid(`Table ${table.name} needs a key.`)
  const nullable = table.key.find((column) => table.columns[column]?.endsWith("?"))
  if (nullable !== undefined)
    throw invalid(`Column ${nullable} is part of the key of ${table.name} and cannot be null.`)
}

function checkName(name: string) {
  if (!/^[a-z][a-zA-Z0-9_]{0,47}$/.test(name))
    throw invalid(`"${name}" is no name for a model, table or column (letters, digits, _; a small letter first).`)
}

function refuseTwins(names: readonly string[], noun: string) {
  const folded = names.map((name) => name.toLowerCase())
  const twin = folded.find((name, index) => folded.indexOf(name) !== index)
  if (twin !== undefined) throw invalid(`The ${noun} "${twin}" is declared twice.`)
}

function invalid(message: string) {
  return new EventLogError("model-invalid", message)
}

import { checkedOperation } from "./check-operation.ts"
import type { Dialect } from "./dialect.ts"
import { type StoredEvent, toEntry } from "./encode-event.ts"
import type { LogEntry } from "./event-log.ts"
import { foldStatement } from "./fold-statement.ts"
import type { LogEvent } from "./log-event.ts"
import type { ReadModel } from "./read-model.ts"
import { createStatements, dropStatement, operationStatement } from "./row-statements.ts"
import type { Statement } from "./statement.ts"
import type { PageOptions } from "./storage.ts"

/** A model as the database knows it. */
export interface StoredModel {
  readonly name: string
  /** Type, version and tables as text: any difference means that it has to be built anew. */
  readonly declaration: string
  readonly tables: readonly string[]
  readonly complete: boolean
}

/** Where the models are: nobody else writes there meanwhile. */
export interface ModelStore {
  readonly dialect: Dialect
  readonly stored: readonly StoredModel[]
  read(options: PageOptions): Promise<readonly StoredEvent[]>
  /** In this order, all or nothing. */
  apply(statements: readonly Statement[]): Promise<unknown>
}

/**
 * Makes the database's read models those that are declared: builds from the events what is new, changed or was cut off
 * in the middle, and drops what nobody declares any more (it would go stale unseen). Costs nothing when nothing changed;
 * says whether something did.
 */
export async function prepareModels<E extends LogEvent>(models: readonly ReadModel<E>[], store: ModelStore) {
  const { stored, dialect } = store
  const current = new Set(
    stored
      .filter(({ complete, declaration }) => complete && models.some((model) => declarationOf(model) === declaration))
      .map(({ name }) => name),
  )
  const outdated = stored.filter(({ name }) => !current.has(name))
  const missing = models.filter(({ name }) => !current.has(name))
  if (outdated.length === 0 && missing.length === 0) return false
  await store.apply([...outdated.flatMap(forget), ...missing.flatMap((model) => begin(dialect, model))])
  if (missing.length > 0) await replay(missing, store)
  return true
}

function declarationOf<E extends LogEvent>(model: ReadModel<E>) {
  return JSON.stringify([model.name, model.type, model.version, model.type === "projection" ? model.tables : []])
}

function forget({ name, tables }: StoredModel): Statement[] {
  return [
    ...tables.map(dropStatement),
    { sql: "DELETE FROM log_folds WHERE fold = ?", parameters: [name] },
    { sql: "DELETE FROM log_models WHERE name = ?", parameters: [name] },
  ]
}

function begin<E extends LogEvent>(dialect: Dialect, model: ReadModel<E>): Statement[] {
  const tables = model.type === "projection" ? model.tables : []
  const names = JSON.stringify(tables.map(({ name }) => name))
  return [
    ...tables.flatMap((table) => createStatements(dialect, table)),
    {
      sql: "INSERT INTO log_models (name, declaration, tables, complete) VALUES (?, ?, ?, 0)",
      parameters: [model.name, declarationOf(model), names],
    },
  ]
}

// In pages, so that a long history needs no long memory; a model is complete only at the end.
async function replay<E extends LogEvent>(models: readonly ReadModel<E>[], { read, apply, dialect }: ModelStore) {
  const replaying: Replaying<E> = { dialect, models, states: new Map(models.map(({ name }) => [name, new Map()])) }
  let page = await read({ after: 0, ...PAGE })
  while (page.length > 0) {
    await apply(page.flatMap((event) => follow(replaying, toEntry<E>(event))))
    page = await read({ after: page.at(-1)?.seq ?? 0, ...PAGE })
  }
  await apply(
    models.map(({ name }) => ({ sql: "UPDATE log_models SET complete = 1 WHERE name = ?", parameters: [name] })),
  )
}

const PAGE = { limit: 1000, direction: "forward" } as const

interface Replaying<E extends LogEvent> {
  readonly dialect: Dialect
  readonly models: readonly ReadModel<E>[]
  /** Of folds: by the model's name, then by stream. */
  readonly states: ReadonlyMap<string, Map<string, unknown>>
}

function follow<E extends LogEvent>({ dialect, models, states }: Replaying<E>, entry: LogEntry<E>): Statement[] {
  return models.flatMap((model) => {
    if (model.type === "projection")
      return model.project(entry).map((operation) => operationStatement(dialect, checkedOperation(operation)))
    const before = states.get(model.name)?.get(entry.stream)
    const state = model.evolve(before, entry.event)
    if (state === before) return []
    states.get(model.name)?.set(entry.stream, state)
    return [foldStatement({ fold: model.name, stream: entry.stream, state })]
  })
}

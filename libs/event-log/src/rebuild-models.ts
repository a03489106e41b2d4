import { toEntry } from "./encode-event.ts"
import type { LogEvent } from "./log-event.ts"
import type { ReadModel } from "./read-model.ts"
import { createStatements, dropStatement, operationStatement, type Statement } from "./row-statements.ts"
import { foldStatement, type SqliteStorage } from "./sqlite-storage.ts"
import type { WriterThread } from "./sqlite-writer-thread.ts"

/** A model as the file knows it. */
export interface StoredModel {
  readonly name: string
  /** Type, version and tables as text: any difference means that it has to be built anew. */
  readonly declaration: string
  readonly tables: readonly string[]
  readonly complete: boolean
}

export interface PrepareModelsOptions<E extends LogEvent> {
  readonly models: readonly ReadModel<E>[]
  readonly stored: readonly StoredModel[]
  readonly storage: SqliteStorage
  readonly writer: WriterThread
}

/**
 * Makes the file's read models those that are declared: builds from the events what is new, changed or was cut off in
 * the middle, and drops what nobody declares any more (it would go stale unseen). Costs nothing when nothing changed.
 */
export async function prepareModels<E extends LogEvent>({ models, stored, storage, writer }: PrepareModelsOptions<E>) {
  const current = new Set(
    stored
      .filter(({ complete, declaration }) => complete && models.some((model) => declarationOf(model) === declaration))
      .map(({ name }) => name),
  )
  const outdated = stored.filter(({ name }) => !current.has(name))
  const missing = models.filter(({ name }) => !current.has(name))
  if (outdated.length === 0 && missing.length === 0) return
  await writer.transaction([...outdated.flatMap(forget), ...missing.flatMap(begin)])
  if (missing.length > 0) await replay(missing, storage, writer)
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

function begin<E extends LogEvent>(model: ReadModel<E>): Statement[] {
  const tables = model.type === "projection" ? model.tables : []
  const names = JSON.stringify(tables.map(({ name }) => name))
  return [
    ...tables.flatMap(createStatements),
    {
      sql: "INSERT INTO log_models (name, declaration, tables, complete) VALUES (?, ?, ?, 0)",
      parameters: [model.name, declarationOf(model), names],
    },
  ]
}

// In pages, so that a long history needs no long memory; a model is complete only at the end.
async function replay<E extends LogEvent>(
  models: readonly ReadModel<E>[],
  storage: SqliteStorage,
  writer: WriterThread,
) {
  const states = new Map(models.map(({ name }) => [name, new Map<string, unknown>()]))
  let page = await storage.read({ after: 0, limit: 1000, direction: "forward" })
  while (page.length > 0) {
    await writer.transaction(
      page.flatMap((event) => models.flatMap((model) => follow(model, toEntry<E>(event), states))),
    )
    page = await storage.read({ after: page.at(-1)?.seq ?? 0, limit: 1000, direction: "forward" })
  }
  await writer.transaction(
    models.map(({ name }) => ({ sql: "UPDATE log_models SET complete = 1 WHERE name = ?", parameters: [name] })),
  )
}

function follow<E extends LogEvent>(
  model: ReadModel<E>,
  entry: ReturnType<typeof toEntry<E>>,
  states: ReadonlyMap<string, Map<string, unknown>>,
) {
  if (model.type === "projection") return model.project(entry).map(operationStatement)
  const before = states.get(model.name)?.get(entry.stream)
  const state = model.evolve(before, entry.event)
  if (state === before) return []
  states.get(model.name)?.set(entry.stream, state)
  return [foldStatement(model.name, entry.stream, state)]
}

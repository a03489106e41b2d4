import type { Statement } from "./statement.ts"
import type { StreamState } from "./storage.ts"

/**
 * Where streams stand and what is folded from them, as of one moment. By the names of the folds, which are the first part of
 * the key: by the stream alone all states would be gone through.
 */
export function streamsStatement(names: readonly string[]): Statement {
  return {
    sql: `SELECT s.name, s.seq, encode(s.hash, 'hex') AS hash, encode(s.salt, 'hex') AS salt, f.fold, f.state
      FROM log_streams s LEFT JOIN LATERAL (
        SELECT fold, state FROM log_models m JOIN log_folds ON fold = m.name WHERE stream = s.name
      ) f ON TRUE WHERE s.name = ANY(?)`,
    parameters: [names],
  }
}

/** A row of it: a stream, with one of its folds. */
export type StreamRow = {
  readonly name: string
  readonly seq: number
  readonly hash: string
  readonly salt: string
  readonly fold: string | null
  readonly state: string | null
}

/** All that were asked for, those that are not there included. */
export function toStreamStates(names: readonly string[], rows: readonly StreamRow[]) {
  const states = new Map<string, StreamState>(names.map((name) => [name, { head: undefined, folds: new Map() }]))
  for (const { name, seq, hash, salt, fold, state } of rows) {
    const folds = new Map(states.get(name)?.folds)
    if (fold !== null && state !== null) folds.set(fold, JSON.parse(state) as unknown)
    states.set(name, { head: { seq, hash, salt }, folds })
  }
  return states
}

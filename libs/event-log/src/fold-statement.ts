import type { Statement } from "./statement.ts"
import type { FoldWrite } from "./storage.ts"

/** Keeps a folded state, or forgets it where there is none any more. */
export function foldStatement({ fold, stream, state }: FoldWrite): Statement {
  if (state === undefined)
    return { sql: "DELETE FROM log_folds WHERE fold = ? AND stream = ?", parameters: [fold, stream] }
  return {
    sql: `INSERT INTO log_folds (fold, stream, state) VALUES (?, ?, ?)
      ON CONFLICT (fold, stream) DO UPDATE SET state = excluded.state`,
    parameters: [fold, stream, JSON.stringify(state)],
  }
}

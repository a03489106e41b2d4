import type { AegisParts } from "./aegis-parts.ts"
import { turnsTable } from "./metrics-rows.ts"
import { sessionFold } from "./session-models.ts"
import { isEnded, isOccupied } from "./session-state.ts"

/** How a session has ended what it was begun for. */
export interface WorkEnd {
  readonly status: "completed" | "failed"
  readonly error?: { readonly code: string; readonly message: string }
}

/** How it has, of a session that is begun for one prompt; undefined: it works, waits or is asked. */
export async function workEnd(log: AegisParts["log"], sessionId: string): Promise<WorkEnd | undefined> {
  const { state } = await log.fold(sessionFold, sessionId)
  if (!state) throw new Error(`Something was begun in a session ${sessionId} that is not there.`)
  if (!isEnded(state) && isOccupied(state)) return undefined
  const [turn] = await log.rows(turnsTable, { where: { sessionId }, order: [["seq", "desc"]], limit: 1 })
  if (!turn) return undefined
  if (turn.stopReason === "end_turn") return { status: "completed" }
  const [ended] = await log.read({ stream: sessionId, after: turn.seq - 1, limit: 1 })
  const problem = ended?.event.type === "turn.ended" ? ended.event.data.error : undefined
  const code = turn.stopReason ?? "unknown"
  return { status: "failed", error: problem ?? { code, message: `Its turn ended with ${code}.` } }
}

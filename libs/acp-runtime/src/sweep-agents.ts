import { endMarked } from "./process-marker.ts"

export interface SweepOptions {
  readonly hostId: string
  /** Runs that somebody still holds. */
  readonly except?: readonly string[]
}

/** Ends what agents of this host left behind, found by their marker; returns how many processes that were. */
export function sweepAgents({ hostId, except = [] }: SweepOptions): Promise<number> {
  const spared = new Set(except.map((runId) => `${hostId}:${runId}`))
  return endMarked({ isMarked: (marker) => marker.startsWith(`${hostId}:`) && !spared.has(marker) })
}

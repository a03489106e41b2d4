import { endMarked } from "./process-marker.ts"

/** Ends what agents of this host left behind, found by their marker; returns how many processes that were. */
export function sweepAgents({ hostId }: { readonly hostId: string }): Promise<number> {
  return endMarked({ isMarked: (marker) => marker.startsWith(`${hostId}:`) })
}

import type { Excess } from "@aegis/client"
import { visible } from "./output.ts"

/** Why a budget holds a session's prompt, or has interrupted one, and how to go on. */
export function excessWords({ measure, reason }: Pick<Excess, "measure" | "reason">, sessionId: string) {
  // What one turn may cost nobody extends; the next one begins.
  if (measure === "turn") return visible(reason)
  const more = measure === "cost" ? "--usd N" : "--tokens N"
  return `${visible(reason)} To go on: ag budget extend ${sessionId.slice(0, 8)} ${more}`
}

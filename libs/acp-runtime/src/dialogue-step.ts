import type { AgentFact } from "./agent-fact.ts"
import type { OutboundFrame } from "./agent-host.ts"
import type { Dialogue, DialogueStep } from "./dialogue-state.ts"

/** A step that only learns. */
export function facts(dialogue: Dialogue, learnt: readonly AgentFact[]): DialogueStep {
  return { dialogue, facts: learnt, frames: [] }
}

/** A step that only speaks. */
export function frames(dialogue: Dialogue, sent: readonly OutboundFrame[]): DialogueStep {
  return { dialogue, facts: [], frames: sent }
}

export function unknown({ text }: { readonly text: string }, reason: string): AgentFact {
  return { type: "unknown", frame: text, reason }
}

/** Members that were wrong and not needed were taken out of a frame: the frame is kept beside what it meant. */
export function droppedFrom(message: { readonly text: string }, dropped: readonly string[]): readonly AgentFact[] {
  return dropped.length === 0 ? [] : [unknown(message, `ignored in it: ${dropped.join("; ")}`)]
}

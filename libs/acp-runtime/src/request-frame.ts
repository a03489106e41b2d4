import { AcpError } from "./acp-error.ts"
import type { ContentBlock } from "./agent-fact.ts"
import type { OutboundFrame } from "./agent-host.ts"
import type { Dialogue } from "./dialogue-state.ts"
import { cancelId, modeId, optionId, promptId } from "./frame-id.ts"
import { notificationFrame, requestFrame } from "./rpc-frame.ts"

/** Its answer is `turn.ended` or `turn.failed`. */
export function promptFrame(
  dialogue: Dialogue,
  { turnId, content }: { readonly turnId: string; readonly content: readonly ContentBlock[] },
): OutboundFrame {
  return requestFrame(promptId(turnId), "session/prompt", { sessionId: sessionOf(dialogue), prompt: content })
}

/** Has no answer of its own: the turn ends `cancelled`, and its open requests want `cancelled` from us. */
export function cancelFrame(dialogue: Dialogue, { turnId }: { readonly turnId: string }): OutboundFrame {
  return notificationFrame(cancelId(turnId), "session/cancel", { sessionId: sessionOf(dialogue) })
}

/** Its answer is `reply`. `n` counts from 1 and is the caller's: the same change keeps its number. */
export function setModeFrame(
  dialogue: Dialogue,
  { n, modeId: mode }: { readonly n: number; readonly modeId: string },
): OutboundFrame {
  const id = modeId(dialogue.options.runId, n)
  const sessionId = sessionOf(dialogue)
  const option = dialogue.modes ? undefined : dialogue.configOptions.find(({ category }) => category === "mode")
  return option
    ? requestFrame(id, "session/set_config_option", { sessionId, configId: option.id, value: mode })
    : requestFrame(id, "session/set_mode", { sessionId, modeId: mode })
}

/** Its answer is `reply`, and `options` after it. `n` as for a mode. */
export function setOptionFrame(
  dialogue: Dialogue,
  { n, configId, value }: { readonly n: number; readonly configId: string; readonly value: string | boolean },
): OutboundFrame {
  const id = optionId(dialogue.options.runId, n)
  const typed = typeof value === "boolean" ? { type: "boolean", value } : { value }
  return requestFrame(id, "session/set_config_option", { sessionId: sessionOf(dialogue), configId, ...typed })
}

function sessionOf({ agentSessionId, step }: Dialogue) {
  if (agentSessionId !== undefined && step === "ready") return agentSessionId
  throw new AcpError("agent-start-failed", "The agent's session is not ready: nothing can be asked of it.")
}

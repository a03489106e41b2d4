import type { ReadyFact } from "./agent-fact.ts"
import type { AgentMessage } from "./agent-message.ts"
import { onAnswer } from "./dialogue-answer.ts"
import { onNotification } from "./dialogue-notification.ts"
import { onRequest } from "./dialogue-request.ts"
import type { Dialogue, DialogueOptions, DialogueStep, OpenRequest } from "./dialogue-state.ts"
import { facts, unknown } from "./dialogue-step.ts"
import { initializeFrame } from "./handshake-frame.ts"
import { present } from "./present.ts"

/** Begins the handshake: initialize, then the session (new, resumed or loaded), its mode, its options, `ready`. */
export function startDialogue(options: DialogueOptions): DialogueStep {
  const restored = options.resume ? "none" : "new"
  const dialogue: Dialogue = { options, step: "initialize", restored, configOptions: [], openRequests: [], settled: [] }
  return { dialogue, facts: [], frames: [initializeFrame(options)] }
}

/** The next state, what was learnt, and what to send. Never throws, whatever the agent says. */
export function advance(dialogue: Dialogue, message: AgentMessage): DialogueStep {
  switch (message.type) {
    case "noise":
      return facts(dialogue, [unknown(message, message.reason)])
    case "notification":
      return onNotification(dialogue, message)
    case "request":
      return onRequest(dialogue, message)
    case "response":
    case "failure":
      return onAnswer(dialogue, message)
  }
}

/** The dialogue of an agent whose handshake was recorded earlier; `openRequests` are those without a recorded reply. */
export function resumeDialogue(
  options: DialogueOptions,
  ready: ReadyFact,
  { openRequests = [] }: { readonly openRequests?: readonly OpenRequest[] } = {},
): Dialogue {
  const { agentName, agentVersion, protocolVersion, capabilities, agentSessionId, modes, restored } = ready
  const agent = { ...present({ name: agentName, version: agentVersion }), protocolVersion, capabilities }
  const known = { options, agent, restored, agentSessionId, configOptions: ready.options, ...(modes && { modes }) }
  return { ...known, step: "ready", openRequests, settled: [] }
}

import type { OutboundFrame } from "./agent-host.ts"
import type { Dialogue, DialogueOptions } from "./dialogue-state.ts"
import { initializeId, openId } from "./frame-id.ts"
import { requestFrame } from "./rpc-frame.ts"

export const PROTOCOL_VERSION = 1

/** Says what we can do. No files and no terminals: agents run their own tools, and those are what gets approved. */
export function initializeFrame({ runId, clientVersion }: DialogueOptions): OutboundFrame {
  return requestFrame(initializeId(runId), "initialize", {
    protocolVersion: PROTOCOL_VERSION,
    clientCapabilities: {
      fs: { readTextFile: false, writeTextFile: false },
      terminal: false,
      elicitation: { form: {} },
      session: { notices: {}, configOptions: { boolean: {} } },
    },
    clientInfo: { name: "aegis", title: "Aegis", version: clientVersion },
  })
}

/** Opens the session the way that was chosen from the agent's capabilities. */
export function openFrame({ options, restored }: Dialogue): OutboundFrame {
  const { runId, cwd, resume, fork, sessionMeta } = options
  const source = restored === "forked" ? fork : restored === "resumed" || restored === "loaded" ? resume : undefined
  const params = {
    ...(source && { sessionId: source.agentSessionId }),
    cwd,
    mcpServers: [],
    ...(sessionMeta && { _meta: sessionMeta }),
  }
  return requestFrame(openId(runId), OPEN_METHODS[restored], params)
}

const OPEN_METHODS = {
  new: "session/new",
  none: "session/new",
  forked: "session/fork",
  resumed: "session/resume",
  loaded: "session/load",
} as const

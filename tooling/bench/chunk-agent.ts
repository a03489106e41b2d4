import { once } from "node:events"
import { createInterface } from "node:readline"
import { setTimeout as pause } from "node:timers/promises"
import { chunkText } from "./chunks.ts"

// An ACP agent that does nothing but send numbered chunks, as fast as its reader takes them or at a pace. Its frames are
// written by hand, so that what is measured is the reader.

interface Frame {
  readonly id?: number | string
  readonly method?: string
  readonly params?: { readonly sessionId?: string; readonly prompt?: readonly { readonly text?: string }[] }
}

/** What the prompt's text asks for. */
export interface ChunkOrder {
  readonly count: number
  /** Milliseconds between chunks; 0: none. */
  readonly everyMs: number
}

const answers: Readonly<Record<string, unknown>> = {
  initialize: { protocolVersion: 1, agentCapabilities: {}, authMethods: [] },
  "session/new": { sessionId: "bench" },
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method = "", params } = JSON.parse(line) as Frame
  if (id === undefined) continue
  if (method === "session/prompt") {
    await sendChunks(JSON.parse(params?.prompt?.[0]?.text ?? "") as ChunkOrder)
    await send({ jsonrpc: "2.0", id, result: { stopReason: "end_turn" } })
  } else await send({ jsonrpc: "2.0", id, result: answers[method] ?? {} })
}

async function sendChunks({ count, everyMs }: ChunkOrder) {
  for (let number = 0; number < count; number++) {
    const content = { type: "text", text: chunkText(number) }
    const update = { sessionUpdate: "agent_message_chunk", messageId: "m", content }
    await send({ jsonrpc: "2.0", method: "session/update", params: { sessionId: "bench", update } })
    if (everyMs > 0) await pause(everyMs)
  }
}

async function send(frame: unknown) {
  if (!process.stdout.write(`${JSON.stringify(frame)}\n`)) await once(process.stdout, "drain")
}

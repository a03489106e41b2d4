import { createInterface } from "node:readline"
import { hostileTranscript } from "./transcript.ts"

// An ACP agent that answers the handshake as it should, and every prompt as its number says: `seed N`, `endless` (a
// gigabyte without a line break) or `flood` (a million small frames). Then it ends.

interface Request {
  readonly id?: number | string
  readonly method?: string
  readonly params?: { readonly prompt?: readonly { readonly text?: string }[] }
}

const good: Readonly<Record<string, unknown>> = {
  initialize: { protocolVersion: 1, agentCapabilities: { loadSession: true } },
  "session/new": { sessionId: "hostile" },
  "session/load": {},
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method = "", params } = JSON.parse(line) as Request
  if (method in good) await write([Buffer.from(`${JSON.stringify({ jsonrpc: "2.0", id, result: good[method] })}\n`)])
  if (method !== "session/prompt") continue
  const [what = "", seed = "0"] = (params?.prompt?.[0]?.text ?? "").split(" ")
  if (what === "endless") await endless()
  else if (what === "flood") await flood()
  else await write(hostileTranscript(Number(seed), id ?? null))
  process.exit(0)
}

async function endless() {
  const megabyte = Buffer.alloc(1024 * 1024, "x")
  for (let count = 0; count < 1024; count++) await write([megabyte])
}

async function flood() {
  const update = { sessionUpdate: "agent_message_chunk", content: { type: "text", text: "." } }
  const frame = `${JSON.stringify({ jsonrpc: "2.0", method: "session/update", params: { sessionId: "hostile", update } })}\n`
  const many = Buffer.from(frame.repeat(1000))
  for (let count = 0; count < 1000; count++) await write([many])
}

async function write(pieces: readonly Buffer[]) {
  for (const piece of pieces) await new Promise<void>((resolve) => process.stdout.write(piece, () => resolve()))
}

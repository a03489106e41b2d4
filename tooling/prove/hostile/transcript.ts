import { Random } from "../random.ts"

// What an agent may say that means harm, or has lost its mind: good frames of every kind, and what can be done to them.

/** A line that is written as it is: deeper than what this program could encode. */
class Raw {
  readonly line: string

  constructor(line: string) {
    this.line = line
  }
}

type Frame = Json | Raw
type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

const sessionId = "hostile"

/** The frames of a good turn, from its first word to its end; the prompt's answer is the last. */
function goodFrames(promptId: Json): Json[] {
  const update = (value: Json) => ({ jsonrpc: "2.0", method: "session/update", params: { sessionId, update: value } })
  const text = (words: string) => ({ type: "text", text: words })
  return [
    update({ sessionUpdate: "agent_message_chunk", messageId: "m1", content: text("Hello ü 🚀") }),
    update({ sessionUpdate: "agent_thought_chunk", content: text("Hm.") }),
    update({ sessionUpdate: "user_message_chunk", content: text("You said") }),
    update({
      sessionUpdate: "tool_call",
      toolCallId: "c1",
      title: "Read",
      kind: "read",
      status: "pending",
      rawInput: { path: "a" },
    }),
    update({
      sessionUpdate: "tool_call_update",
      toolCallId: "c1",
      status: "completed",
      content: [{ type: "content", content: text("x") }],
    }),
    update({ sessionUpdate: "plan", entries: [{ content: "Do", priority: "high", status: "pending" }] }),
    update({ sessionUpdate: "available_commands_update", availableCommands: [{ name: "go", description: "Goes" }] }),
    update({ sessionUpdate: "current_mode_update", currentModeId: "default" }),
    update({ sessionUpdate: "session_info_update", title: "A title" }),
    update({ sessionUpdate: "usage_update", used: 5, size: 10, cost: { amount: 0.1, currency: "USD" } }),
    {
      jsonrpc: "2.0",
      id: 1,
      method: "session/request_permission",
      params: {
        sessionId,
        toolCall: { toolCallId: "c2", title: "Run", kind: "execute", rawInput: { command: "rm -rf /" } },
        options: [
          { optionId: "y", name: "Yes", kind: "allow_once" },
          { optionId: "n", name: "No", kind: "reject_once" },
        ],
      },
    },
    {
      jsonrpc: "2.0",
      id: "q",
      method: "elicitation/create",
      params: {
        sessionId,
        mode: "form",
        message: "Which?",
        requestedSchema: { type: "object", properties: { a: { type: "string" } } },
      },
    },
    { jsonrpc: "2.0", id: 7, method: "fs/read_text_file", params: { sessionId, path: "/etc/passwd" } },
    { jsonrpc: "2.0", method: "$/cancel_request", params: { requestId: 1 } },
    { jsonrpc: "2.0", id: promptId, result: { stopReason: "end_turn" } },
  ]
}

const strange: readonly Json[] = [
  null,
  true,
  -1,
  0,
  1e308,
  2 ** 53,
  "",
  "\u0000",
  "\ud800",
  "\u202e",
  "x".repeat(100_000),
  [],
  {},
  [[[[[]]]]],
  "__proto__",
  JSON.parse('{"toString":1,"then":2,"length":-1}') as Json,
  "../../../etc/passwd",
  "<script>alert(1)</script>",
  "'; DROP TABLE log_events; --",
  "\u001b[2J",
]
const words = [
  "session/update",
  "agent_message_chunk",
  "completed",
  "failed",
  "hostile",
  "other",
  "end_turn",
  "cancelled",
  "allow_once",
  "initialize",
]

/** What the agent of that number says to a prompt, byte for byte, in the pieces in which it says it. */
export function hostileTranscript(seed: number, promptId: Json): Buffer[] {
  const random = new Random(seed)
  let frames: Frame[] = goodFrames(promptId)
  for (let count = random.between(1, 6); count > 0; count--) frames = mutateFrames(frames, random)
  const lines = frames.map((frame) => toLine(frame, random))
  return pieces(Buffer.from(lines.join(""), "utf8"), random)
}

function mutateFrames(frames: Frame[], random: Random): Frame[] {
  const at = random.between(0, Math.max(0, frames.length - 1))
  const chosen = frames[at] ?? null
  const spliced = (...instead: Frame[]) => [...frames.slice(0, at), ...instead, ...frames.slice(at + 1)]
  switch (random.between(0, 9)) {
    case 0:
      return spliced()
    case 1:
      return spliced(chosen, chosen)
    case 2:
      return spliced(chosen instanceof Raw ? chosen : [chosen, chosen])
    case 3:
      return frames.toReversed()
    case 4:
      return spliced(random.oneOf(strange) ?? null)
    case 5:
      return spliced(chosen, deep(random.between(10, 50_000)))
    default:
      return spliced(chosen instanceof Raw ? chosen : mutate(chosen, random, 0))
  }
}

/** One thing in it is another one: at any depth, by any of a few ways. */
function mutate(value: Json, random: Random, depth: number): Json {
  const isInner = typeof value === "object" && value !== null && Object.keys(value).length > 0
  if (!isInner || (depth > 0 && random.next() < 0.3))
    return random.next() < 0.5 ? (random.oneOf(strange) ?? null) : (random.oneOf(words) ?? "")
  if (Array.isArray(value)) {
    const at = random.between(0, value.length - 1)
    return value.map((item, index) => (index === at ? mutate(item, random, depth + 1) : item))
  }
  const names = Object.keys(value)
  const name = random.oneOf(names) ?? ""
  const way = random.next()
  if (way < 0.15) return Object.fromEntries(Object.entries(value).filter(([each]) => each !== name))
  if (way < 0.25)
    return {
      ...value,
      [random.oneOf(["__proto__", "constructor", "id", "method", "params", "result", "error", "jsonrpc"]) ?? ""]:
        random.oneOf(strange) ?? null,
    }
  return { ...value, [name]: mutate(value[name] ?? null, random, depth + 1) }
}

function deep(levels: number) {
  const value = `${"[".repeat(levels)}"deep"${"]".repeat(levels)}`
  return new Raw(`{"jsonrpc":"2.0","method":"session/update","params":{"sessionId":"${sessionId}","update":${value}}}`)
}

// Most are lines of JSON; some are cut, doubled, or no JSON at all.
function toLine(frame: Frame, random: Random) {
  const json = frame instanceof Raw ? frame.line : JSON.stringify(frame)
  const chance = random.next()
  if (chance < 0.86) return `${json}\n`
  if (chance < 0.88) return `${json}\r\n`
  if (chance < 0.9) return `\ufeff${json}\n`
  if (chance < 0.92) return `${json.slice(0, random.between(0, json.length))}\n`
  if (chance < 0.94) return `${json}${json}\n`
  if (chance < 0.96) return `${"\n".repeat(random.between(1, 50))}${json}\n`
  if (chance < 0.98) return `npm warn this is no JSON \u0000\u0007\n${json}\n`
  return json
}

function pieces(bytes: Buffer, random: Random) {
  if (random.next() < 0.5) return [bytes]
  const found: Buffer[] = []
  const longest = random.oneOf([1, 7, 100, 4096]) ?? 1
  for (let from = 0; from < bytes.length && found.length < 4000; ) {
    const to = found.length === 3999 ? bytes.length : from + random.between(1, longest)
    found.push(bytes.subarray(from, to))
    from = to
  }
  return found
}

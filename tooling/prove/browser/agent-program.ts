import { createInterface } from "node:readline"
import { payloads } from "./payloads.ts"

// An ACP agent that says payloads wherever an agent can say something. The prompts: `show FROM TO` has them in all that a
// turn has, and asks for a permission with each; `ask FROM TO` has them in a form; `fail AT` ends with one; `die AT` has it on
// stderr; of any other prompt nothing comes. Its words are those of `payloads`: seed, mutations, every.

interface Frame {
  readonly id?: number | string
  readonly method?: string
  readonly params?: { readonly prompt?: readonly { readonly text?: string }[] }
}

const [seed = 0, mutations = 0, every = 1] = process.argv.slice(2).map(Number)
const texts = payloads({ seed, mutations, every }).map(({ text }) => text)
const good: Readonly<Record<string, unknown>> = {
  initialize: { protocolVersion: 1, agentCapabilities: { loadSession: true } },
  "session/new": { sessionId: "hostile" },
  "session/load": {},
}
let asked = 0
let waiting = 0
/** The one that is over when nothing is open any more. */
let prompt: Frame["id"]

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line) as Frame
  if (method === undefined) answered()
  else if (method in good) say({ id, result: good[method] })
  else if (method === "session/prompt") play(id, (params?.prompt?.[0]?.text ?? "").split(" "))
}

function play(id: Frame["id"], [what = "", from = "0", to = "0"]: readonly string[]) {
  const chosen = texts.slice(Number(from), Number(to))
  const text = texts[Number(from)] ?? ""
  if (what === "die") process.stderr.write(`${text}\n`, () => process.exit(1))
  else if (what === "fail") say({ id, error: { code: -32603, message: text } })
  else if (what === "show") {
    prompt = id
    for (const [index, text] of chosen.entries()) show(text, `${from}-${index}`)
    tellWholeTurn(chosen)
    for (const [index, text] of chosen.entries()) askPermission(text, `${from}-${index}`)
  } else if (what === "ask") {
    prompt = id
    askQuestion(chosen)
  } else say({ id, result: { stopReason: "end_turn" } })
}

function show(text: string, id: string) {
  update({ sessionUpdate: "agent_message_chunk", messageId: `message-${id}`, content: { type: "text", text } })
  update({ sessionUpdate: "agent_thought_chunk", messageId: `thought-${id}`, content: { type: "text", text } })
  for (const [index, call] of calls(text).entries()) {
    const toolCallId = `call-${id}-${index}`
    update({ sessionUpdate: "tool_call", toolCallId, status: "in_progress", ...call })
    const output = index === 0 ? { rawOutput: text } : { rawOutput: { [text]: text } }
    update({ sessionUpdate: "tool_call_update", toolCallId, status: index === 1 ? "failed" : "completed", ...output })
  }
}

/** A call that runs something, one that edits, one that is neither, and one whose output is content. */
function calls(text: string) {
  const diff = { type: "diff", path: text, oldText: `${text}\nbefore`, newText: `${text}\nafter` }
  return [
    { title: text, name: text, kind: "execute", rawInput: { command: text } },
    { title: text, kind: "edit", rawInput: { file_path: text }, content: [diff], locations: [{ path: text }] },
    { title: text, name: text, kind: "other", rawInput: { [text]: [text] } },
    { title: text, kind: "read", rawInput: {}, content: [{ type: "content", content: { type: "text", text } }] },
  ]
}

function tellWholeTurn(chosen: readonly string[]) {
  const entries = chosen.map((content, index) => ({ content, priority: "medium", status: statusOf(index) }))
  update({ sessionUpdate: "plan", entries })
  const availableCommands = chosen.map((text) => ({ name: text, description: text }))
  update({ sessionUpdate: "available_commands_update", availableCommands })
  for (const text of chosen) update({ sessionUpdate: "current_mode_update", currentModeId: text })
  for (const title of chosen) update({ sessionUpdate: "session_info_update", title })
}

function statusOf(index: number) {
  return index === 0 ? "in_progress" : "pending"
}

function askPermission(text: string, id: string) {
  const options = ["allow_once", "allow_always", "reject_once"].map((kind) => ({ optionId: kind, name: text, kind }))
  const call = calls(text)[asked % 3]
  request("session/request_permission", { toolCall: { toolCallId: `asked-${id}`, ...call }, options })
}

function askQuestion(chosen: readonly string[]) {
  const choice = (text: string) => ({ const: text, title: text })
  const kinds = [
    (text: string) => ({ type: "string", oneOf: [choice(text), choice(`${text}.`)] }),
    (text: string) => ({ type: "array", items: { anyOf: [choice(text), choice(`${text}.`)] } }),
    () => ({ type: "string" }),
    () => ({ type: "boolean" }),
  ]
  const properties = Object.fromEntries(
    chosen.map((text, index) => [text, { title: text, description: text, ...kinds[index % kinds.length]?.(text) }]),
  )
  request("elicitation/create", {
    mode: "form",
    message: chosen.join(" "),
    requestedSchema: { type: "object", properties },
  })
}

function answered() {
  waiting -= 1
  if (waiting === 0) say({ id: prompt, result: { stopReason: "end_turn" } })
}

function update(what: object) {
  say({ method: "session/update", params: { sessionId: "hostile", update: what } })
}

function request(method: string, params: object) {
  waiting += 1
  asked += 1
  say({ id: asked, method, params: { sessionId: "hostile", ...params } })
}

function say(frame: object) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...frame })}\n`)
}

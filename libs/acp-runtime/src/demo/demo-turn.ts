import { mkdir, readFile, writeFile } from "node:fs/promises"
import { dirname, relative, resolve } from "node:path"
import * as acp from "@agentclientprotocol/sdk/unstable"
import type { DemoProgram } from "./demo-program.ts"
import type { DemoSession } from "./demo-session.ts"

export interface DemoTurnOptions {
  readonly context: acp.AgentContext
  readonly session: DemoSession
  readonly program: DemoProgram
  readonly hasForms: boolean
}

export type Answer = "allowed" | "rejected"

/** One prompt being answered: all that the demo agent can say or ask. Everything throws once the turn was cancelled. */
export class DemoTurn {
  readonly session: DemoSession
  readonly program: DemoProgram
  readonly #context: acp.AgentContext
  readonly #hasForms: boolean
  readonly #abort = new AbortController()

  constructor({ context, session, program, hasForms }: DemoTurnOptions) {
    this.session = session
    this.program = program
    this.#context = context
    this.#hasForms = hasForms
  }

  get signal() {
    return this.#abort.signal
  }

  begin() {
    this.session.turns.add(this.#abort)
  }

  end() {
    this.session.turns.delete(this.#abort)
  }

  async update(update: acp.SessionUpdate) {
    this.signal.throwIfAborted()
    await this.#context.notify(acp.methods.client.session.update, { sessionId: this.session.id, update })
  }

  async notify(method: string, params: Readonly<Record<string, unknown>>) {
    await this.#context.notify(method, { sessionId: this.session.id, ...params })
  }

  say(text: string, messageId = this.session.nextId("message")) {
    return this.update({ sessionUpdate: "agent_message_chunk", messageId, content: { type: "text", text } })
  }

  async think(text: string) {
    if (this.session.isTerse) return
    const messageId = this.session.nextId("thought")
    await this.update({ sessionUpdate: "agent_thought_chunk", messageId, content: { type: "text", text } })
  }

  plan(items: readonly string[], done = 0) {
    const entries = items.map((content, index) => ({
      content,
      priority: "medium" as const,
      status: statusOf(index, done),
    }))
    return this.update({ sessionUpdate: "plan", entries })
  }

  usage({ used, size, costMicros }: { readonly used: number; readonly size: number; readonly costMicros: number }) {
    const cost = { amount: costMicros / 1_000_000, currency: "USD" }
    return this.update({ sessionUpdate: "usage_update", used, size, cost })
  }

  /** A tool call that needs no permission, from its start to its end. */
  async useTool(call: Omit<acp.ToolCall, "toolCallId">, output: unknown = {}) {
    const toolCallId = this.session.nextId("tool")
    await this.update({ sessionUpdate: "tool_call", toolCallId, status: "in_progress", ...call })
    await this.update({ sessionUpdate: "tool_call_update", toolCallId, status: "completed", rawOutput: output })
  }

  /** A tool call that asks first. `perform` runs when it is allowed, and returns the output. */
  async askToUse(call: Omit<acp.ToolCall, "toolCallId">, perform: () => Promise<unknown>): Promise<Answer> {
    const toolCallId = this.session.nextId("tool")
    await this.update({ sessionUpdate: "tool_call", toolCallId, status: "pending", ...call })
    const answer = await this.#askPermission({ toolCallId, status: "pending", ...call })
    const rawOutput = answer === "allowed" ? await perform() : "The user refused."
    const status = answer === "allowed" ? "completed" : "failed"
    await this.update({ sessionUpdate: "tool_call_update", toolCallId, status, rawOutput })
    return answer
  }

  async writeFile(path: string, text: string): Promise<Answer> {
    const full = resolve(this.session.cwd, path)
    if (isOutside(this.session.cwd, full)) {
      await this.say(`${path} is outside the folder; I do not write there.`)
      return "rejected"
    }
    const oldText = await readFile(full, "utf8").catch(() => undefined)
    const diff = { type: "diff" as const, path: full, newText: text, ...(oldText === undefined ? {} : { oldText }) }
    const call = {
      name: "Write",
      title: `Write ${path}`,
      kind: "edit" as const,
      rawInput: { file_path: full, content: text },
    }
    return this.askToUse({ ...call, content: [diff], locations: [{ path: full }] }, async () => {
      await mkdir(dirname(full), { recursive: true })
      await writeFile(full, text)
      return { written: Buffer.byteLength(text) }
    })
  }

  /** The chosen option; undefined when it was declined, or when the client shows no forms. */
  async askQuestion(message: string, options: readonly string[]): Promise<string | undefined> {
    if (!this.#hasForms) return undefined
    const oneOf = options.map((option) => ({ const: option, title: option }))
    const properties = { choice: { type: "string" as const, title: message, oneOf } }
    const requestedSchema = { type: "object" as const, properties, required: ["choice"] }
    const params = { mode: "form" as const, sessionId: this.session.id, message, requestedSchema }
    const answer = await this.#request(acp.methods.client.elicitation.create, params)
    const content =
      answer.action === "accept" ? (answer.content as Record<string, unknown> | null | undefined) : undefined
    return typeof content?.choice === "string" ? content.choice : undefined
  }

  async #askPermission(toolCall: acp.ToolCallUpdate): Promise<Answer> {
    const isEdit = toolCall.kind === "edit"
    if (isEdit && (this.session.allowsEdits || this.session.mode === "acceptEdits")) return "allowed"
    const params = { sessionId: this.session.id, toolCall, options: PERMISSION_OPTIONS }
    const { outcome } = await this.#request(acp.methods.client.session.requestPermission, params)
    if (outcome.outcome !== "selected") return "rejected"
    if (outcome.optionId === "always" && isEdit) this.session.allowsEdits = true
    return outcome.optionId === "no" ? "rejected" : "allowed"
  }

  async #request<Method extends acp.ClientRequestMethod>(
    method: Method,
    params: acp.ClientRequestParamsByMethod[Method],
  ) {
    this.signal.throwIfAborted()
    const options = { cancellationSignal: this.signal, stopWaitingOnCancel: true }
    const answer = await this.#context.request(method, params, options)
    this.signal.throwIfAborted()
    return answer
  }
}

const PERMISSION_OPTIONS: acp.PermissionOption[] = [
  { optionId: "once", name: "Allow", kind: "allow_once" },
  { optionId: "always", name: "Allow for this session", kind: "allow_always" },
  { optionId: "no", name: "Reject", kind: "reject_once" },
]

function statusOf(index: number, done: number) {
  if (index < done) return "completed" as const
  return index === done ? ("in_progress" as const) : ("pending" as const)
}

function isOutside(folder: string, path: string) {
  const way = relative(folder, path)
  return way === "" || way.startsWith("..") || resolve(folder, way) !== path
}

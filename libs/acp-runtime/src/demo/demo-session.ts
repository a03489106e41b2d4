import { randomUUID } from "node:crypto"
import { RequestError, type SessionConfigOption, type SessionMode } from "@agentclientprotocol/sdk/unstable"

/** What the demo agent remembers of a session while it runs. */
export class DemoSession {
  readonly id: string
  readonly cwd: string
  mode = "default"
  model = "demo-small"
  effort = "medium"
  isTerse = false
  /** Edits are no longer asked about: the user chose "always". */
  allowsEdits = false
  costMicros = 0
  turns = new Set<AbortController>()
  readonly #hasModes: boolean
  #ids = 0

  static create(cwd: string, options: { readonly hasModes: boolean }) {
    return new DemoSession(`demo-${randomUUID()}`, cwd, options)
  }

  static isId(id: string) {
    return id.startsWith("demo-")
  }

  constructor(id: string, cwd: string, { hasModes }: { readonly hasModes: boolean }) {
    this.id = id
    this.cwd = cwd
    this.#hasModes = hasModes
  }

  opened() {
    const modes = { currentModeId: this.mode, availableModes: MODES }
    return { sessionId: this.id, configOptions: this.configOptions, ...(this.#hasModes ? { modes } : {}) }
  }

  get configOptions(): SessionConfigOption[] {
    return [
      { id: "model", name: "Model", category: "model", type: "select", currentValue: this.model, options: MODELS },
      {
        id: "thinking",
        name: "Effort",
        category: "thought_level",
        type: "select",
        currentValue: this.effort,
        options: EFFORTS,
      },
      {
        id: "terse",
        name: "Terse",
        description: "Thinks, and does not say what",
        type: "boolean",
        currentValue: this.isTerse,
      },
    ]
  }

  setMode(mode: string) {
    if (!this.#hasModes || !MODES.some(({ id }) => id === mode))
      throw new RequestError(-32602, `There is no mode ${mode}`)
    this.mode = mode
    return {}
  }

  setOption(id: string, value: unknown) {
    const option = this.configOptions.find((one) => one.id === id)
    if (!option || !isValueOf(option, value)) throw new RequestError(-32602, `There is no ${id} ${String(value)}`)
    if (id === "model") this.model = String(value)
    if (id === "thinking") this.effort = String(value)
    if (id === "terse") this.isTerse = value === true
  }

  /** Counts up over the whole session, so that ids of messages and tool calls never repeat. */
  nextId(kind: string) {
    this.#ids += 1
    return `${kind}-${this.#ids}`
  }

  interrupt() {
    for (const turn of this.turns) turn.abort()
  }
}

const MODES: SessionMode[] = [
  { id: "default", name: "Default", description: "Asks before every change" },
  { id: "plan", name: "Plan", description: "Thinks first; asks before every change" },
  { id: "acceptEdits", name: "Accept edits", description: "Changes files without asking" },
]

const EFFORTS = [
  { value: "low", name: "Low" },
  { value: "medium", name: "Medium" },
  { value: "high", name: "High" },
]

const MODELS = [
  { value: "demo-small", name: "Demo small" },
  { value: "demo-large", name: "Demo large" },
]

function isValueOf(option: SessionConfigOption, value: unknown) {
  if (option.type === "boolean") return typeof value === "boolean"
  return option.options.some((choice) => "value" in choice && choice.value === value)
}

import type { AegisClient, AegisEvent, EventData, ToolCall } from "@aegis/client"
import { AegisProblem } from "@aegis/client"
import { ask } from "./ask.ts"
import type { EventPrinter } from "./event-printer.ts"
import { headline, type Output, visible } from "./output.ts"

export interface PeoplePromptsOptions {
  readonly client: AegisClient
  readonly sessionId: string
  readonly output: Output
  readonly printer: EventPrinter
  /** `ask`: in the terminal; `approve`: all at once (`--yes`); `wait`: at another door. */
  readonly how: "ask" | "approve" | "wait"
  readonly stdin: NodeJS.ReadableStream
  readonly stderr: NodeJS.WritableStream
  /** Ctrl+C at a prompt. */
  readonly onInterrupt: () => void
}

interface Waiting {
  readonly abort: AbortController
  readonly isOurs: { answered: boolean }
}

type Requested = EventData["approval.requested"]

/** Asks a person what the agent wants to know, one thing after the other, and gives way when another door answers. */
export class PeoplePrompts {
  readonly #options: PeoplePromptsOptions
  readonly #waiting = new Map<string, Waiting>()
  #line: Promise<void> = Promise.resolve()

  constructor(options: PeoplePromptsOptions) {
    this.#options = options
  }

  see(event: AegisEvent) {
    const { approvalId = "", questionId = "" } = event.data as {
      readonly approvalId?: string
      readonly questionId?: string
    }
    if (event.type === "approval.requested")
      this.#begin(approvalId, (waiting) => this.#approval(event.data as Requested, waiting))
    if (event.type === "approval.resolved") this.#resolved(approvalId, event)
    if (event.type === "question.asked")
      this.#begin(questionId, (waiting) => this.#question(event.data as Asked, waiting))
    if (event.type === "question.answered") this.#resolved(questionId, event)
  }

  /** Nobody is asked any more. */
  close() {
    for (const { abort } of this.#waiting.values()) abort.abort()
  }

  #begin(id: string, prompt: (waiting: Waiting) => Promise<void>) {
    const waiting = { abort: new AbortController(), isOurs: { answered: false } }
    this.#waiting.set(id, waiting)
    const tell = (error: unknown) =>
      this.#options.printer.note(`✗ ${error instanceof Error ? error.message : String(error)}`)
    this.#line = this.#line.then(async () => {
      if (!waiting.abort.signal.aborted) await prompt(waiting).catch(tell)
    })
  }

  #resolved(id: string, { actor, data }: AegisEvent) {
    const waiting = this.#waiting.get(id)
    if (!waiting) return
    this.#waiting.delete(id)
    waiting.abort.abort()
    if (waiting.isOurs.answered) return
    const { status, action, rule } = data as {
      readonly status?: string
      readonly action?: string
      readonly rule?: string
    }
    const who = rule ?? `${actor.id} (${actor.via})`
    this.#options.printer.note(this.#options.output.colors.dim(`  ${status ?? action ?? "answered"} by ${who}`))
  }

  async #approval(requested: Requested, waiting: Waiting) {
    const { approvalId, digest, tool } = requested
    const { output, printer, how, sessionId, client } = this.#options
    const { colors } = output
    printer.note(
      `${colors.yellow("?")} ${colors.bold(headline(tool.title ?? tool.name ?? "The agent asks for permission"))}`,
    )
    for (const line of whatWouldRun(tool)) output.note(`    ${paint(line, output)}`)
    if (how === "wait")
      return output.note(colors.dim(`    waits for another door: ag approve ${sessionId.slice(0, 8)} (or ag reject)`))
    const choice = how === "approve" ? "yes" : await this.#decision(requested, waiting)
    if (choice === undefined) return
    const vote = { approvalId, digest }
    await this.#answer(waiting, () => {
      if (choice === "no") return client.rejectPermission(sessionId, vote)
      return client.approvePermission(sessionId, choice === "always" ? { ...vote, remember: true } : vote)
    })
  }

  /** Asks until it is decided; undefined when somebody else was faster. */
  async #decision(requested: Requested, waiting: Waiting): Promise<"yes" | "no" | "always" | undefined> {
    const { output } = this.#options
    const mayStay = isRememberable(requested)
    const keys = `[Y/n${mayStay ? "/a=always" : ""}/d=details]`
    for (;;) {
      const reply = await this.#ask(`  Allow? ${output.colors.dim(keys)} `, waiting)
      if (reply === undefined) return undefined
      const choice = reply.trim().toLowerCase()
      if (choice === "" || choice === "y" || choice === "yes") return "yes"
      if (choice === "n" || choice === "no") return "no"
      if (choice === "a" && mayStay) return "always"
      if (choice === "d") this.#details(requested)
      else output.note(`    ${keys.slice(1, -1)}, please; nothing was decided.`)
    }
  }

  /** All of what is decided on, as the agent sent it. */
  #details({ tool, options, digest }: Requested) {
    const { output } = this.#options
    for (const line of JSON.stringify(tool, null, 2).split("\n")) output.note(`    ${visible(line)}`)
    for (const { name, kind } of options) output.note(`    ${output.colors.dim(`${kind}: ${visible(name)}`)}`)
    output.note(`    ${output.colors.dim(`SHA-256 ${digest}`)}`)
  }

  async #question({ questionId, message, schema }: Asked, waiting: Waiting) {
    const { output, printer, how, sessionId, client } = this.#options
    const { colors } = output
    printer.note(`${colors.yellow("?")} ${colors.bold(visible(message))}`)
    if (how !== "ask")
      return output.note(colors.dim("    waits for another door: the dashboard, whose link ag server status prints"))
    const content: Record<string, unknown> = {}
    for (const [field, property] of Object.entries(schema.properties ?? {})) {
      const reply = await this.#askField(property, { message, waiting })
      if (reply === undefined) return
      if (reply !== "") content[field] = typed(reply, property)
    }
    const answer =
      Object.keys(content).length > 0
        ? ({ questionId, action: "accept", content } as const)
        : ({ questionId, action: "decline" } as const)
    await this.#answer(waiting, () => client.answerQuestion(sessionId, answer))
  }

  async #askField(
    { title = "Answer", oneOf = [], enum: values = [] }: Property,
    { message, waiting }: { readonly message: string; readonly waiting: Waiting },
  ) {
    const { output } = this.#options
    const choices =
      oneOf.length > 0
        ? oneOf.map(({ const: value, title: label }) => ({ value, label: label ?? value }))
        : values.map((value) => ({ value, label: value }))
    for (const [index, { label }] of choices.entries())
      output.note(`    ${output.colors.cyan(String(index + 1))} ${visible(label)}`)
    const hint = choices.length > 0 ? `1-${choices.length}, empty declines` : "empty declines"
    const reply = await this.#ask(
      `  ${title === message ? "Answer" : visible(title)} ${output.colors.dim(`[${hint}]`)} `,
      waiting,
    )
    if (reply === undefined) return undefined
    const chosen =
      choices[Number(reply) - 1] ?? choices.find(({ value, label }) => reply.trim() === value || reply.trim() === label)
    return chosen?.value ?? reply.trim()
  }

  #ask(question: string, { abort }: Waiting) {
    const { stdin, stderr, onInterrupt } = this.#options
    return ask(question, { input: stdin, output: stderr, signal: abort.signal, onInterrupt })
  }

  async #answer(waiting: Waiting, send: () => Promise<unknown>) {
    waiting.isOurs.answered = true
    try {
      await send()
    } catch (error) {
      // Another door was a moment faster: its answer comes as an event too.
      if (!AegisProblem.is(error) || (error.status !== 409 && error.status !== 404)) throw error
      waiting.isOurs.answered = false
    }
  }
}

// What a rule asks about, or takes certain people, it asks about each time.
function isRememberable({ askedBy, required = 1, roles, excludedVoter }: Requested) {
  return askedBy === undefined && required === 1 && !roles && excludedVoter === undefined
}

/** What was typed, as the schema's type. */
function typed(reply: string, { type }: Property): unknown {
  if (type === "number" || type === "integer") return Number(reply)
  return type === "boolean" ? /^(y|yes|true)$/i.test(reply) : reply
}

interface Property {
  readonly type?: string
  readonly title?: string
  readonly oneOf?: readonly { readonly const: string; readonly title?: string }[]
  readonly enum?: readonly string[]
}

interface Asked {
  readonly questionId: string
  readonly message: string
  readonly schema: { readonly properties?: Readonly<Record<string, Property>> }
}

/** The exact command, or the difference that an edit makes: from the call itself, never from its title. */
function whatWouldRun({ input, content = [] }: ToolCall): string[] {
  const diffs = content.filter(({ type }) => type === "diff") as unknown as {
    path: string
    oldText?: string | null
    newText: string
  }[]
  const lines = diffs.flatMap(({ path, oldText, newText }) => [
    path,
    ...split(oldText).map((line) => `- ${line}`),
    ...split(newText).map((line) => `+ ${line}`),
  ])
  const { command } = (input ?? {}) as { readonly command?: unknown }
  const shown =
    lines.length > 0
      ? lines
      : typeof command === "string"
        ? [`$ ${command}`]
        : JSON.stringify(input ?? {}, null, 2).split("\n")
  return shown.length > 30 ? [...shown.slice(0, 29), `… ${shown.length - 29} more lines: d shows all`] : shown
}

function split(text: string | null | undefined) {
  return text ? text.replace(/\n$/, "").split("\n") : []
}

function paint(line: string, { colors }: Output) {
  const safe = visible(line)
  if (safe.startsWith("+ ")) return colors.green(safe)
  return safe.startsWith("- ") ? colors.red(safe) : safe
}

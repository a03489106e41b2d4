import type { AegisEvent, Excess } from "@aegis/client"
import { excessWords } from "./excess-words.ts"
import { headline, type Output, visible } from "./output.ts"

interface Tool {
  readonly toolCallId: string
  readonly title?: string
  readonly name?: string
  readonly status?: string
}

/** What of an event's data is printed; the contract says what each type carries. */
type Data = Record<string, unknown> & {
  readonly text: string
  readonly stopReason?: string
  readonly error?: { readonly code: string; readonly message: string }
  readonly costTotal?: number
}

/** Prints a session's events as they come: the agent's words on stdout, what it does on stderr. */
export class EventPrinter {
  readonly #output: Output
  readonly #began = new Map<string, number>()
  #line: "words" | "thought" | undefined
  #costBefore: number | undefined
  /** Millionths of a US dollar since the first event that was printed. */
  cost = 0

  readonly #isStreaming: boolean
  #held = ""
  #messageId: string | undefined

  /** `stream: false`: the agent's words come all at once, when its turn is over. */
  constructor(output: Output, { stream = true }: { readonly stream?: boolean } = {}) {
    this.#output = output
    this.#isStreaming = stream
  }

  print(event: AegisEvent) {
    const data = event.data as Data
    const { colors } = this.#output
    switch (event.type) {
      case "message.delta":
        return this.#words(data.text, String(data.messageId))
      case "thinking.delta":
        return this.#thought(data.text)
      case "message.notice":
        return this.note(colors.dim(visible(data.text)))
      case "tool.started":
        return void this.#began.set((event.data as Tool).toolCallId, Date.parse(event.at))
      case "tool.ended":
        return this.#toolEnded(event.data as Tool, Date.parse(event.at))
      case "policy.decided":
        // With an approval it is told as how that was decided.
        return data.approvalId === undefined ? this.note(colors.yellow(`◌ ${decided(data)}`)) : undefined
      case "rate_limit.hit":
        return this.note(colors.yellow("◌ The provider asks to wait."))
      case "budget.exceeded":
        return this.note(colors.yellow(`◌ ${excessWords(event.data as Excess, event.sessionId ?? "")}`))
      case "session.stalled":
        return this.note(colors.yellow(`◌ The agent has said nothing for ${duration(Number(data.sinceMs))}.`))
      case "usage.updated":
        return this.#usage(data)
      case "agent.exited":
        return data.cause === "stopped" ? undefined : this.note(colors.red(`✗ ${endOf(data)}`))
      case "agent.detached":
        return this.note(colors.yellow("◌ The agent is out of reach; looking for it."))
      case "agent.attached":
        return this.note(colors.dim("The agent is back."))
      case "session.recovered":
        return data.gap
          ? this.note(colors.yellow("The agent was started again; something that it said before may be missing."))
          : undefined
      case "turn.ended":
        this.#release()
        return data.error ? this.note(colors.red(`✗ ${visible(data.error.message)}`)) : this.endLine()
    }
  }

  /** A line of its own on stderr. */
  note(line: string) {
    this.endLine()
    this.#output.note(line)
  }

  endLine() {
    if (this.#line === "words") this.#output.data("\n")
    if (this.#line === "thought") this.#output.aside("\n")
    this.#line = undefined
  }

  #words(text: string, messageId: string) {
    const isNext = this.#messageId !== undefined && this.#messageId !== messageId
    this.#messageId = messageId
    if (!this.#isStreaming) {
      this.#held += isNext && this.#held !== "" ? `\n${text}` : text
      return
    }
    if (isNext && this.#line === "words") this.endLine()
    this.#print(text)
  }

  #release() {
    if (this.#held !== "") this.#print(this.#held)
    this.#held = ""
  }

  #print(text: string) {
    if (this.#line === "thought") this.endLine()
    this.#line = "words"
    this.#output.data(visible(text))
  }

  #thought(text: string) {
    if (this.#line === "words") this.endLine()
    this.#line = "thought"
    this.#output.aside(this.#output.colors.dim(visible(text)))
  }

  #toolEnded({ toolCallId, title, name, status }: Tool, at: number) {
    const { colors } = this.#output
    const began = this.#began.get(toolCallId)
    const took = began === undefined ? "" : colors.dim(` ${duration(at - began)}`)
    const marks: Readonly<Record<string, string>> = { failed: colors.red("✗"), unknown: colors.yellow("?") }
    const mark = marks[status ?? ""] ?? colors.green("✓")
    this.note(`  ${mark} ${headline(title ?? name ?? toolCallId)}${took}`)
  }

  #usage({ costTotal, costDelta }: Data) {
    if (costTotal === undefined) return
    this.#costBefore ??= costTotal - Number(costDelta ?? 0)
    this.cost = costTotal - this.#costBefore
  }
}

export function duration(milliseconds: number) {
  if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))} ms`
  const seconds = milliseconds / 1000
  return seconds < 90 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
}

export function dollars(micros: number) {
  return `$${(micros / 1_000_000).toFixed(micros > 0 && micros < 10_000 ? 4 : 2)}`
}

function decided({ decision, rule, reason }: Readonly<Record<string, unknown>>) {
  return visible(`${String(rule)}: ${String(decision)}. ${String(reason)}`)
}

function endOf({ cause, signal, code }: Readonly<Record<string, unknown>>) {
  if (cause === "lost") return "The agent's host ended, and the agent with it."
  return `The agent ended (${String(signal ?? `code ${String(code)}`)}).`
}

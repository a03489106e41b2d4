import { once } from "node:events"
import { redactText } from "@aegis/redact"
import widthOf from "fast-string-truncated-width"
import pc from "picocolors"

export interface Output {
  readonly isTerminal: boolean
  readonly columns: number
  readonly colors: ReturnType<typeof pc.createColors>
  /** What was asked for: stdout. */
  data(text: string): void
  /** A value for programs, with nothing in it that a terminal obeys: the same value, whatever its characters. */
  json(value: unknown, indent?: number): void
  /** A line of JSON to the letter, for those who verify it; a terminal gets it like any other. */
  exactJson(line: string): void
  /** The same as data for what is long: no faster than it is read, and to the letter but on a terminal. */
  stream(bytes: AsyncIterable<Uint8Array>): Promise<void>
  /** Everything else: stderr. */
  note(line: string): void
  /** Text in the middle of a line on stderr. */
  aside(text: string): void
  /** What went wrong, or must be answered: on stderr, however quiet it shall be, and without secrets: it is what logs keep. */
  failure(line: string): void
}

export interface OutputStreams {
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly env: Readonly<Record<string, string | undefined>>
  /** Nothing but data, failures and prompts. */
  readonly isQuiet?: boolean
}

/** Everything that is printed goes through here. */
export function createOutput({ stdout, stderr, env, isQuiet = false }: OutputStreams): Output {
  const isTerminal = stdout.isTTY && stderr.isTTY
  const isColored = env.NO_COLOR === undefined && (stderr.isTTY || env.FORCE_COLOR !== undefined)
  return {
    isTerminal,
    get columns() {
      return stdout.columns ?? stderr.columns ?? 80
    },
    colors: pc.createColors(isColored),
    data: (text) => void stdout.write(text),
    json: (value, indent) => void stdout.write(`${escaped(JSON.stringify(value, undefined, indent))}\n`),
    exactJson: (line) => void stdout.write(`${stdout.isTTY ? escaped(line) : line}\n`),
    async stream(bytes) {
      const decoder = new TextDecoder()
      const shown = (chunk: Uint8Array) => visible(decoder.decode(chunk, { stream: true }).replaceAll("\r\n", "\n"))
      for await (const chunk of bytes)
        if (!stdout.write(stdout.isTTY ? shown(chunk) : chunk)) await once(stdout, "drain")
    },
    note: (line) => void (isQuiet || stderr.write(`${line}\n`)),
    aside: (text) => void (isQuiet || stderr.write(text)),
    failure: (line) => void stderr.write(`${redactText(line)}\n`),
  }
}

/** What an agent wrote, safe for a terminal: control characters and direction marks are shown, not obeyed. */
export function visible(text: string) {
  return text.replaceAll(hidden, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
}

/** JSON in which no character is hidden: as escapes, which are the same to whoever parses it. */
function escaped(json: string) {
  return json.replaceAll(hidden, (character) =>
    Array.from(character.split(""), (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join(""),
  )
}

/** Longer ones are no headlines; the details have all of it. */
const LONGEST_HEADLINE = 200

/** What an agent calls something, in one line. */
export function headline(text: string) {
  const line = visible(text.slice(0, LONGEST_HEADLINE + 1).replaceAll(/[\t\n]+/g, " "))
  return line.length > LONGEST_HEADLINE ? `${line.slice(0, LONGEST_HEADLINE - 1).toWellFormed()}…` : line
}

/** Cut to a width in columns, with an ellipsis. */
export function fit(text: string, width: number) {
  const { index, ellipsed, truncated } = widthOf(text, { limit: Math.max(1, width), ellipsis: "…" })
  return truncated ? `${text.slice(0, index)}${ellipsed ? "…" : ""}` : text
}

/** How many columns a terminal needs for it. */
export function columnsOf(text: string) {
  return widthOf(text).width
}

export function pad(text: string, width: number) {
  return text + " ".repeat(Math.max(0, width - columnsOf(text)))
}

// Controls but tab and line break, marks that turn or hide text, invisible tags; what joins emoji stays.
const hidden = /(?![\t\n\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

import { redactJson, redactText } from "@aegis/redact"
import { redactJsonApart } from "@aegis/redact/apart"
import type { TrafficLine } from "@aegis/session-core"

/** In characters: more than that is gone through beside the answers of others. */
const LARGE = 16 * 1024

/** Traffic without its secrets, also those that are cut: the pieces of one message are taken as one text. */
export async function* redactTraffic(lines: AsyncIterable<TrafficLine>): AsyncGenerator<TrafficLine, void, undefined> {
  let waiting: Said[] = []
  for await (const line of lines) {
    const said = read(line)
    if (breaks(waiting, said)) {
      yield* await redactAll(waiting)
      waiting = []
    }
    waiting.push(said)
  }
  yield* await redactAll(waiting)
}

interface Said {
  readonly line: TrafficLine
  /** What it says; undefined: it is no JSON object. */
  readonly frame: Frame | undefined
  /** Names the message that it is a piece of. */
  readonly piece: string | undefined
}

interface Frame {
  readonly params?: { readonly update?: unknown }
}

/** A piece of another message, or what shows between two, ends those before it; what says nothing goes along. */
function breaks(waiting: readonly Said[], { piece, line }: Said) {
  const begun = waiting.find((said) => said.piece !== undefined)
  if (begun === undefined) return waiting.length > 0
  return begun.line.run !== line.run || (piece ?? (isQuiet(line) ? begun.piece : "")) !== begun.piece
}

function isQuiet({ from, text }: TrafficLine) {
  return from === "agent" && text.includes('"usage_update"')
}

function read(line: TrafficLine): Said {
  const frame = parse(line.text)
  const update = (frame?.params as { readonly update?: Update } | undefined)?.update
  const isPiece = line.from === "agent" && update?.sessionUpdate?.endsWith("_chunk") === true
  return { line, frame, piece: isPiece ? `${update.sessionUpdate} ${update.messageId ?? ""}` : undefined }
}

interface Update {
  readonly sessionUpdate?: string
  readonly messageId?: string
}

async function redactAll(waiting: readonly Said[]) {
  const pieces = waiting.filter(({ piece }) => piece !== undefined)
  const updates = await redacted(pieces.map(({ frame }) => frame?.params?.update))
  const lines: TrafficLine[] = []
  for (const said of waiting) {
    const update = updates[pieces.indexOf(said)]
    const joined =
      update === undefined || update === said.frame?.params?.update ? said.frame : withUpdate(said.frame, update)
    lines.push({ ...said.line, text: await textOf(said, joined) })
  }
  return lines
}

async function textOf({ line, frame }: Said, joined: Frame | undefined) {
  if (frame === undefined) return redactText(line.text)
  const clean = await redacted(joined)
  return clean === frame ? line.text : JSON.stringify(clean)
}

function withUpdate(frame: Frame | undefined, update: unknown): Frame | undefined {
  return { ...frame, params: { ...frame?.params, update } }
}

/** The same where there is nothing to hide. */
async function redacted<Value>(value: Value): Promise<Value> {
  const json = JSON.stringify(value) ?? ""
  if (json.length <= LARGE) return redactJson(value) as Value
  const shown = await redactJsonApart(json)
  return shown === undefined ? value : (JSON.parse(shown) as Value)
}

function parse(text: string): Frame | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    // Not JSON is an answer of its own here.
    return undefined
  }
}

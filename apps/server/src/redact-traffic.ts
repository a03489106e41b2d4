import { redactJson, redactText } from "@aegis/redact"
import { redactJsonApart } from "@aegis/redact/apart"
import type { TrafficLine } from "@aegis/session-core"

/** In characters: more than that is gone through beside the answers of others. */
const LARGE = 16 * 1024

/** Traffic without its secrets, also those that are cut: the pieces of one message are taken as one text. */
export async function* redactTraffic(lines: AsyncIterable<TrafficLine>): AsyncGenerator<TrafficLine, void, undefined> {
  let message: Said[] = []
  for await (const line of lines) {
    const said = read(line)
    if (!goesOn(message, said)) {
      yield* redactMessage(message)
      message = []
    }
    if (said.piece !== undefined || message.length > 0) message.push(said)
    else yield redactLine(said, said.frame)
  }
  yield* redactMessage(message)
}

interface Said {
  readonly line: TrafficLine
  /** What it says; undefined: it is no JSON object. */
  readonly frame: Frame | undefined
  readonly update: Update | undefined
  /** Names the message that it is a piece of. */
  readonly piece: string | undefined
}

interface Frame {
  readonly params?: { readonly update?: Update }
}

interface Update {
  readonly sessionUpdate?: unknown
  readonly messageId?: unknown
}

function read(line: TrafficLine): Said {
  const frame = parse(line.text)
  const update = line.from === "agent" ? frame?.params?.update : undefined
  const kind = String(update?.sessionUpdate)
  const piece = kind.endsWith("_chunk") ? `${line.run} ${kind} ${String(update?.messageId)}` : undefined
  return { line, frame, update, piece }
}

/** Whether it is a piece of the same message, or shows nothing between two. */
function goesOn([first]: readonly Said[], { piece, update }: Said) {
  return first === undefined || piece === first.piece || update?.sessionUpdate === "usage_update"
}

async function* redactMessage(message: readonly Said[]) {
  const pieces = message.flatMap(({ piece, update }) => (piece === undefined ? [] : [update]))
  const clean = (await redacted(pieces)).values()
  for (const said of message) {
    const update = said.piece === undefined ? said.update : clean.next().value
    const isSame = update === said.update
    yield redactLine(
      said,
      isSame ? said.frame : { ...said.frame, params: { ...said.frame?.params, ...(update && { update }) } },
    )
  }
}

async function redactLine({ line, frame }: Said, joined: Frame | undefined): Promise<TrafficLine> {
  if (joined === undefined) return { ...line, text: redactText(line.text) }
  const clean = await redacted(joined)
  return clean === frame ? line : { ...line, text: JSON.stringify(clean) }
}

/** The same where there is nothing to hide. */
async function redacted<Value extends object>(value: Value): Promise<Value> {
  const json = JSON.stringify(value)
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

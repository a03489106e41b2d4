import { AegisProblem } from "./aegis-problem.ts"

/** A frame of server-sent events: an event's fields, or a comment. */
export interface SseFrame {
  readonly id?: string
  readonly event?: string
  readonly data?: string
  readonly retry?: number
  readonly comment?: string
}

/** Far more than the server lets an agent say at once: beyond it something else is speaking. */
const LONGEST_LINE = 64 * 1024 * 1024

/** Frames out of a byte stream, however it is cut. What is unfinished at its end is dropped. */
export async function* sseFrames(body: AsyncIterable<Uint8Array>): AsyncGenerator<SseFrame> {
  let frame: WritableFrame = {}
  for await (const line of linesOf(body)) {
    if (line !== "") addLine(frame, line)
    else if (Object.keys(frame).length > 0) {
      yield frame
      frame = {}
    }
  }
}

type WritableFrame = { -readonly [K in keyof SseFrame]: SseFrame[K] }

function addLine(frame: WritableFrame, line: string) {
  const colon = line.indexOf(":")
  const field = colon < 0 ? line : line.slice(0, colon)
  const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1)
  if (field === "") frame.comment = value
  else if (field === "data") frame.data = frame.data === undefined ? value : `${frame.data}\n${value}`
  else if (field === "id" || field === "event") frame[field] = value
  else if (field === "retry" && /^\d+$/.test(value)) frame.retry = Number(value)
}

// A long line arrives in many chunks: only what is new is looked through, so its cost stays proportional to its length.
async function* linesOf(body: AsyncIterable<Uint8Array>) {
  const decoder = new TextDecoder()
  let begun: string[] = []
  let length = 0
  let endedInReturn = false
  for await (const chunk of body) {
    const decoded = decoder.decode(chunk, { stream: true })
    if (decoded === "") continue
    // The second half of a line end that was cut in two.
    const text = endedInReturn && decoded.startsWith("\n") ? decoded.slice(1) : decoded
    endedInReturn = decoded.endsWith("\r")
    let start = 0
    for (const { 0: end, index } of text.matchAll(/\r\n|\r|\n/g)) {
      yield begun.join("") + text.slice(start, index)
      start = index + end.length
      begun = []
      length = 0
    }
    begun.push(text.slice(start))
    length += text.length - start
    if (length > LONGEST_LINE) throw AegisProblem.unreadable(200)
  }
}

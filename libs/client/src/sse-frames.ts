/** A frame of server-sent events: an event's fields, or a comment. */
export interface SseFrame {
  readonly id?: string
  readonly event?: string
  readonly data?: string
  readonly retry?: number
  readonly comment?: string
}

/** Frames out of a byte stream, however it is cut. What is unfinished at its end is dropped. */
export async function* sseFrames(body: AsyncIterable<Uint8Array>): AsyncGenerator<SseFrame> {
  const decoder = new TextDecoder()
  let text = ""
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true })
    // A carriage return at the end may be half of a line end: it waits for the next chunk.
    const blocks = text.split(/(?:\r\n|\r(?!\n|$)|\n)(?:\r\n|\r(?!\n|$)|\n)/)
    text = blocks.pop() ?? ""
    for (const block of blocks) {
      const frame = toFrame(block)
      if (frame) yield frame
    }
  }
}

function toFrame(block: string): SseFrame | undefined {
  const frame: { -readonly [K in keyof SseFrame]: SseFrame[K] } = {}
  for (const line of block.split(/\r\n|\r|\n/)) {
    const [, field, value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
    if (field === "" && line !== "") frame.comment = value
    else if (field === "data") frame.data = frame.data === undefined ? value : `${frame.data}\n${value}`
    else if (field === "id" || field === "event") frame[field] = value
    else if (field === "retry" && /^\d+$/.test(value)) frame.retry = Number(value)
  }
  return Object.keys(frame).length > 0 ? frame : undefined
}

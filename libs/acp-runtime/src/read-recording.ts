import { existsSync } from "node:fs"
import { open } from "node:fs/promises"
import { AcpError } from "./acp-error.ts"
import { LineSplitter } from "./line-splitter.ts"
import { CUT_ENDING, parseRecordHead, type RecordHead, type Speaker } from "./recording-format.ts"

/** A line that went one way or the other, and when its end did (epoch milliseconds). */
export interface RecordedLine {
  readonly from: Speaker
  readonly at: number
  readonly text: string
}

/** `cut`: what came after some moment is missing, since it was too much, or the disk was full. */
export function findRecording(path: string): "whole" | "cut" | "none" {
  if (existsSync(path)) return "whole"
  return existsSync(`${path}${CUT_ENDING}`) ? "cut" : "none"
}

/**
 * The lines of a recording in their order, up to what is written by now; a line of the agent stands where its end came.
 * Rejects with `recording-damaged`.
 */
export async function* readRecording(path: string): AsyncGenerator<RecordedLine, void, undefined> {
  const lines = new LineSplitter()
  for await (const { from, at, bytes } of recordsOf(path)) {
    if (from === "client") yield { from, at, text: bytes.toString() }
    else for (const { text } of lines.push(bytes)) yield { from, at, text }
  }
}

async function* recordsOf(path: string) {
  let rest: Buffer = Buffer.alloc(0)
  let head: RecordHead | undefined
  for await (const chunk of chunksOf(path)) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    for (;;) {
      if (!head) {
        const end = rest.indexOf(LINE_FEED)
        if (end < 0 && rest.length <= HEAD_BYTES) break
        head = parseRecordHead(rest.toString("latin1", 0, Math.max(0, end)))
        if (!head) throw new AcpError("recording-damaged", `${path} is no recording of an agent, or a damaged one.`)
        rest = rest.subarray(end + 1)
      }
      if (rest.length < head.length) break
      yield { from: head.from, at: head.at, bytes: rest.subarray(0, head.length) }
      rest = rest.subarray(head.length)
      head = undefined
    }
  }
}

async function* chunksOf(path: string) {
  const file = await open(path, "r")
  try {
    yield* file.createReadStream({ autoClose: false, highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>
  } finally {
    await file.close()
  }
}

const LINE_FEED = 0x0a
const HEAD_BYTES = 40
/** A frame of 16 MB is put together from sixteen of these. */
const CHUNK_BYTES = 1024 * 1024

import { createReadStream } from "node:fs"
import { stat } from "node:fs/promises"
import { basename } from "node:path"
import { z } from "zod"
import { AcpError } from "./acp-error.ts"
import { type JsonRecord, parseObject } from "./json-record.ts"
import type { Speaker } from "./recording-format.ts"
import { toLine } from "./rpc-frame.ts"

const count = z.int().min(0)
const positive = z.int().min(1)
const instant = z.iso.datetime()

/** The first line of a cassette: what was recorded. */
const CassetteHeaderSchema = z.strictObject({
  format: z.literal("aegis-cassette"),
  version: z.literal(1),
  /** When it was exported. */
  at: instant,
  agent: z.strictObject({ name: z.string(), program: z.string().optional(), version: z.string().optional() }),
  /** Of ACP. */
  protocolVersion: positive,
  /** Of the session's transcript, as docs/cassettes.md says. */
  transcript: z.strictObject({ messages: count, sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  /** The agent's processes in their order, and how each ended; without that it was still there. */
  runs: z.array(z.strictObject({ ended: z.enum(["stopped", "crashed", "failed", "lost"]).optional() })).min(1),
})
export type CassetteHeader = z.infer<typeof CassetteHeaderSchema>

/** Every other line: what one of the two has said. `text` is a line that is no JSON object, or not to the letter. */
const CassetteLineSchema = z
  .strictObject({
    run: positive,
    at: instant,
    from: z.enum(["agent", "client"]),
    frame: z.record(z.string(), z.unknown()).optional(),
    text: z.string().optional(),
  })
  .refine(({ frame, text }) => (frame === undefined) !== (text === undefined))
export type CassetteLine = z.infer<typeof CassetteLineSchema>

export interface CassetteFrame {
  /** Where it stands in the file, for a person. */
  readonly line: number
  readonly run: number
  readonly from: Speaker
  /** The line to the letter. */
  readonly text: string
  /** What it says; undefined: it is no JSON object. */
  readonly frame: JsonRecord | undefined
}

export interface Cassette {
  readonly header: CassetteHeader
  readonly frames: readonly CassetteFrame[]
}

/** What a session says to its agent and is answered, as one line of a cassette: without its line break. */
export function toCassetteLine({ run, at, from }: Omit<CassetteLine, "frame" | "text">, said: string) {
  const head = { run, at, from }
  const frame = parseObject(said)
  const isExact = frame !== undefined && JSON.stringify(frame) === said
  return toLine(isExact ? { ...head, frame } : { ...head, text: said })
}

/**
 * Reads all of a cassette. Rejects with `cassette-invalid`, which says in which line and what is wrong there, and nothing
 * of what stands there: the file may be anything.
 */
export async function readCassette(path: string): Promise<Cassette> {
  const found = await stat(path).catch(() => undefined)
  if (!found?.isFile()) throw invalid(path, "is no file")
  if (found.size > MOST_BYTES) throw invalid(path, `has more than ${MOST_BYTES} bytes`)
  let header: CassetteHeader | undefined
  const frames: CassetteFrame[] = []
  let line = 0
  for await (const text of linesOf(path)) {
    line += 1
    if (header === undefined) header = parse(CassetteHeaderSchema, text, { path, line })
    else {
      const frame = toFrame(parse(CassetteLineSchema, text, { path, line }), line)
      const isNext = frame.run >= (frames.at(-1)?.run ?? 1) && frame.run <= header.runs.length
      if (!isNext) throw invalid(path, "is out of order, or of a run that the first line does not name", line)
      frames.push(frame)
    }
  }
  if (header === undefined) throw invalid(path, "is empty")
  return { header, frames }
}

/** Piece by piece: whoever reads a long one has other things to do as well. */
async function* linesOf(path: string) {
  let rest = ""
  try {
    for await (const piece of createReadStream(path, { encoding: "utf8", highWaterMark: PIECE_BYTES })) {
      const lines = `${rest}${piece as string}`.split("\n")
      rest = lines.pop() ?? ""
      yield* lines
    }
  } catch (error) {
    throw AcpError.is(error) ? error : invalid(path, "cannot be read")
  }
  if (rest !== "") yield rest
}

const PIECE_BYTES = 256 * 1024
const MOST_BYTES = 256 * 1024 * 1024

interface Place {
  readonly path: string
  readonly line: number
}

function parse<T>(schema: z.ZodType<T>, text: string, { path, line }: Place): T {
  const value = parseObject(text)
  if (value === undefined) throw invalid(path, "is no JSON object", line)
  const result = schema.safeParse(value)
  if (result.success) return result.data
  // What it calls its members may be somebody's secret; where ours are wrong, that is ours to say.
  const wrong = result.error.issues.map((issue) => issue.path.join(".")).find((name) => name !== "")
  throw invalid(path, wrong === undefined ? "has not the members of a cassette's line" : `is wrong at "${wrong}"`, line)
}

function toFrame({ run, from, frame, text = "" }: CassetteLine, line: number): CassetteFrame {
  if (frame !== undefined) return { line, run, from, frame, text: JSON.stringify(frame) }
  return { line, run, from, frame: parseObject(text), text }
}

function invalid(path: string, problem: string, line?: number) {
  const where = line === undefined ? "It" : `Line ${line}`
  return new AcpError("cassette-invalid", `${basename(path)} is no cassette that can be played. ${where} ${problem}.`)
}

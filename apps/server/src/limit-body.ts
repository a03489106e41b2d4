import type { Context } from "hono"
import { JsonMeter } from "./json-meter.ts"
import { RequestProblem } from "./problem-reply.ts"

const MIB = 1024 * 1024
/** What is still read of a body that is too large: a caller who is cut off in the middle never sees the answer. */
const DRAIN = 64 * MIB
/** Less than that has too few values to matter. */
const SMALL = 16 * 1024

/**
 * Refuses a body of more than 1 MiB, or 10 MiB of prompts, which may carry attachments or be many, and of hooks, which may carry files;
 * and one that has more values than can be parsed while others wait. Not before somebody has shown a credential: a stranger's body takes neither memory nor time (spec/threats.md, 2.3).
 */
export async function limitBody({ req }: Context) {
  // Nobody reads theirs; and looking for one makes a request of the platform's own, which stays as long as a stream does.
  if (req.method === "GET" || req.method === "HEAD" || req.raw.body === null) return
  if (lengthOf(req.raw) <= SMALL) return
  const most = LARGE.test(req.path) ? 10 * MIB : MIB
  const meter = new JsonMeter()
  const body = await readUpTo(most, req.raw.body, meter)
  if (body === undefined)
    throw new RequestProblem(
      "body-too-large",
      `The body is larger than the ${most / MIB} MiB that this operation takes.`,
    )
  if (meter.problem !== undefined) throw new RequestProblem("body-invalid", meter.problem)
  req.raw = new Request(req.raw, { body })
}

const LARGE = /^\/v1\/(sessions\/([^/]+\/send|batch)|(sessions\/[^/]+\/)?hooks\/[^/]+)$/

/** What the HTTP server holds its caller to. */
function lengthOf({ headers }: Request) {
  const length = headers.get("Content-Length")
  return length === null || headers.has("Transfer-Encoding") ? Number.POSITIVE_INFINITY : Number(length)
}

/** Undefined: there is more of it. */
async function readUpTo(most: number, body: ReadableStream<Uint8Array>, meter: JsonMeter) {
  const chunks: Uint8Array[] = []
  let read = 0
  for await (const chunk of body) {
    read += chunk.length
    if (read <= most && meter.problem === undefined) {
      meter.add(chunk)
      chunks.push(chunk)
    } else chunks.length = 0
    if (read > DRAIN) break
  }
  return read > most ? undefined : Buffer.concat(chunks)
}

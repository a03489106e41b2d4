import type { Context, MiddlewareHandler } from "hono"
import { bodyLimit } from "hono/body-limit"
import { RequestProblem } from "./problem-reply.ts"

const MIB = 1024 * 1024
/** What is still read of a body that is too large: a caller who is cut off in the middle never sees the answer. */
const DRAIN = 64 * MIB

/** 1 MiB, and 10 MiB for prompts, which may carry attachments, and for hooks, which may carry files. */
export const limitBody: MiddlewareHandler = async (context, next) => {
  // Nobody reads theirs; and looking for one makes a request of the platform's own, which stays as long as a stream does.
  if (context.req.method === "GET" || context.req.method === "HEAD") return next()
  const maxSize = LARGE.test(context.req.path) ? 10 * MIB : MIB
  return bodyLimit({ maxSize, onError: (refused) => refuse(refused, maxSize) })(context, next)
}

const LARGE = /^\/v1\/(sessions\/[^/]+\/send|(sessions\/[^/]+\/)?hooks\/[^/]+)$/

async function refuse(context: Context, maxSize: number): Promise<never> {
  if (!context.req.raw.bodyUsed) await drain(context.req.raw.body)
  throw new RequestProblem(
    "body-too-large",
    `The body is larger than the ${maxSize / MIB} MiB that this operation takes.`,
  )
}

async function drain(body: ReadableStream<Uint8Array> | null) {
  let read = 0
  for await (const chunk of body ?? []) {
    read += chunk.length
    if (read > DRAIN) return
  }
}

import { operations } from "@aegis/openapi-contract"
import { audienceOf } from "@aegis/policy"
import type { BegunSession, CreatedSession, EndedSession } from "@aegis/session-core"
import type { z } from "@hono/zod-openapi"
import type { Context } from "hono"
import type { Logger } from "pino"
import { authorizeSession } from "./authorize-request.ts"
import { guarded } from "./guarded.ts"
import { countPart, partProblem } from "./part-of-request.ts"
import { toProblem } from "./problem-reply.ts"
import type { Env } from "./request-env.ts"
import { type App, callerOf, holderOf, type RouteParts } from "./routes.ts"
import { toCreated, toWire } from "./session-wire.ts"
import { wantedSession } from "./wanted-session.ts"

interface BatchParts extends RouteParts {
  readonly logger: Pick<Logger, "error">
}

/** So many are ended at once. */
const MOST = 50

/** Routes of what is done to many sessions at once: each of them as it is done to one. */
export function addBatchRoutes(app: App, parts: BatchParts) {
  app.openapi(guarded(operations.batchCreateSessions, parts), async (context) => {
    const { sessions, atomic } = context.req.valid("json")
    const outcomes = atomic
      ? await createTogether(context, sessions, parts)
      : await createEach(context, sessions, parts)
    const results = []
    for (const [index, { value, error }] of outcomes.entries())
      results.push(value ? { index, session: toCreated(value) } : { index, problem: await told(error, context, parts) })
    const made = outcomes.flatMap(({ value }) => value ?? [])
    const reused = made.filter((each) => each.reused).length
    const counts = { created: made.length - reused, reused, failed: outcomes.length - made.length }
    return context.json({ ...counts, results }, counts.created > 0 ? 201 : 200)
  })

  app.openapi(guarded(operations.batchKillSessions, parts), async (context) => {
    const { id, ...filter } = context.req.valid("query")
    const { ended, hasMore } = await (id ? killNamed(context, id, parts) : killMatching(context, filter, parts))
    const results = []
    for (const { id, session, problem } of ended)
      results.push(session ? { id, session: toWire(session) } : { id, problem: await told(problem, context, parts) })
    const killed = ended.flatMap(({ session }) => session ?? [])
    const counts = { killed: killed.length, failed: ended.length - killed.length }
    const isKept = killed.some(({ durable }) => durable)
    return context.json({ ...counts, results, hasMore }, isKept ? 202 : 200)
  })
}

type CreateBody = z.infer<
  (typeof operations.batchCreateSessions.request.body.content)["application/json"]["schema"]
>["sessions"]

interface Outcome<T> {
  readonly value?: T
  readonly error?: unknown
}

async function outcomeOf<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await work() }
  } catch (error) {
    return { error }
  }
}

/** One after the other; then all of them wait for their agents together. */
async function createEach(
  context: Context<Env>,
  wishes: CreateBody,
  parts: RouteParts,
): Promise<readonly Outcome<CreatedSession>[]> {
  const caller = callerOf(context)
  const { idempotency } = caller
  await parts.aegis.takeKey(caller)
  const begun: Outcome<BegunSession>[] = []
  for (const [index, wish] of wishes.entries())
    begun.push(
      await outcomeOf(async () => {
        countPart(context, index, parts)
        const wanted = await wantedSession(context, wish, parts)
        const own = idempotency && { ...idempotency, key: `${idempotency.key} ${index}` }
        const except = begun.flatMap(({ value }) => value?.sessionId ?? [])
        return parts.aegis.beginSession({ ...caller, idempotency: own }, { ...wanted, except })
      }),
    )
  return Promise.all(begun.map(async ({ value, error }) => (value ? outcomeOf(value.answer) : { error })))
}

async function createTogether(context: Context<Env>, wishes: CreateBody, parts: RouteParts) {
  const wanted = []
  for (const [index, wish] of wishes.entries()) {
    const { value, error } = await outcomeOf(async () => {
      countPart(context, index, parts)
      return parts.aegis.checkSession(await wantedSession(context, wish, parts))
    })
    if (value === undefined) throw partProblem(error, { path: `sessions.${index}`, words: "None of them is created" })
    wanted.push(value)
  }
  const created = await parts.aegis.createTogether(callerOf(context), wanted)
  return created.map((value): Outcome<CreatedSession> => ({ value }))
}

interface Ended {
  readonly ended: readonly EndedSession[]
  readonly hasMore: boolean
}

async function killNamed(
  context: Context<Env>,
  named: readonly string[],
  { aegis, config }: RouteParts,
): Promise<Ended> {
  const { principal } = holderOf(context)
  const ids = [...new Set(named)]
  const problems = new Map<string, unknown>()
  for (const sessionId of ids) {
    const { error } = await outcomeOf(() => authorizeSession(principal, "session.kill", { sessionId, aegis, config }))
    if (error !== undefined) problems.set(sessionId, error)
  }
  const ended = await aegis.killAll(
    callerOf(context),
    ids.filter((id) => !problems.has(id)),
  )
  const known = new Map(ended.map((each) => [each.id, each]))
  return { ended: ids.map((id) => known.get(id) ?? { id, problem: problems.get(id) }), hasMore: false }
}

type Filter = Pick<Parameters<RouteParts["aegis"]["killMatching"]>[1], "status" | "workDir" | "agent">

// Of those only that the caller may end.
function killMatching(context: Context<Env>, filter: Filter, { aegis }: RouteParts): Promise<Ended> {
  const audience = audienceOf(holderOf(context).principal, "owner")
  return aegis.killMatching(callerOf(context), { ...filter, ...audience, limit: MOST })
}

/** A part's problem, in the trail and the log where a whole request's would be. */
async function told(error: unknown, context: Context<Env>, { notes, logger, failures }: BatchParts) {
  const requestId = context.get("requestId")
  const problem = toProblem(error, requestId)
  if (problem.code === "permission-missing") {
    const operation = context.req.method === "DELETE" ? "batchKillSessions" : "batchCreateSessions"
    await notes.denied(holderOf(context), { operation, via: context.get("via") })
  }
  if (problem.status >= 500) {
    logger.error({ requestId, error }, "a part of a request failed")
    if (error instanceof Error) failures.note(requestId, error)
  }
  return problem
}

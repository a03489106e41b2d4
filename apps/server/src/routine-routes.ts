import { operations } from "@aegis/openapi-contract"
import type { PermissionMode } from "@aegis/policy"
import { type Routine, type RoutineItem, type RoutineRun, SessionError } from "@aegis/session-core"
import type { z } from "@hono/zod-openapi"
import type { Context } from "hono"
import { etagOf, versionOf } from "./etag.ts"
import { guarded } from "./guarded.ts"
import { cursorOf, placeOf } from "./paging.ts"
import { RequestProblem } from "./problem-reply.ts"
import type { Env } from "./request-env.ts"
import { type App, audienceOfCaller, callerOf, type RouteParts } from "./routes.ts"
import { checkMode } from "./wanted-session.ts"
import { defined, refuseWithoutCreate, wantedWork, workOnWire } from "./wanted-work.ts"

/** Routes of work by the clock. */
export function addRoutineRoutes(app: App, parts: RouteParts) {
  const { aegis } = parts

  app.openapi(guarded(operations.createRoutine, parts), async (context) => {
    refuseWithoutCreate(context, WHY)
    const routine = await wantedRoutine(context, context.req.valid("json"), parts)
    const made = await aegis.routines.create(callerOf(context), routine).catch(atItsPlace)
    return context.json(toWire(made), 201, etagOf(made))
  })

  app.openapi(guarded(operations.listRoutines, parts), async (context) => {
    const { limit, after } = context.req.valid("query")
    const { tenantId, userId } = audienceOfCaller(context, parts)
    const page = await aegis.routines.list({ tenantId, userId, limit, after: placeOf(after) })
    return context.json({ items: page.items.map(toItem), ...cursorOf(page.next) }, 200)
  })

  app.openapi(guarded(operations.getRoutine, parts), async (context) => {
    const found = await aegis.routines.get(context.req.valid("param").id)
    return context.json(toWire(found), 200, etagOf(found))
  })

  app.openapi(guarded(operations.updateRoutine, parts), async (context) => {
    refuseWithoutCreate(context, WHY)
    const { id } = context.req.valid("param")
    const present = await aegis.routines.get(id)
    const routine = await changedRoutine(context, { present, changes: context.req.valid("json") }, parts)
    // What is not named is what it was when it was looked at.
    const ifVersion = versionOf(context.req.valid("header")["If-Match"]) ?? present.version
    const changed = await aegis.routines.update(callerOf(context), id, { routine, ifVersion }).catch(atItsPlace)
    return context.json(toWire(changed), 200, etagOf(changed))
  })

  app.openapi(guarded(operations.deleteRoutine, parts), async (context) => {
    const ifVersion = versionOf(context.req.valid("header")["If-Match"])
    await aegis.routines.delete(callerOf(context), context.req.valid("param").id, { ifVersion })
    return context.json({ ok: true as const }, 200)
  })

  app.openapi(guarded(operations.runRoutine, parts), async (context) => {
    refuseWithoutCreate(context, WHY)
    const { id } = context.req.valid("param")
    // Nobody gets more by a routine than by beginning the same themselves.
    await checkMode(context, (await aegis.routines.get(id)).permissionMode as PermissionMode, parts)
    return context.json(toRun(await aegis.routines.run(callerOf(context), id)), 201)
  })

  app.openapi(guarded(operations.listRoutineRuns, parts), async (context) => {
    const { limit, after, status } = context.req.valid("query")
    const query = { limit, status, after: placeOf(after) }
    const page = await aegis.routines.runs(context.req.valid("param").id, query)
    return context.json({ items: page.items.map(toRun), ...cursorOf(page.next) }, 200)
  })
}

const WHY = "Its runs are sessions"

type Wish = z.infer<(typeof operations.createRoutine.request.body.content)["application/json"]["schema"]>
type Changes = z.infer<(typeof operations.updateRoutine.request.body.content)["application/json"]["schema"]>

async function wantedRoutine(
  context: Context<Env>,
  { name, cron, timeZone = "UTC", missedRun = "skip", overlap = "skip", enabled = true, ...work }: Wish,
  parts: RouteParts,
) {
  return { name, cron, timeZone, missedRun, overlap, enabled, ...(await wantedWork(context, defined(work), parts)) }
}

/** What is not named stays. */
async function changedRoutine(
  context: Context<Env>,
  { present, changes: { model, effort, ...changes } }: { readonly present: Routine; readonly changes: Changes },
  parts: RouteParts,
) {
  const { name, cron, timeZone, missedRun, overlap, enabled } = present
  const { prompt, workDir, agent, permissionMode, labels, template } = present
  const said = { model: changed(present.model, model), effort: changed(effortOf(present), effort) }
  const work = { prompt, workDir, agent, permissionMode: permissionMode as PermissionMode, labels, ...said }
  const { template: _none, ...wanted } = await wantedWork(context, { ...defined(work), ...only(changes, WORK) }, parts)
  const terms = { name, cron, timeZone, missedRun, overlap, enabled, ...only(changes, TERMS) }
  return { ...terms, ...wanted, ...defined({ template }) }
}

/** null takes away. */
function changed(present: string | undefined, change: string | null | undefined) {
  return change === undefined ? present : (change ?? undefined)
}

function effortOf({ options }: Routine) {
  return typeof options?.effort === "string" ? options.effort : undefined
}

const WORK = ["prompt", "workDir", "agent", "permissionMode", "labels"] as const
const TERMS = ["name", "cron", "timeZone", "missedRun", "overlap", "enabled"] as const

function only<T extends object, K extends keyof T>(fields: T, names: readonly K[]) {
  return defined(Object.fromEntries(names.map((name) => [name, fields[name]])) as Pick<T, K>)
}

/** Which field of the wish a refusal is about. */
const places: Readonly<Record<string, string>> = {
  "cron-invalid": "cron",
  "time-zone-unknown": "timeZone",
  "workdir-invalid": "workDir",
  "workdir-forbidden": "workDir",
  "agent-unknown": "agent",
  "agent-not-installed": "agent",
  "mode-not-allowed": "permissionMode",
}

function atItsPlace(error: unknown): never {
  const path = SessionError.is(error) ? places[error.code] : undefined
  if (!SessionError.is(error) || path === undefined) throw error
  throw new RequestProblem(error.code, error.message, { errors: [{ path, message: error.message }] })
}

function toItem<Item extends RoutineItem>({ routineId, owner, lastRun, ...routine }: Item) {
  return { id: routineId, ...routine, owner: owner.userId, ...(lastRun ? { lastRun: toRun(lastRun) } : {}) }
}

function toWire(routine: Routine) {
  return workOnWire(toItem(routine))
}

function toRun({ run, missed, error, ...rest }: RoutineRun) {
  return { id: run, ...rest, ...(missed ? { missed: { ...missed } } : {}), ...(error ? { error: { ...error } } : {}) }
}

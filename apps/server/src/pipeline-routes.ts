import { operations } from "@aegis/openapi-contract"
import type { Pipeline, PipelineItem, PipelineWish, Stage, StageState } from "@aegis/session-core"
import type { z } from "@hono/zod-openapi"
import type { Context } from "hono"
import { guarded } from "./guarded.ts"
import { cursorOf, placeOf } from "./paging.ts"
import { countPart, partProblem } from "./part-of-request.ts"
import type { Env } from "./request-env.ts"
import { type App, audienceOfCaller, callerOf, type RouteParts } from "./routes.ts"
import { defined, refuseWithoutCreate, wantedWork, workOnWire } from "./wanted-work.ts"

/** Routes of work in stages. */
export function addPipelineRoutes(app: App, parts: RouteParts) {
  const { aegis } = parts

  app.openapi(guarded(operations.createPipeline, parts), async (context) => {
    refuseWithoutCreate(context, "Its stages are sessions")
    const wish = await wantedPipeline(context, context.req.valid("json"), parts)
    return context.json(toWire(await aegis.pipelines.create(callerOf(context), wish)), 201)
  })

  app.openapi(guarded(operations.listPipelines, parts), async (context) => {
    const { limit, after, status } = context.req.valid("query")
    const { tenantId, userId } = audienceOfCaller(context, parts)
    const page = await aegis.pipelines.list({ tenantId, userId, status, limit, after: placeOf(after) })
    return context.json({ items: page.items.map(toItem), ...cursorOf(page.next) }, 200)
  })

  app.openapi(guarded(operations.getPipeline, parts), async (context) =>
    context.json(toWire(await aegis.pipelines.get(context.req.valid("param").id)), 200),
  )

  app.openapi(guarded(operations.cancelPipeline, parts), async (context) => {
    const reason = "Somebody has cancelled it."
    const cancelled = await aegis.pipelines.cancel(callerOf(context), context.req.valid("param").id, { reason })
    return context.json(toWire(cancelled), 200)
  })
}

type Body = z.infer<(typeof operations.createPipeline.request.body.content)["application/json"]["schema"]>
type StageWish = Body["stages"][number]

async function wantedPipeline(
  context: Context<Env>,
  { name, workDir, permissionMode, stages }: Body,
  parts: RouteParts,
): Promise<PipelineWish> {
  const wanted = []
  for (const [index, stage] of stages.entries())
    try {
      countPart(context, index, parts)
      wanted.push(await wantedStage(context, stage, { workDir, permissionMode }, parts))
    } catch (error) {
      throw partProblem(error, { path: `stages.${index}`, words: `Stage ${stage.name}` })
    }
  return { name, stages: wanted }
}

async function wantedStage(
  context: Context<Env>,
  { name, dependsOn = [], onFailure = "stop", retries = 1, ...own }: StageWish,
  common: Pick<Body, "workDir" | "permissionMode">,
  parts: RouteParts,
): Promise<PipelineWish["stages"][number]> {
  const work = await wantedWork(context, { ...defined(common), ...defined(own) }, parts)
  return { name, dependsOn, onFailure, retries: onFailure === "retry" ? retries : 0, ...work }
}

function toItem({ pipelineId, owner, stages, ...pipeline }: PipelineItem) {
  return { id: pipelineId, ...pipeline, owner: owner.userId, stages: stages.map(toStageItem) }
}

function toWire({ pipelineId, owner, stages, ...pipeline }: Pipeline) {
  return { id: pipelineId, ...pipeline, owner: owner.userId, stages: stages.map(toStage) }
}

function toStageItem<Item extends StageState>({ dependsOn, error, ...stage }: Item) {
  return { ...stage, dependsOn: [...dependsOn], ...(error ? { error: { ...error } } : {}) }
}

function toStage({ isShortened, ...stage }: Stage) {
  return { ...workOnWire(toStageItem(stage)), ...(isShortened ? { shortened: true } : {}) }
}

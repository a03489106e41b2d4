import { z } from "@hono/zod-openapi"
import { pageQuery } from "./operation.ts"
import { begunWith, instant } from "./schemas.ts"
import { namesItsTemplate, saysWhatToDo, work, workWish } from "./work-schemas.ts"

/** So many stages has a pipeline. */
const MOST = 50

const stageName = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[^{}\r\n]+$/, "No braces, and no line breaks")
const onFailure = z.enum(["stop", "continue", "retry"])

const StageWishSchema = z
  .strictObject({
    name: stageName.openapi({ description: "Each has one of its own.", example: "review" }),
    ...workWish,
    prompt: begunWith.prompt.optional().openapi({
      description:
        "`{{stages.NAME.output}}` stands for the last words of that stage, which has to be one that this one depends on, itself or by way of others. It may be absent where a template says it.",
    }),
    dependsOn: z
      .array(stageName)
      .max(MOST)
      .optional()
      .openapi({ description: "The stages that have to be over before. Default: none, it begins at once." }),
    workDir: begunWith.workDir.optional().openapi({ description: "Default: the pipeline's." }),
    permissionMode: begunWith.permissionMode.openapi({ description: "Default: the pipeline's, else the server's." }),
    onFailure: onFailure.optional().openapi({
      description:
        "What follows when it fails. `stop` (default): no other stage begins, and the pipeline has failed. `continue`: those that depend on it go on. `retry`: it is tried again, then as `stop`.",
    }),
    retries: z.int().min(1).max(10).optional().openapi({ description: "Of `retry`: how often. Default: once." }),
  })
  .refine(...saysWhatToDo)
  .refine(...namesItsTemplate)
  .refine(({ retries, onFailure: what }) => retries === undefined || what === "retry", {
    message: "Only a stage with onFailure retry is tried again.",
    path: ["retries"],
  })
  .openapi("StageWish")

export const CreatePipelineSchema = z
  .strictObject({
    // A stage's session is called by both names, and may have 200 characters.
    name: z.string().min(1).max(97).openapi({ example: "pr-reviewer" }),
    workDir: begunWith.workDir.optional().openapi({
      description: "Where its stages work that do not say so themselves.",
      example: "/home/user/project",
    }),
    permissionMode: begunWith.permissionMode.openapi({ description: "Of its stages that do not say so themselves." }),
    stages: z.array(StageWishSchema).min(1).max(MOST),
  })
  .refine(({ workDir, stages }) => workDir !== undefined || stages.every((stage) => stage.workDir ?? stage.template), {
    message: "Say where its stages are to work.",
    path: ["workDir"],
  })
  .openapi("CreatePipeline", {
    example: {
      name: "pr-reviewer",
      workDir: "/home/user/project",
      permissionMode: "plan",
      stages: [
        { name: "read", prompt: "Read the last commit, and say what it changes." },
        { name: "review", dependsOn: ["read"], prompt: "Review this change: {{stages.read.output}}" },
      ],
    },
  })

const status = z.enum(["running", "completed", "failed", "cancelled"])

const stageItem = {
  name: z.string(),
  status: z.enum(["pending", "running", "completed", "failed", "skipped", "cancelled"]).openapi({
    description:
      "`skipped`: another stage has failed before it began. `pending`: it waits, for the first time or again.",
  }),
  attempts: z.int().openapi({ description: "How often it was begun." }),
  dependsOn: z.array(z.string()),
  onFailure,
  retries: z.int(),
  sessionId: z.uuid().optional().openapi({ description: "The session of its last try." }),
  startedAt: instant.optional(),
  endedAt: instant.optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
}

const StageSchema = z
  .object({
    ...stageItem,
    ...work,
    output: z.string().optional().openapi({ description: "The agent's last words, up to 32,768 characters of them." }),
    shortened: z.boolean().optional().openapi({ description: "It said more than that." }),
  })
  .openapi("Stage")

const pipeline = {
  id: z.uuid(),
  name: z.string(),
  status: status.openapi({ description: "A stage that is to be continued after has not failed its pipeline." }),
  reason: z.string().optional().openapi({ description: "Why it is over." }),
  owner: z.string(),
  createdAt: instant,
  endedAt: instant.optional(),
  seq: z.int().openapi({ description: "Of its first event: who follows its `pipeline.` events begins there." }),
}

export const PipelineSchema = z.object({ ...pipeline, stages: z.array(StageSchema) }).openapi("Pipeline")

export const PipelineListSchema = z
  .object({
    items: z.array(
      z
        .object({ ...pipeline, stages: z.array(z.object(stageItem).openapi("StageItem")) })
        .openapi("PipelineItem", { description: "A pipeline without what its stages were told and have said." }),
    ),
    nextCursor: z.string().optional(),
  })
  .openapi("PipelineList")

export const pipelineQuery = pageQuery.extend({ status: status.optional() })

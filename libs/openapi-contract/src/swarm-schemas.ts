import { z } from "@hono/zod-openapi"
import { CreateSessionSchema, SessionListItemSchema } from "./schemas.ts"

const { parentId: _parentId, reuse: _reuse, workDir, ...begunWith } = CreateSessionSchema.shape

export const SpawnChildSchema = z
  .strictObject({
    ...begunWith,
    workDir: workDir.openapi({ description: "Absent: where its template says, or where its parent works." }),
  })
  .refine(({ variables, template }) => variables === undefined || template !== undefined, {
    message: "Variables are a template's: name it.",
    path: ["variables"],
  })
  .openapi("SpawnChild")

export const ForkSessionSchema = z
  .strictObject({ name: begunWith.name, prompt: begunWith.prompt })
  .openapi("ForkSession")

const SwarmNodeSchema = SessionListItemSchema.extend({
  depth: z.int().min(0).openapi({ description: "How many sessions of its tree are above it." }),
  subagents: z
    .array(
      z.object({
        toolCallId: z.string(),
        title: z.string(),
        since: z.iso.datetime(),
      }),
    )
    .openapi({ description: "What its agent has others do within its own process, while they do it." }),
}).openapi("SwarmNode")

export const SwarmSchema = z
  .object({ items: z.array(SwarmNodeSchema), nextCursor: z.string().optional() })
  .openapi("Swarm")

import { z } from "@hono/zod-openapi"
import { begunWith, OptionsSchema } from "./schemas.ts"

/** What a session is begun with that begins by itself, as it is wished for. */
export const workWish = {
  prompt: begunWith.prompt.optional(),
  workDir: begunWith.workDir.optional(),
  agent: begunWith.agent,
  permissionMode: begunWith.permissionMode,
  model: begunWith.model,
  effort: begunWith.effort,
  labels: begunWith.labels,
  template: z.string().min(1).max(100).optional().openapi({
    description: "The id of a template, as it is now. What is said here takes the place of what it says.",
  }),
  variables: z
    .record(z.string().max(64), z.string().max(100_000))
    .optional()
    .openapi({ description: "What the template leaves open." }),
}

interface WorkWish {
  readonly prompt?: string | undefined
  readonly template?: string | undefined
  readonly variables?: Readonly<Record<string, string>> | undefined
}

export const saysWhatToDo = [
  ({ prompt, template }: WorkWish) => prompt !== undefined || template !== undefined,
  { message: "Say what it is to do.", path: ["prompt"] },
] as const satisfies Refinement

export const namesItsTemplate = [
  ({ variables, template }: WorkWish) => variables === undefined || template !== undefined,
  { message: "Variables are a template's: name it.", path: ["variables"] },
] as const satisfies Refinement

type Refinement = readonly [(wish: WorkWish) => boolean, { readonly message: string; readonly path: string[] }]

/** The same as it is kept. */
export const work = {
  prompt: z.string(),
  workDir: z.string(),
  agent: z.string(),
  permissionMode: z.string(),
  model: z.string().optional(),
  options: OptionsSchema.optional(),
  labels: z.record(z.string(), z.string()).optional(),
  template: z.object({ id: z.string(), version: z.int() }).optional(),
}

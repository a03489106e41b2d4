import { z } from "@hono/zod-openapi"
import { begunWith } from "./schemas.ts"

const fields = {
  name: z.string().min(1).max(100).openapi({ example: "fix-the-build" }),
  description: z.string().max(500).optional(),
  ...begunWith,
  workDir: begunWith.workDir.optional(),
  prompt: begunWith.prompt.optional().openapi({ example: "Mend {{what=the build}} on {{branch}}." }),
}

export const TemplateWishSchema = z.strictObject(fields).openapi("TemplateWish", {
  description:
    "What sessions are begun with. `{{word}}` in the prompt, the folder and the labels is filled in when one is; `{{word=text}}` says what it is otherwise.",
})

export const TemplateSchema = z
  .object({
    id: z.string(),
    ...fields,
    variables: z
      .array(z.object({ name: z.string(), default: z.string().optional() }))
      .openapi({ description: "What is left open; without a `default` it has to be given." }),
    builtIn: z.boolean().openapi({ description: "It comes with Aegis, and nobody changes it." }),
    version: z.int().positive().openapi({ description: "Counts its changes; the `ETag` has it too." }),
    owner: z.string().optional().openapi({ description: "Whose it is; absent: built in." }),
    createdAt: z.iso.datetime().optional(),
    updatedAt: z.iso.datetime().optional(),
  })
  .openapi("Template")

export const TemplateListSchema = z
  .object({ items: z.array(TemplateSchema), nextCursor: z.string().optional() })
  .openapi("TemplateList")

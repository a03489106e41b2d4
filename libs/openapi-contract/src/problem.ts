import { z } from "@hono/zod-openapi"

/** RFC 9457 problem details. */
export const ProblemSchema = z
  .object({
    type: z.string().openapi({ example: "about:blank" }),
    title: z.string().openapi({ example: "Conflict" }),
    status: z.int(),
    detail: z.string().openapi({ description: "What was refused, and what to do." }),
    code: z.string().openapi({ description: "Stable, kebab-case.", example: "approval-consumed" }),
    requestId: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .openapi("Problem")
export type Problem = z.infer<typeof ProblemSchema>

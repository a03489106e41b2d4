import { SessionStatusSchema } from "@aegis/session-core/events"
import { z } from "@hono/zod-openapi"
import { repeated } from "./operation.ts"
import { ProblemSchema } from "./problem.ts"
import { CreatedSessionSchema, CreateSessionSchema, SessionSchema } from "./schemas.ts"

/** So many sessions are begun, or ended, at once. */
const MOST = 50

export const BatchCreateSchema = z
  .strictObject({
    sessions: z
      .array(CreateSessionSchema)
      .min(1)
      .max(MOST)
      .openapi({ description: "Each as one is created by itself." }),
    atomic: z.boolean().optional().openapi({
      description:
        "All of them or none: where one is refused, the whole request is, and says which. Then none is reused, since a prompt that somebody's idle session has got cannot be taken back.",
    }),
  })
  .refine(({ sessions, atomic }) => !atomic || sessions.every(({ reuse }) => reuse !== true), {
    message: "With atomic no session is reused.",
    path: ["atomic"],
  })
  .openapi("BatchCreate")

const problem = ProblemSchema.optional().openapi({ description: "Why not." })

export const BatchCreatedSchema = z
  .object({
    created: z.int(),
    reused: z.int(),
    failed: z.int(),
    results: z
      .array(
        z.object({
          index: z.int().openapi({ description: "Its place in the request." }),
          session: CreatedSessionSchema.optional(),
          problem,
        }),
      )
      .openapi({ description: "One for each, in the order of the request: a session or a problem." }),
  })
  .openapi("BatchCreated")

export const BatchKillQuerySchema = z
  .strictObject({
    id: repeated(z.string().min(1).max(100), {
      most: MOST,
      items: { minLength: 1, maxLength: 100 },
      description: "The sessions' ids: the parameter is said once for each.",
    }),
    status: SessionStatusSchema.exclude(["killed", "completed"]).optional(),
    workDir: z.string().max(4096).optional(),
    agent: z.string().max(100).optional(),
  })
  .refine(({ id, ...filter }) => (id === undefined) !== Object.values(filter).every((value) => value === undefined), {
    message: "Name sessions by id, or say which by status, workDir or agent: one of the two.",
  })

export const BatchKilledSchema = z
  .object({
    killed: z.int(),
    failed: z.int(),
    results: z.array(z.object({ id: z.string(), session: SessionSchema.optional(), problem })),
    hasMore: z.boolean().openapi({ description: "Others match, too: ask again." }),
  })
  .openapi("BatchKilled")

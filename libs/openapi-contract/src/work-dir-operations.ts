import { z } from "@hono/zod-openapi"
import { defineOperation, json, pageLimit, problems } from "./operation.ts"

const WorkDirListSchema = z
  .object({
    items: z.array(
      z
        .object({ path: z.string(), isRepository: z.boolean().openapi({ description: "It has a `.git`." }) })
        .openapi("WorkDir"),
    ),
    hasMore: z.boolean().openapi({ description: "There are others: type on." }),
  })
  .openapi("WorkDirList")

export const completeWorkDir = defineOperation(
  {
    method: "get",
    path: "/v1/workdirs",
    operationId: "completeWorkDir",
    summary: "Folders that a session may work in, by what was typed of their paths",
    description:
      "By name, links as they are named. Hidden ones only where the dot was typed. Of folders that no session may work in nothing is told; an agent is told of those in its own one.",
    tags: ["Sessions"],
    request: {
      query: z.strictObject({
        prefix: z
          .string()
          .max(4096)
          .default("")
          .openapi({ description: "An absolute path, or `~/`; empty: where one may begin." }),
        limit: pageLimit,
      }),
    },
    responses: { 200: json(WorkDirListSchema, "The folders."), ...problems(400, 401, 403) },
  },
  { permission: "session.create", audit: "none" },
)

import { z } from "@hono/zod-openapi"
import { defineOperation, problems } from "./operation.ts"
import { sessionParams as params } from "./session-operations.ts"

export const exportSession = defineOperation(
  {
    method: "get",
    path: "/v1/sessions/{id}/export",
    operationId: "exportSession",
    summary: "All of a session as a file, as it is now",
    description:
      "`jsonl` has its events, one a line and to the letter: the last one's `hash` is that of all of them. `md` is the transcript for people, in Markdown: what somebody has said stands in quotes or code, and shows nothing that is not in them. `cassette` has what the session and its agent have said to each other, without secrets, for the agent `cassette:<file>`; where that was not recorded (`agent.recordTraffic`) the answer is 409.",
    tags: ["Transcript"],
    request: {
      params,
      query: z.strictObject({ format: z.enum(["jsonl", "md", "cassette"]).default("jsonl") }),
    },
    responses: {
      200: {
        description: "The file, as it is made.",
        content: { "application/x-ndjson": { schema: z.string() }, "text/markdown": { schema: z.string() } },
      },
      ...problems(400, 401, 403, 404, 409),
    },
  },
  { permission: "session.read", audit: "none" },
)

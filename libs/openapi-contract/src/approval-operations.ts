import { z } from "@hono/zod-openapi"
import { defineOperation, json, pageQuery, problems } from "./operation.ts"
import { ApprovalPageSchema, ApprovalSchema, ApprovalStatusSchema } from "./schemas.ts"

const tags = ["Approvals"]

export const listApprovals = defineOperation(
  {
    method: "get",
    path: "/v1/approvals",
    operationId: "listApprovals",
    summary: "Approvals of all sessions, newest first",
    description:
      "Of those sessions that the credential may read. A page also ends where its approvals have a million characters, and where a thousand have been looked at: it may then be empty, and goes on with `nextCursor`.",
    tags,
    request: {
      query: pageQuery.extend({
        status: ApprovalStatusSchema.optional(),
        sessionId: z.string().max(100).optional().openapi({ description: "Only this session's." }),
      }),
    },
    responses: { 200: json(ApprovalPageSchema, "A page of approvals."), ...problems(400, 401, 403) },
  },
  { permission: "session.read", audit: "none" },
)

export const getApproval = defineOperation(
  {
    method: "get",
    path: "/v1/approvals/{approvalId}",
    operationId: "getApproval",
    summary: "An approval, open or decided",
    tags,
    request: { params: z.object({ approvalId: z.string().openapi({ description: "The approval's id." }) }) },
    responses: { 200: json(ApprovalSchema, "The approval."), ...problems(401, 403, 404) },
  },
  { permission: "session.read", audit: "none" },
)

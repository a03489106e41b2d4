import { z } from "@hono/zod-openapi"
import { defineOperation, json, problems } from "./operation.ts"
import { sessionParams as params } from "./session-operations.ts"

const FileChangeSchema = z
  .object({
    path: z.string().openapi({ description: "As the session's folder names it." }),
    oldPath: z.string().optional().openapi({ description: "Where it was, of one that was renamed." }),
    status: z.enum(["added", "modified", "deleted", "renamed", "type-changed"]),
    additions: z.int().min(0).optional().openapi({ description: "Lines; absent where it is binary." }),
    deletions: z.int().min(0).optional(),
    isBinary: z.boolean(),
    isInPatch: z.boolean().openapi({ description: "False: the patch was full. Ask with `path`." }),
  })
  .openapi("FileChange")

const SkippedPathSchema = z
  .object({
    path: z.string(),
    reason: z.enum(["filter", "repository", "unreadable"]).openapi({
      description:
        "`filter`: only a program that the folder chooses could compare it (`filter` in `.gitattributes`, such as git-lfs); none is run. `repository`: it is a repository of its own, or a submodule. `unreadable`: the server may not read it.",
    }),
  })
  .openapi("SkippedPath")

const SessionDiffSchema = z
  .object({
    base: z.string().openapi({ description: "The commit that the folder was at when the session began." }),
    head: z.string().optional().openapi({ description: "The one that it is at now; absent: none." }),
    files: z.array(FileChangeSchema),
    hasMore: z.boolean().openapi({ description: "More has changed, or was skipped, than is listed." }),
    skipped: z.array(SkippedPathSchema).openapi({ description: "What was not compared." }),
    patch: z.string().openapi({ description: "In git's unified form; of whole files." }),
    isRedacted: z.boolean().openapi({ description: "Something was hidden in it that looks like a secret." }),
  })
  .openapi("SessionDiff")

export const getSessionDiff = defineOperation(
  {
    method: "get",
    path: "/v1/sessions/{id}/diff",
    operationId: "getSessionDiff",
    summary: "What has changed in the session's folder since the session began",
    description:
      "The folder's files as they are, committed or not, are compared with the commit that its git repository was at. Files that git does not know count, those that it ignores do not.",
    tags: ["Sessions"],
    request: {
      params,
      query: z.strictObject({
        path: z.string().min(1).max(1024).refine(isInFolder, "A path in the folder").optional().openapi({
          description: "Only this file, or the files of this folder.",
          example: "src",
        }),
      }),
    },
    responses: {
      200: json(SessionDiffSchema, "The changes."),
      ...problems(400, 401, 403, 404, 409, 422),
    },
  },
  { permission: "session.read", audit: "none" },
)

/** No way out of the folder, or into git's own; a slash at the end is none. */
function isInFolder(path: string) {
  const parts = path.replace(/\/$/, "").split("/")
  return !/[\0\\]/.test(path) && !parts.some((part) => ["", ".", "..", ".git"].includes(part))
}

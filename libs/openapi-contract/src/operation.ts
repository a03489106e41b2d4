import type { AccessMark } from "@aegis/policy/schema"
import { createRoute, type RouteConfig, z } from "@hono/zod-openapi"
import { ProblemSchema } from "./problem.ts"

/** What the rest of the system reads of an operation instead of repeating it (spec/rest.md). */
export interface OperationMarks {
  /** Who may. */
  readonly permission: AccessMark
  /** The entry that it leaves in the log; `none` for what only reads. */
  readonly audit: string
  /** The MCP tool that it is, if it is one. */
  readonly mcp?: string
  /** It gives somebody or something leave: not while the audit cannot be written. */
  readonly grants?: true
}

interface OperationConfig extends RouteConfig {
  readonly operationId: string
  readonly summary: string
  readonly tags: string[]
}

/** One operation of the contract: a route, and its marks as extensions of the document. */
export function defineOperation<const Config extends OperationConfig>(
  config: Config,
  { permission, audit, mcp, grants }: OperationMarks,
) {
  const extensions = {
    "x-aegis-permission": permission,
    "x-aegis-audit": audit,
    ...(mcp === undefined ? {} : { "x-aegis-mcp": mcp }),
    ...(grants === undefined ? {} : { "x-aegis-grants": grants }),
  }
  const security = securityOf(permission)
  const responses = { ...config.responses, ...problems(429) }
  return createRoute({ ...config, ...extensions, security, responses })
}

// Public operations may say more to one who shows a credential.
function securityOf(permission: AccessMark): Record<string, string[]>[] {
  const keys = [{ bearer: [] }, { cookie: [], pageToken: [] }]
  if (permission === "public") return [{}, ...keys]
  if (permission === "hook") return [{ hookSecret: [] }, { hookQuery: [] }]
  return permission === "stream" ? [{ streamToken: [] }, { streamQuery: [] }] : keys
}

/** The permission of an operation, as the document says it. */
export function permissionOf(route: object): AccessMark {
  return (route as { readonly "x-aegis-permission": AccessMark })["x-aegis-permission"]
}

/** The entry that an operation leaves in the log, as the document says it; `none` for what only reads. */
export function auditOf(route: object): string {
  return (route as { readonly "x-aegis-audit": string })["x-aegis-audit"]
}

/** Whether an operation is refused while the audit cannot be written, as the document says it. */
export function isGrant(route: object): boolean {
  return "x-aegis-grants" in route
}

/** A write that is tried again with the same key happens once (spec/sessions.md, Turns). */
export const writeHeaders = z.object({
  "Idempotency-Key": z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, "1 to 255 printable ASCII characters without spaces")
    .optional()
    .openapi({
      description:
        "For 24 hours the same key with the same request gets the same answer and has no second effect; with another request it is refused with 422.",
    }),
})

/** The same for what is replaced as a whole: of two who have read the same version, only the first one writes. */
export const replaceHeaders = writeHeaders.extend({
  "If-Match": z
    .string()
    .regex(/^"\d{1,15}"$/, "The ETag that was read, in its quotes")
    .optional()
    .openapi({ description: "The `ETag` that was read: where it is another one by now, nothing is changed (412)." }),
})

/** How many items a page has at most. */
export const pageLimit = z.coerce.number().int().min(1).max(200).default(50)

/** An instant that is asked about, in whichever zone. */
export const askedInstant = z.iso.datetime({ offset: true })

interface RepeatedOptions {
  readonly most: number
  readonly description: string
  /** Of each value, in the document's words. */
  readonly items: Readonly<Record<string, unknown>>
}

/** A parameter of an address that is said once for each of its values. */
export function repeated<Value extends z.ZodType<string>>(value: Value, { most, description, items }: RepeatedOptions) {
  const values = z.array(value).min(1).max(most)
  // One value in an address is no list yet.
  return z
    .preprocess((given) => (typeof given === "string" ? [given] : given), values)
    .optional()
    .openapi({ type: "array", items: { type: "string", ...items }, minItems: 1, maxItems: most, description })
}

/** Of lists that are paged by a number. */
export const pageQuery = z.strictObject({
  limit: pageLimit,
  after: z
    .string()
    .regex(/^\d{1,15}$/)
    .optional()
    .openapi({ description: "`nextCursor` of the page before." }),
})

/** Of a 202 to what must be possible when the disk is full. */
export const KEPT = "Done, and on disk beside the log, which cannot be written at the moment: `durable` is `emergency`."

/** A JSON answer. */
export function json<Schema>(schema: Schema, description: string) {
  return { description, content: { "application/json": { schema } } } as const
}

/** A JSON request body. */
export function body<Schema>(schema: Schema, { required = true } = {}) {
  return { required, content: { "application/json": { schema } } } as const
}

/** The problems that an operation may answer with, beside those of every operation. */
export function problems<const Status extends keyof typeof descriptions>(...statuses: readonly Status[]) {
  const answers = statuses.map((status) => [
    status,
    { description: descriptions[status], content: { "application/problem+json": { schema: ProblemSchema } } },
  ])
  return Object.fromEntries(answers) as Record<
    Status,
    { description: string; content: { "application/problem+json": { schema: typeof ProblemSchema } } }
  >
}

const descriptions = {
  400: "The body, a parameter or the workDir is not valid.",
  401: "No credential, or none that is valid here.",
  403: "The credential may read this, but not do that.",
  404: "There is nothing of that name that the credential may read.",
  409: "The session's state does not allow it now.",
  412: "It is not what was read any more: `If-Match` names another version.",
  422: "The request is well formed and cannot be carried out.",
  429: "Too often: `Retry-After` says when again.",
  501: "This server cannot do that as it is installed; the problem says what to do.",
  503: "Not at the moment: `Retry-After` says when again.",
} as const

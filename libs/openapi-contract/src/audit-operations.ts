import { z } from "@hono/zod-openapi"
import { AuditProofSchema, AuditReportSchema } from "./audit-schemas.ts"
import { askedInstant, defineOperation, json, pageLimit, problems } from "./operation.ts"
import { EventListSchema } from "./schemas.ts"

const tags = ["Audit"]
const cursor = z.coerce.number().int().min(0)
const size = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER)

/** What of the trail is asked for. */
const filters = {
  actor: z.string().min(1).max(200).optional().openapi({ description: "The id of who did it: a key's, `runner`, …" }),
  type: z
    .string()
    .regex(
      /^[a-z_]+[.]([a-z_]+|[*])(,[a-z_]+[.]([a-z_]+|[*]))*$/,
      "Types such as key.created or approval.*, with commas",
    )
    .max(2000)
    .optional()
    .openapi({ description: "Types of events, with commas; `approval.*` is all that begin so." }),
  session: z.string().min(1).max(200).optional().openapi({ description: "Only what belongs to this session." }),
  from: askedInstant.optional().openapi({ description: "Not before this moment." }),
  to: askedInstant.optional().openapi({ description: "Before this moment." }),
}

export const listAudit = defineOperation(
  {
    method: "get",
    path: "/v1/audit",
    operationId: "listAudit",
    summary: "The audit trail: what was wished, decided and done, and by whom",
    description:
      "Without secrets: these are marked as hidden. A page may be short, or empty, where little of the log fits; `nextCursor` says where to go on, in the same direction.",
    tags,
    request: {
      query: z.strictObject({
        after: cursor.optional().openapi({ description: "Entries with a greater seq, oldest first." }),
        before: cursor
          .optional()
          .openapi({ description: "Entries with a smaller seq; without `after`: newest first." }),
        limit: pageLimit,
        ...filters,
      }),
    },
    responses: { 200: json(EventListSchema, "A page of entries."), ...problems(400, 401, 403) },
  },
  { permission: "audit.read", audit: "none" },
)

export const exportAudit = defineOperation(
  {
    method: "get",
    path: "/v1/audit/export",
    operationId: "exportAudit",
    summary: "The audit trail as a file, oldest first",
    description:
      "`ndjson` is verified without the server: each entry with its own salt, or the hash of its data where secrets were hidden in that, with its way up to a signed checkpoint, and at the end a signature over all of it. `csv` is for spreadsheets; what one would take for a formula has a `'` before it.",
    tags,
    request: {
      query: z.strictObject({
        format: z.enum(["ndjson", "csv"]).default("ndjson"),
        after: cursor.optional().openapi({ description: "Entries with a greater seq." }),
        ...filters,
      }),
    },
    responses: {
      200: {
        description: "The file, as it is made.",
        content: { "application/x-ndjson": { schema: z.string() }, "text/csv": { schema: z.string() } },
      },
      ...problems(400, 401, 403, 503),
    },
  },
  { permission: "audit.read", audit: "audit.exported" },
)

export const getAuditCheckpoint = defineOperation(
  {
    method: "get",
    path: "/v1/audit/checkpoint",
    operationId: "getAuditCheckpoint",
    summary: "The newest checkpoint: the log's size and root, signed",
    description: "C2SP tlog-checkpoint in a signed note (Ed25519). Keep copies elsewhere: they are witnesses.",
    tags,
    responses: {
      200: { description: "The signed note.", content: { "text/plain": { schema: z.string() } } },
      ...problems(401, 403, 503),
    },
  },
  { permission: "audit.read", audit: "none" },
)

export const getAuditProof = defineOperation(
  {
    method: "get",
    path: "/v1/audit/proof",
    operationId: "getAuditProof",
    summary: "Prove that an entry is in the log, or that the log of then is the beginning of the log of now",
    description:
      "With `seq`: of that entry, in the log of `size` entries. With `from`: that the log of `to` entries begins with the log of `from`. Sizes are the newest checkpoint's where they are absent.",
    tags,
    request: {
      query: z
        .strictObject({
          seq: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
          size: size.optional(),
          from: size.optional(),
          to: size.optional(),
        })
        .refine(
          ({ seq, size: of, from, to }) =>
            seq === undefined ? from !== undefined && of === undefined : from === undefined && to === undefined,
          {
            message: "Give either seq, with or without size, or from, with or without to.",
          },
        ),
    },
    responses: { 200: json(AuditProofSchema, "The proof."), ...problems(400, 401, 403, 503) },
  },
  { permission: "audit.read", audit: "none" },
)

export const verifyAudit = defineOperation(
  {
    method: "post",
    path: "/v1/audit/verify",
    operationId: "verifyAudit",
    summary: "Look whether the log is still what was signed",
    description:
      "Reads every entry from the disk and compares it with tree, checkpoint and witness. What the server says of itself; verify an export elsewhere to be sure of more.",
    tags,
    responses: { 200: json(AuditReportSchema, "What was found."), ...problems(401, 403, 429, 503) },
  },
  { permission: "audit.read", audit: "none" },
)

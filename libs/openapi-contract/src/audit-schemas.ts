import { z } from "@hono/zod-openapi"

const hash = z.string().regex(/^[0-9a-f]{64}$/)
const proof = z.array(hash).openapi({ description: "Hashes, in hex." })
const TreeHeadSchema = z.object({ size: z.int(), root: hash }).openapi("TreeHead")

const InclusionProofSchema = z
  .object({
    seq: z.int(),
    index: z.int().openapi({ description: "seq - 1: the log's numbers have no holes." }),
    leaf: hash,
    ...TreeHeadSchema.shape,
    proof,
  })
  .openapi("InclusionProof")

const ConsistencyProofSchema = z.object({ from: TreeHeadSchema, to: TreeHeadSchema, proof }).openapi("ConsistencyProof")

export const AuditProofSchema = z.union([InclusionProofSchema, ConsistencyProofSchema]).openapi("AuditProof")

export const AuditReportSchema = z
  .object({
    ok: z.boolean(),
    checked: z.int().openapi({ description: "Entries that were read and compared." }),
    ...TreeHeadSchema.shape,
    key: z.string().openapi({ description: "The public key of the log's checkpoints: <name>+<id>+<base64>." }),
    checkpoint: TreeHeadSchema.optional(),
    witness: z
      .object({ checkpoints: z.int() })
      .optional()
      .openapi({ description: "How many checkpoints of the witness were compared, where there is one." }),
    problems: z
      .array(
        z.object({
          code: z.enum([
            "entry-changed",
            "entry-missing",
            "hash-broken",
            "tree-damaged",
            "checkpoint-contradicted",
            "witness-contradicted",
          ]),
          seq: z.int().optional().openapi({ description: "The entry that is not what it was." }),
          detail: z.string(),
        }),
      )
      .openapi({ description: "At most 100 of them." }),
  })
  .openapi("AuditReport")

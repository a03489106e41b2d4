import { ActorSchema } from "@aegis/session-core/events"
import { z } from "@hono/zod-openapi"

const KIB = 1024
const MOST_BYTES = 100 * KIB
const DAY_S = 24 * 3600

const value = z
  .string()
  .refine((text) => new TextEncoder().encode(text).length <= MOST_BYTES, "At most 100 KiB, as UTF-8")
  .openapi({ maxLength: MOST_BYTES, example: "Tests run with `pnpm test`; commits are in English." })

const entry = {
  key: z.string().openapi({ example: "project/conventions" }),
  value,
  version: z.int().positive().openapi({ description: "Another one with each write; the `ETag` has it too." }),
  expiresAt: z.iso.datetime().optional().openapi({ description: "From then on it is there no more." }),
  updatedAt: z.iso.datetime(),
  updatedBy: z.object(ActorSchema.shape),
}

export const MemoryEntrySchema = z.object(entry).openapi("MemoryEntry")

export const MemoryListSchema = z
  .object({ items: z.array(MemoryEntrySchema), nextCursor: z.string().optional() })
  .openapi("MemoryList")

export const SetMemorySchema = z
  .strictObject({
    key: z.string().min(1).max(256).openapi({
      description:
        "A namespace, a slash and a name: no spaces, nothing that does not show, and no part that is `.` or `..`.",
      example: "project/conventions",
    }),
    value,
    ttlSeconds: z
      .int()
      .min(1)
      .max(30 * DAY_S)
      .optional()
      .openapi({ description: "For how long it is kept; absent: until somebody deletes it." }),
  })
  .openapi("SetMemory")

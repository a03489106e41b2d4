import { z } from "zod"

/** What names a command, and comes back with its answer. */
export const CommandIdSchema = z.union([z.string().max(200), z.number()])
export type CommandId = z.infer<typeof CommandIdSchema>

export const AuthMessageSchema = z.strictObject({ type: z.literal("auth"), token: z.string().max(1000) })

const id = CommandIdSchema

/** An operation of the REST contract on a session; what else it has is that operation's body. */
const ActMessageSchema = z.looseObject({
  id,
  type: z.enum(["send", "approve", "reject", "interrupt", "answer"]),
  sessionId: z.string().min(1).max(200),
  idempotencyKey: z.string().max(255).optional(),
})
export type ActMessage = z.infer<typeof ActMessageSchema>

const SubscribeMessageSchema = z
  .strictObject({
    id,
    type: z.literal("subscribe"),
    sessionId: z.string().min(1).max(200).optional(),
    all: z.literal(true).optional(),
    after: z.int().nonnegative().max(Number.MAX_SAFE_INTEGER).default(0),
  })
  .refine(({ sessionId, all }) => (sessionId === undefined) !== (all === undefined), {
    message: "Give either sessionId or all: true.",
  })
export type SubscribeMessage = z.infer<typeof SubscribeMessageSchema>

/** What comes after authentication (spec/events.md, Streams). `unsubscribe` names the id of the subscription. */
export const SocketMessageSchema = z.discriminatedUnion("type", [
  SubscribeMessageSchema,
  z.strictObject({ id, type: z.literal("unsubscribe"), subscription: id }),
  ActMessageSchema,
])
export type SocketMessage = z.infer<typeof SocketMessageSchema>

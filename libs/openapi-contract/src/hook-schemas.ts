import { HookEventSchema } from "@aegis/session-core/events"
import { z } from "@hono/zod-openapi"

const name = z.string().min(1).max(1000)

/**
 * What a Claude Code tells by its hooks, under Claude's own names. What is known has to be of its type. What is not known is
 * no reason to refuse it: each version of Claude adds something, and a hook that is refused judges nothing.
 */
export const HookPayloadSchema = z
  .looseObject({
    session_id: z.string().min(1).max(200).openapi({ description: "Claude's own name of its session." }),
    cwd: z
      .string()
      .max(4096)
      .regex(/^([/\\]|[A-Za-z]:[/\\])/, "An absolute path.")
      .openapi({ example: "/home/user/project" }),
    hook_event_name: HookEventSchema.optional(),
    transcript_path: z.string().max(4096).optional(),
    permission_mode: name.optional(),
    tool_name: name.optional().openapi({ description: "PreToolUse, PostToolUse" }),
    tool_input: z.record(z.string(), z.unknown()).optional(),
    tool_use_id: name.optional(),
    tool_response: z.unknown().optional().openapi({ description: "PostToolUse" }),
    prompt: z.string().optional().openapi({ description: "UserPromptSubmit" }),
    last_assistant_message: z.string().optional().openapi({ description: "Stop" }),
    stop_hook_active: z.boolean().optional().openapi({ description: "Stop, SubagentStop" }),
    message: z.string().optional().openapi({ description: "Notification" }),
    notification_type: name.optional(),
    source: name.optional().openapi({ description: "SessionStart" }),
    reason: name.optional().openapi({ description: "SessionEnd" }),
    trigger: name.optional().openapi({ description: "PreCompact" }),
    custom_instructions: z.string().nullable().optional(),
  })
  .openapi("HookPayload", { description: "As Claude Code gives it to a hook; more fields are let pass." })

export type HookPayload = z.infer<typeof HookPayloadSchema>

type HookEventName = z.infer<typeof HookEventSchema>

/** The same, with what an event cannot be without. */
export function hookPayloadOf(event: HookEventName) {
  return HookPayloadSchema.extend({ hook_event_name: z.literal(event).optional(), ...needed[event] })
}

const call = { tool_name: name, tool_input: z.record(z.string(), z.unknown()) }
const needed: Readonly<Partial<Record<HookEventName, z.ZodRawShape>>> = {
  PreToolUse: call,
  PostToolUse: call,
  UserPromptSubmit: { prompt: z.string() },
}

export const HookAnswerSchema = z
  .object({
    hookSpecificOutput: z.object({
      hookEventName: z.literal("PreToolUse"),
      permissionDecision: z.enum(["allow", "deny", "ask"]),
      permissionDecisionReason: z.string().openapi({ example: "never-secrets: secrets stay out of sessions" }),
    }),
  })
  .openapi("HookAnswer", { description: "What Claude Code takes as a hook's decision." })

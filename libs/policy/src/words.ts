import { z } from "zod"

// The words of access and judgement: contract, dashboard and clients use them too.

/** The public permission modes of a session (spec/sessions.md, Modes). */
export const PermissionModeSchema = z.enum(["default", "plan", "acceptEdits", "bypassPermissions", "dontAsk", "auto"])
export type PermissionMode = z.infer<typeof PermissionModeSchema>

export const PermissionSchema = z.enum([
  "session.read",
  "session.create",
  "session.send",
  "session.approve",
  "session.interrupt",
  "session.kill",
  "session.admin",
  "pipeline.read",
  "pipeline.write",
  "memory.read",
  "memory.write",
  "template.read",
  "template.write",
  "routine.read",
  "routine.write",
  "policy.read",
  "policy.write",
  "budget.read",
  "budget.write",
  "key.admin",
  "audit.read",
  "channel.admin",
  "metrics.read",
])
export type Permission = z.infer<typeof PermissionSchema>

/** What an operation asks of its caller: a permission, or one of the marks that are none (spec/rest.md). */
export const AccessMarkSchema = z.union([PermissionSchema, z.enum(["public", "any", "stream", "hook"])])
export type AccessMark = z.infer<typeof AccessMarkSchema>

export const RoleSchema = z.enum(["admin", "operator", "viewer", "agent", "custom"])
export type Role = z.infer<typeof RoleSchema>

export const DecisionSchema = z.enum(["allow", "deny", "ask"])
export type Decision = z.infer<typeof DecisionSchema>

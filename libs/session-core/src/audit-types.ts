import { eventData } from "./events.ts"

/** What agents say and show on the way, and what is counted of it: in the log, and nobody has wished, decided or done it. */
const chatter: ReadonlySet<string> = new Set([
  "message.user",
  "message.delta",
  "message.completed",
  "message.notice",
  "thinking.delta",
  "tool.updated",
  "plan.updated",
  "usage.updated",
  "commands.updated",
  "options.updated",
  "agent.update",
  "rate_limit.hit",
  "rate_limit.cleared",
  "budget.reserved",
  "budget.settled",
  "ledger.reserved",
  "ledger.settled",
  "policy.shadowed",
])

/** The types of events that are the audit trail: all that are not known to be nobody's deed (spec/events.md, Types). */
export const auditTypes: readonly string[] = Object.keys(eventData).filter((type) => !chatter.has(type))

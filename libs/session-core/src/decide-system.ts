import { decideKey, type KeyWish } from "./decide-key.ts"
import { decideMemory, type MemoryWish } from "./decide-memory.ts"
import { decidePolicy, type PolicyWish } from "./decide-policy.ts"
import { decideTemplate, type TemplateWish } from "./decide-template.ts"
import type { Actor } from "./events.ts"
import { SessionError } from "./session-error.ts"
import type { AccessChange, SystemChange, SystemStreamEvent } from "./system-change.ts"
import type { SystemState } from "./system-state.ts"

/** A wish that concerns all sessions. What is random or of the clock comes in with it. */
export type SystemCommand = (StopWish | KeyWish | PolicyWish | MemoryWish | TemplateWish | AccessWish) & {
  readonly at: string
  readonly actor: Actor
  /** For the stream's first event. */
  readonly salt: string
}

export interface StopWish {
  readonly type: "stop-all" | "lift-stop-all"
  readonly reason: string
}

export interface AccessWish {
  readonly type: "tell-access"
  readonly change: AccessChange
}

/** The events that a wish leads to, or why it is refused. An empty list: it is so already. Pure. */
export function decideSystem(
  state: SystemState | undefined,
  command: SystemCommand,
): readonly SystemStreamEvent[] | SessionError {
  const { at, actor, salt } = command
  const changes = changesOf(state, command)
  if (SessionError.is(changes)) return changes
  const events = changes.map((change): SystemStreamEvent => ({ ...change, at, actor }))
  return state === undefined && events.length > 0 ? [openSystem(command, salt), ...events] : events
}

/** The first event of the system's stream. */
export function openSystem({ at, actor }: Pick<SystemCommand, "at" | "actor">, salt: string) {
  return { type: "system.opened", at, actor, data: { salt } } as const
}

function changesOf(state: SystemState | undefined, command: SystemCommand): readonly SystemChange[] | SessionError {
  if (command.type === "set-memory" || command.type === "delete-memory")
    return decideMemory(state?.memory ?? {}, command)
  const change = changeOf(state, command)
  if (SessionError.is(change)) return change
  return change === undefined ? [] : [change]
}

function changeOf(
  state: SystemState | undefined,
  command: Exclude<SystemCommand, { readonly type: MemoryWish["type"] }>,
): SystemChange | SessionError | undefined {
  switch (command.type) {
    case "stop-all":
      return state?.stop ? undefined : { type: "system.stopped", data: { reason: command.reason } }
    case "lift-stop-all":
      return state?.stop ? { type: "system.resumed", data: { reason: command.reason } } : undefined
    case "set-policy":
      return decidePolicy(state?.policies, command)
    case "tell-access":
      return command.change
    case "create-template":
    case "update-template":
    case "delete-template":
      return decideTemplate(state?.templates ?? {}, command)
    default:
      return decideKey(state?.keys ?? {}, command)
  }
}

import type { Actor, SystemEvent, SystemEventData, SystemEventType } from "./events.ts"
import type { SystemState } from "./system-state.ts"

/** A wish that concerns all sessions. What is random or of the clock comes in with it. */
export interface SystemCommand {
  readonly type: "stop-all" | "lift-stop-all"
  readonly reason: string
  readonly at: string
  readonly actor: Actor
  /** For the stream's first event. */
  readonly salt: string
}

/** The events that a wish leads to. An empty list: it is so already. Pure. */
export function decideSystem(state: SystemState | undefined, command: SystemCommand): readonly SystemEvent[] {
  const isStopped = state?.stop !== undefined
  if (isStopped === (command.type === "stop-all")) return []
  const change = command.type === "stop-all" ? "system.stopped" : "system.resumed"
  const told = eventOf(command, change, { reason: command.reason })
  return state === undefined ? [eventOf(command, "system.opened", { salt: command.salt }), told] : [told]
}

function eventOf<T extends SystemEventType>({ at, actor }: SystemCommand, type: T, data: SystemEventData<T>) {
  return { type, at, actor, data } as SystemEvent
}

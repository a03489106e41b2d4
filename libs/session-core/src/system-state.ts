import type { Actor, SystemEvent } from "./events.ts"

/** What holds for all sessions, as the events of the system's own stream give it. Survives JSON. */
export interface SystemState {
  readonly stop?: Stop
}

/** All work is stopped: who did it, when and why. */
export interface Stop {
  readonly at: string
  readonly by: Actor
  readonly reason: string
}

/** The one place where the system's state changes. Pure; the same object means unchanged. */
export function evolveSystem(state: SystemState | undefined, { type, at, actor, data }: SystemEvent): SystemState {
  switch (type) {
    case "system.opened":
      return {}
    case "system.stopped":
      return { ...state, stop: { at, by: actor, reason: data.reason } }
    case "system.resumed":
      return resumed(state)
  }
}

function resumed({ stop: _stop, ...state }: SystemState = {}): SystemState {
  return state
}

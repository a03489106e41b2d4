import type { Event as AegisEvent, EventData } from "./generated/types.gen.ts"

export type EventType = keyof EventData

/** An event of a type that the contract describes, with its data. */
export type EventOf<Type extends EventType> = Omit<AegisEvent, "type" | "data"> & {
  readonly type: Type
  readonly data: EventData[Type]
}
export type KnownEvent = { [Type in EventType]: EventOf<Type> }[EventType]

/** For a `switch` over `type` that knows each `data`. A later server may send other types: leave them to `default`. */
export function asKnown(event: AegisEvent): KnownEvent {
  return event as KnownEvent
}

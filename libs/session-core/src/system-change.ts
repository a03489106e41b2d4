import type { SystemEvent, SystemEventData, SystemEventType } from "./events.ts"

/** What happens in the system's own stream, less who and when. */
export type SystemChange = { readonly [T in SystemStreamType]: Change<T> }[SystemStreamType]
/** What happens to a pipeline, in its own. */
export type PipelineChange = { readonly [T in PipelineType]: Change<T> }[PipelineType]

/** What happens to a routine, in its own. */
export type RoutineChange = { readonly [T in RoutineType]: Change<T> }[RoutineType]

/** What the system's own stream has. */
export type SystemStreamEvent = Extract<SystemEvent, { readonly type: SystemStreamType }>

type PipelineType = Extract<SystemEventType, `pipeline.${string}`>
type RoutineType = Extract<SystemEventType, `routine.${string}`>
type SystemStreamType = Exclude<SystemEventType, PipelineType | RoutineType>

interface Change<T extends SystemEventType> {
  readonly type: T
  readonly data: SystemEventData<T>
}

/** Of who came in and who was kept out, what was taken out, and the server itself: told by it, and nothing is decided. */
export type AccessChange = Extract<SystemChange, { readonly type: `${"auth" | "audit" | "server"}.${string}` }>

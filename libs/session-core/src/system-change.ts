import type { SystemEventData, SystemEventType } from "./events.ts"

/** What happens, less who and when. */
export type SystemChange = { readonly [T in SystemEventType]: Change<T> }[SystemEventType]

interface Change<T extends SystemEventType> {
  readonly type: T
  readonly data: SystemEventData<T>
}

/** Of who came in and who was kept out, what was taken out, and the server itself: told by it, and nothing is decided. */
export type AccessChange = Extract<SystemChange, { readonly type: `${"auth" | "audit" | "server"}.${string}` }>

import type { SystemEventData, SystemEventType } from "./events.ts"

/** What happens, less who and when. */
export type SystemChange = { readonly [T in SystemEventType]: Change<T> }[SystemEventType]

interface Change<T extends SystemEventType> {
  readonly type: T
  readonly data: SystemEventData<T>
}

/** Of who came in, and who was kept out: told by the doors, and nothing follows from it. */
export type AccessChange = Extract<SystemChange, { readonly type: `auth.${string}` }>

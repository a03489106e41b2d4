import type { Actor } from "./events.ts"

/** Who alone may send, and until when (ISO 8601 UTC). `fence` counts the times that the seat was taken. */
export interface Driver extends Pick<Actor, "kind" | "id"> {
  readonly fence: number
  readonly expiresAt: string
}

/** Who drives at that time; undefined: nobody. */
export function driverAt({ driver }: { readonly driver?: Driver }, at: string) {
  return driver && driver.expiresAt > at ? driver : undefined
}

export function isDriver(driver: Driver, { kind, id }: Pick<Actor, "kind" | "id">) {
  return driver.kind === kind && driver.id === id
}

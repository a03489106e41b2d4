/** What a caller appends: any members beside these two are kept in the order given. `data` is what retention may erase. */
export interface LogEvent {
  readonly type: string
  readonly data: unknown
}

/** An event as the log recorded it (spec/events.md, Envelope). */
export type Recorded<E extends LogEvent> = E & { readonly seq: number; readonly hash: string }

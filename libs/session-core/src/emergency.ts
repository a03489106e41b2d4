import type { Vote } from "./command.ts"
import type { StopWish } from "./decide-system.ts"
import type { Actor } from "./events.ts"

/** What must be possible when nothing can be written any more: to stop, and to say no. */
export type EmergencyCommand =
  | { readonly type: "kill"; readonly reason: string }
  | (Pick<Vote, "type" | "voter" | "reason"> & { readonly choice: "reject"; readonly approvalId: string })

/** Absent `sessionId`: it concerns all of them. */
export type EmergencyEntry = { readonly at: string; readonly actor: Actor } & (
  | { readonly sessionId: string; readonly command: EmergencyCommand }
  | { readonly sessionId?: undefined; readonly command: StopAll }
)

export type StopAll = Pick<StopWish, "reason"> & { readonly type: "stop-all" }

/** Holds a few commands while the log cannot be written; it has its place on the disk already (design.md, Storage). */
export interface EmergencyFile {
  /** What the log does not have yet. */
  readonly entries: readonly EmergencyEntry[]
  /** On disk when it returns. Throws when it cannot be, or when there is no place left. */
  add(entry: EmergencyEntry): void
  /** The log has all of them. */
  clear(): void
  close(): void
}

/** Of what is on disk, but not in the log yet. */
export const KEPT = { durable: "emergency" } as const

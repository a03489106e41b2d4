const brand = Symbol.for("@aegis/event-log/error")

/**
 * All codes of this library.
 * - `version-conflict`: a stream has moved on since the caller read it; read again and decide anew.
 * - `key-used`: an earlier append has the key; nothing of this one was written.
 * - `fenced`: the fence of the append has been passed by another one; who appends has lost what it stands for.
 * - `cursor-ahead`: a reader asks for what comes after a sequence number that the log has not reached.
 * - `event-invalid`, `model-invalid`: the caller's event or declaration cannot be stored; nothing was written.
 * - `log-locked`: another process, or another log of this one, has the file open for writing.
 * - `log-closed`: the log was closed.
 * - `storage-full`: no space; writes succeed again when there is.
 * - `storage-failed`: nothing of this was written. In SQLite the disk's answer cannot be trusted any more: open the log
 *   anew. In PostgreSQL the server is away or refused: the log goes on by itself when it can.
 * - `outcome-unknown`: the server went away in the middle of a commit and for too long; the events may be there or not.
 * - `storage-unsuitable`: the file or the engine cannot keep what the log promises.
 * - `tree-damaged`: the Merkle tree's tiles are not what was kept; they can be made again from the log.
 * - `proof-impossible`: a root or a proof of leaves that the Merkle tree does not have.
 * - `note-invalid`: a text is no signed note, checkpoint or key.
 * - `note-unsigned`: a note without a true signature of the key: nothing it says is to be believed.
 */
export type EventLogErrorCode =
  | "version-conflict"
  | "key-used"
  | "fenced"
  | "cursor-ahead"
  | "event-invalid"
  | "model-invalid"
  | "log-locked"
  | "log-closed"
  | "storage-full"
  | "storage-failed"
  | "outcome-unknown"
  | "storage-unsuitable"
  | "tree-damaged"
  | "proof-impossible"
  | "note-invalid"
  | "note-unsigned"

/** Every failure that leaves this library. */
export class EventLogError extends Error {
  override readonly name = "EventLogError"
  readonly code: EventLogErrorCode
  readonly [brand] = true

  constructor(code: EventLogErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }

  /** Recognizes errors of another installed copy of this library too. */
  static is(error: unknown): error is EventLogError {
    return typeof error === "object" && error !== null && brand in error
  }

  static from(error: unknown): EventLogError {
    if (EventLogError.is(error)) return error
    const message = error instanceof Error ? error.message : String(error)
    return new EventLogError("storage-failed", `The log's storage failed: ${message}`, { cause: error })
  }
}

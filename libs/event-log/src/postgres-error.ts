import { EventLogError } from "./event-log-error.ts"
import { StorageAway } from "./storage-away.ts"

/** What the driver or the server says, as an error of this library. */
export function toStorageError(error: unknown): EventLogError {
  if (EventLogError.is(error)) return error
  const { code, message } = parse(error)
  if (isLostConnection(error))
    return new StorageAway(`The database cannot be reached; it is tried again by itself (${message}).`, {
      cause: error,
    })
  if (code === "53100")
    return new EventLogError(
      "storage-full",
      `The disk of the database is full, and nothing of this was written. Free some space: writing goes on by itself then (${message}).`,
      { cause: error },
    )
  if (code === "55P03")
    return new EventLogError("storage-failed", "Others have held the log's lock for too long; try again later.", {
      cause: error,
    })
  return new EventLogError("storage-failed", `The database refused, and nothing of this was written (${message}).`, {
    cause: error,
  })
}

/** Whether the connection is gone, or is not to be trusted any more: everything that the server did not say as an answer. */
export function isLostConnection(error: unknown) {
  const { code } = parse(error)
  return code === undefined || /^(08|57P|53300|58|XX)/.test(code)
}

/** A transaction that lost against others, and is worth trying again. */
export function isCollision(error: unknown) {
  return /^40/.test(parse(error).code ?? "")
}

/** The server's answer to COMMIT was a certain no. */
export function isCertainRefusal(error: unknown) {
  return /^(23|40)/.test(parse(error).code ?? "")
}

// Errors of the operating system have codes, too, of other form: SQLSTATE is five digits or capitals.
function parse(error: unknown) {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown }
  const isSqlState =
    typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) && error instanceof Error && "severity" in error
  return { code: isSqlState ? code : undefined, message: String(message ?? error) }
}

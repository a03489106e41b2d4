/** Refused for now: the log's disk is full, and takes the same again when there is room. */
export function isFull(error: unknown) {
  return isCode(error, "storage-full")
}

/** Refused whatever it is, now or for good: what happens is not written down, or nobody knows, and goes on without us. */
export function isLogRefusal(error: unknown) {
  return isFull(error) || ["storage-failed", "outcome-unknown", "log-closed"].some((code) => isCode(error, code))
}

/** Errors of the libraries below are known by their codes: those libraries are types here. */
export function isCode(error: unknown, code: string) {
  return error instanceof Error && "code" in error && error.code === code
}

import { redactText } from "@aegis/redact"

/** A request that failed here, and not by its own fault. */
export interface Failure {
  readonly at: string
  readonly requestId: string
  readonly message: string
}

const MOST = 20
const LONGEST = 1000

/** The last of them since the start, the newest first; all are in the server's log. */
export class RecentFailures {
  #failures: readonly Failure[] = []

  note(requestId: string, error: Error) {
    const message = redactText(`${error.name}: ${error.message}`).slice(0, LONGEST).toWellFormed()
    this.#failures = [{ at: new Date().toISOString(), requestId, message }, ...this.#failures].slice(0, MOST)
  }

  get list() {
    return this.#failures
  }
}

const brand = Symbol.for("@aegis/acp-runtime/error")

/**
 * All codes of this library.
 * - `agent-not-found`: the agent's program is not there; the message says what to install or to configure.
 * - `agent-install-failed`: the agent could not be installed; the message has the installer's reason.
 * - `agent-start-failed`: the program is there and did not come up, or refused the handshake.
 * - `agent-auth-required`: the agent wants its user to log in first.
 * - `agent-session-lost`: the agent does not know the session that was to be continued.
 * - `mode-refused`, `option-refused`: the agent does not offer, or refused, what the session was to be set to.
 * - `option-not-offered`: a permission request has no option of the needed kind or id.
 * - `agent-exited`: the process is gone; nothing can be sent to it.
 * - `agent-not-reading`: too much waits to be read by the agent.
 * - `frame-invalid`: a line to the agent contains a line break.
 * - `recording-damaged`: the recording of a run is not what was written.
 * - `cassette-invalid`: the file is no cassette; the message says in which line and what is wrong.
 * - `host-closed`: the agent host was closed.
 * - `host-lost`: the agent host's process went away in the middle of a request.
 * - `host-unreachable`: the agent host's process is there and cannot be talked to; the message says what to do.
 */
export type AcpErrorCode =
  | "agent-not-found"
  | "agent-install-failed"
  | "agent-start-failed"
  | "agent-auth-required"
  | "agent-session-lost"
  | "mode-refused"
  | "option-refused"
  | "option-not-offered"
  | "agent-exited"
  | "agent-not-reading"
  | "frame-invalid"
  | "recording-damaged"
  | "cassette-invalid"
  | "host-closed"
  | "host-lost"
  | "host-unreachable"

/** Every failure that leaves this library. */
export class AcpError extends Error {
  override readonly name = "AcpError"
  readonly code: AcpErrorCode
  readonly [brand] = true

  constructor(code: AcpErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }

  /** Recognizes errors of another installed copy of this library too. */
  static is(error: unknown): error is AcpError {
    return typeof error === "object" && error !== null && brand in error
  }

  static from(error: unknown): AcpError {
    if (AcpError.is(error)) return error
    const message = error instanceof Error ? error.message : String(error)
    return new AcpError("agent-start-failed", `The agent failed: ${message}`, { cause: error })
  }
}

export interface AgentLimits {
  /** Unacknowledged bytes from which on the agent's output is left in the pipe; more than `frameBytes`. */
  readonly spoolBytes: number
  /** The longest line; an agent that says a longer one is ended. */
  readonly frameBytes: number
  /** Bytes that may wait for an agent to read them. */
  readonly stdinBytes: number
  readonly stderrBytes: number
  /** Between asking an agent to end and ending it. */
  readonly graceMs: number
}

const MEGABYTE = 1024 * 1024

export const AGENT_LIMITS: AgentLimits = {
  spoolBytes: 32 * MEGABYTE,
  frameBytes: 16 * MEGABYTE,
  stdinBytes: 32 * MEGABYTE,
  stderrBytes: 16 * 1024,
  graceMs: 5000,
}

/** Runs agents as processes and carries their framed bytes. It knows lines, not what they mean. */
export interface AgentHost {
  /** Rejects with `agent-not-found` or `agent-start-failed`. */
  start(spawn: AgentSpawn): Promise<AgentLink>
  /** The link of a run that still lives, if this host has it. */
  attach(runId: string): Promise<AgentLink | undefined>
  /** Stops every agent. Twice is fine. */
  close(): Promise<void>
}

/** A program to run: arguments as a list, never a shell; exactly this environment. */
export interface AgentSpawn {
  readonly runId: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
}

/** The two directions of one running agent. */
export interface AgentLink {
  readonly runId: string
  readonly pid: number
  /** Complete lines of stdout from byte offset `after` on, in pages; ends when the process is gone and all was read. */
  frames(options: { readonly after: number; readonly signal?: AbortSignal }): AsyncIterable<readonly AgentFrame[]>
  /** Writes one line to the agent's stdin; the same id twice is written once. Resolves when handed to the pipe. */
  send(frame: OutboundFrame): Promise<void>
  /** Everything up to this offset is durable elsewhere and may be forgotten. */
  acknowledge(offset: number): void
  readonly exited: Promise<AgentExit>
  /** Asks the agent to end, and after the grace ends it and all it left behind. */
  stop(options?: { readonly graceMs?: number }): Promise<AgentExit>
}

/** A line from the agent; `end` is the byte offset after its line break. */
export interface AgentFrame {
  readonly text: string
  readonly end: number
}

/** A line to the agent, without its line break. */
export interface OutboundFrame {
  readonly id: string
  readonly line: string
}

export interface AgentExit {
  readonly code: number | null
  readonly signal: string | null
  readonly stderrTail: string
  /** What a person should know beyond code and signal: a line over the cap, an unfinished last line. */
  readonly reason?: string
}

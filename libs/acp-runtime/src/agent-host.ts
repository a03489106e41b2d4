/** Runs agents as processes and carries their framed bytes. It knows lines, not what they mean. */
export interface AgentHost {
  /** Rejects with `agent-not-found` or `agent-start-failed`. */
  start(spawn: AgentSpawn): Promise<StartedAgent>
  /** The link of a run that this host has: one that lives, or one that ended unseen and was not released. */
  attach(runId: string): Promise<AgentLink | undefined>
  /** The runs that `attach` would find. */
  runs(): Promise<readonly string[]>
  /** Stops every agent, or leaves them be where they outlive this process and are wanted to. Twice is fine. */
  close(options?: { readonly keepAgents?: boolean }): Promise<void>
}

/** A program to run: arguments as a list, never a shell; exactly this environment. */
export interface AgentSpawn {
  readonly runId: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** A folder by its real path: where a link leads instead, nothing is started. */
  readonly cwd: string
  /** Where what goes over its pipes is kept besides; absent: nowhere. */
  readonly recording?: RecordingPlace
}

/** A file that is not there yet, and how much may get into it. */
export interface RecordingPlace {
  readonly path: string
  readonly bytes: number
}

/** The two directions of one running agent. */
export interface AgentLink {
  readonly runId: string
  /** Complete lines of stdout from byte offset `after` on, in pages; ends when the process is gone and all was read. */
  frames(options: { readonly after: number; readonly signal?: AbortSignal }): AsyncIterable<readonly AgentFrame[]>
  /** Whether there is a living agent at its other end. */
  readonly isLinked: boolean
  /** Told when the way to the agent is lost and may come back, and when it is back; what is sent meanwhile waits. */
  watch(onChange: (isLinked: boolean) => void): void
  /** Writes one line to the agent's stdin; the same id twice is written once. Resolves when handed to the pipe. */
  send(frame: OutboundFrame): Promise<void>
  /** Everything up to this offset is durable elsewhere and may be forgotten. */
  acknowledge(offset: number): void
  readonly exited: Promise<AgentExit>
  /** Asks the agent to end, and after the grace ends it and all it left behind. */
  stop(options?: { readonly graceMs?: number }): Promise<AgentExit>
  /** Its end and all it said are durable elsewhere: the run may be forgotten. */
  release(): void
}

export interface StartedAgent extends AgentLink {
  readonly pid: number
}

/** A line from the agent. */
export interface AgentFrame {
  readonly text: string
  /** The byte offset after its line break. */
  readonly end: number
  /** Lines before this one were asked for and are not kept any more. */
  readonly isAfterGap?: boolean
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

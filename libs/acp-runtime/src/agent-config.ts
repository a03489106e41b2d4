/** Where agents come from: `claude` and `demo` are built in, others are configured. */
export interface AgentsConfig {
  /** The program of the Claude adapter, instead of the one that is found. */
  readonly acpBin?: string
  /** Where programs are looked for (`PATH`). */
  readonly searchPath: string
  readonly agents?: Readonly<Record<string, AgentConfig>>
  /** Where agents are that were installed on their first use. */
  readonly installFolder?: string
  /** Whether an agent that can be installed is installed when it is first needed. */
  readonly installOnUse?: boolean
  /** The `claude` that the user named; else the one on the search path, else the adapter's own. */
  readonly claudeExecutable?: string
}

/** An agent of the configuration: arguments as a list, never a shell. */
export interface AgentConfig {
  readonly command: string
  readonly args?: readonly string[] | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Beginnings of the names of variables that it may inherit. */
  readonly envAllow?: readonly string[] | undefined
  /** The agent's own names of the modes `default` and `plan`; a mode that is not here is not set. */
  readonly modes?: Readonly<Record<string, string>> | undefined
}

/** What to run for an agent, and how to talk to it. */
export interface ResolvedAgent {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly envAllow: readonly string[]
  /** The agent's mode in which it asks most, for a session's mode; undefined: there is none to set. */
  readonly mostAskingMode: (mode: string) => string | undefined
  /** Where a folder may say how the agent works in it, and have it run something; paths in it. */
  readonly folderSettings?: readonly string[]
  /** The `_meta` of its `session/new`, resume and load. */
  readonly sessionMeta?: (session: SessionRules) => Readonly<Record<string, unknown>>
}

/** What binds a session's agent beyond what it asks about. */
export interface SessionRules {
  readonly rules: readonly CallRule[]
  /** Whether the folder may say how the agent works in it: what it may do unasked, and what runs with it. */
  readonly isTrusted: boolean
  /** Real and absolute; what `${workDir}` and `~` stand for in patterns. */
  readonly workDir: string
  readonly home: string
}

/**
 * Calls that are refused or asked about. Every field that is there has to match, and one of its patterns, as a policy
 * writes them (spec/policy.md).
 */
export interface CallRule {
  readonly decision: "deny" | "ask"
  /** In this session it always holds: whatever its mode and its labels become, and at any time. */
  readonly isStanding: boolean
  readonly tools?: readonly string[] | undefined
  /** ACP's tool kinds. */
  readonly kinds?: readonly string[] | undefined
  readonly paths?: readonly string[] | undefined
  readonly commands?: readonly string[] | undefined
  readonly hosts?: readonly string[] | undefined
}

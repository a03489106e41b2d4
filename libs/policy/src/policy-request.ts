import type { PermissionMode } from "./words.ts"

/** What a policy judges: a tool call in canonical fields, never its title or any prose, and where it happens. */
export interface PolicyRequest {
  /** The tool's own name, such as `mcp__github__create_issue`, where the agent tells it. */
  readonly tool: string | undefined
  /** ACP's tool kind. What is none of them is allowed only by a rule that names the tool. */
  readonly kind: string | undefined
  /** Every path that it names, real (links resolved) and absolute. */
  readonly paths: readonly string[]
  /** The command line as the shell will get it, of a tool that runs one. */
  readonly command: string | undefined
  /** Every host that it names, without port. */
  readonly hosts: readonly string[]
  readonly context: PolicyContext
}

export interface PolicyContext {
  readonly mode: PermissionMode
  readonly agent: string
  readonly labels: Readonly<Record<string, string>>
  readonly owner: string
  /** Real and absolute. */
  readonly workDir: string
  /** The home folder of who runs the agent, real and absolute. */
  readonly home: string
  /** Epoch milliseconds. */
  readonly at: number
}

import { MARKER_VARIABLE } from "@aegis/acp-runtime/agent"
import { CliError } from "./cli-error.ts"

/** What an agent of ours has to come in with. */
export interface AgentAccess {
  readonly url: string
  /** Its own: for what its session may, and never the local token, which approves (spec/threats.md, A10). */
  readonly key: string
}

/** Undefined: this does not run under an agent. Rejects where it does, and the agent was given nothing. */
export function agentAccess(env: Readonly<Record<string, string | undefined>>): AgentAccess | undefined {
  if (env[MARKER_VARIABLE] === undefined) return undefined
  const { AEGIS_AGENT_URL: url, AEGIS_AGENT_KEY: key } = env
  if (url !== undefined && key !== undefined) return { url, key }
  throw new CliError(
    "refused",
    "This runs under an agent of Aegis, and without the key that its server gives it (AEGIS_AGENT_KEY): let that through to where this runs, or ask the person to run it.",
  )
}

import type { AgentsConfig } from "./agent-config.ts"
import { claudeRemedy, findClaude } from "./claude-agent.ts"
import { findProgram, isProgram } from "./find-program.ts"
import { programPath } from "./program-path.ts"

export interface AgentListing {
  readonly name: string
  readonly installed: boolean
  readonly version?: string
  /** The program and its arguments, where it is known. */
  readonly command?: readonly string[]
  /** Not installed, and installed when it is first needed. */
  readonly installsOnUse?: boolean
  /** Not installed: what to do. */
  readonly remedy?: string
}

/** All agents that can be asked for, installed or not. */
export function listAgents(config: AgentsConfig): readonly AgentListing[] {
  const configured = Object.entries(config.agents ?? {}).map(([name, { command, args = [] }]) => ({
    name,
    installed: /[\\/]/.test(command) ? isProgram(command) : findProgram(command, config.searchPath) !== undefined,
    command: [command, ...args],
  }))
  const builtIn = [
    listClaude(config),
    { name: "demo", installed: true, command: [process.execPath, programPath("demo-agent")] },
  ]
  return [...builtIn.filter(({ name }) => configured.every((other) => other.name !== name)), ...configured]
}

function listClaude(config: AgentsConfig): AgentListing {
  const program = findClaude(config)
  if (!program) {
    const installsOnUse = config.installOnUse === true && config.acpBin === undefined
    return {
      name: "claude",
      installed: false,
      remedy: claudeRemedy(config),
      ...(installsOnUse ? { installsOnUse } : {}),
    }
  }
  const { command, args, version } = program
  return { name: "claude", installed: true, command: [command, ...args], ...(version === undefined ? {} : { version }) }
}

import { AcpError } from "./acp-error.ts"
import type { AgentConfig, AgentsConfig, ResolvedAgent } from "./agent-config.ts"
import { askingMode } from "./asking-mode.ts"
import { resolveClaude } from "./claude-agent.ts"
import { programPath } from "./program-path.ts"

/** Throws `agent-not-found`, saying what to install or to configure. A configured agent takes the place of a built-in one. */
export function resolveAgent(name: string, config: AgentsConfig): ResolvedAgent {
  const configured = config.agents && Object.hasOwn(config.agents, name) ? config.agents[name] : undefined
  if (configured) return fromConfig(name, configured)
  if (name === "claude") return resolveClaude(config)
  if (name === "demo") return resolveDemo()
  const known = ["claude", "demo", ...Object.keys(config.agents ?? {})].join(", ")
  throw new AcpError(
    "agent-not-found",
    `There is no agent "${name}". There are: ${known}. Others come from the configuration.`,
  )
}

function fromConfig(name: string, { command, args = [], env = {}, envAllow = [], modes }: AgentConfig): ResolvedAgent {
  const mostAskingMode = (mode: string) => (modes ? modes[askingMode(mode)] : askingMode(mode))
  return { name, command, args, env, envAllow, mostAskingMode }
}

function resolveDemo(): ResolvedAgent {
  return {
    name: "demo",
    command: process.execPath,
    args: [programPath("demo-agent")],
    env: {},
    envAllow: ["NODE_COMPILE_CACHE"],
    mostAskingMode: askingMode,
  }
}

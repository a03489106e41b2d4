import { join } from "node:path"
import type { AegisClient } from "@aegis/client"
import type { Config } from "@aegis/server/local"
import { ask } from "./ask.ts"
import { CliError } from "./cli-error.ts"
import { duration } from "./event-printer.ts"
import type { Output } from "./output.ts"

export interface EnsureAgentOptions {
  readonly client: AegisClient
  readonly config: Config
  readonly output: Output
  /** `--yes`: installed without asking. */
  readonly yes: boolean
  /** Whether somebody can be asked. */
  readonly isInteractive: boolean
}

const SIZE = "up to 400 MB, with Anthropic's own program"

/** Installs the Claude agent into the data directory when it is nowhere yet, if the person or the configuration agrees. */
export async function ensureAgentInstalled(
  name: string,
  { client, config, output, yes, isInteractive }: EnsureAgentOptions,
) {
  const { autoInstall } = config.agents
  if (name !== "claude" || config.acpBin !== undefined || autoInstall === false) return
  const { items } = await client.listAgents()
  // Of an agent that is configured under this name, the server says what is wrong with it.
  if (Object.hasOwn(config.agents.named, name) || items.find((agent) => agent.name === name)?.installed !== false)
    return
  if (autoInstall === "ask" && !yes && !(await isWanted({ output, isInteractive })))
    throw new CliError(
      "failed",
      "The Claude agent is not installed. Run this again with --yes, or set agents.autoInstall: true, to install it.",
    )
  const { CLAUDE_VERSION, installClaude } = await import("@aegis/acp-runtime/agent")
  const folder = join(config.stateDir, "agents")
  output.note(`Installing the Claude agent ${CLAUDE_VERSION} into ${folder} (${SIZE}) …`)
  const began = performance.now()
  await installClaude({ folder, searchPath: process.env.PATH ?? "", env: process.env })
  output.note(`${output.colors.green("✓")} Installed in ${duration(performance.now() - began)}.`)
}

async function isWanted({ output, isInteractive }: Pick<EnsureAgentOptions, "output" | "isInteractive">) {
  if (!isInteractive) return false
  const question = `The Claude agent is not installed. Install it now (${SIZE})? ${output.colors.dim("[Y/n]")} `
  const leave = new AbortController()
  const reply = await ask(question, {
    input: process.stdin,
    output: process.stderr,
    signal: leave.signal,
    onInterrupt: () => leave.abort(),
  })
  return reply !== undefined && /^(y|yes)?$/i.test(reply.trim())
}

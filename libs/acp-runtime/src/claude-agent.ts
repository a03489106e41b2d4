import { existsSync } from "node:fs"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { AcpError } from "./acp-error.ts"
import type { AgentsConfig, ResolvedAgent } from "./agent-config.ts"
import { askingMode } from "./asking-mode.ts"
import { findPackage, findProgram, isProgram } from "./find-program.ts"

const PACKAGE = "@agentclientprotocol/claude-agent-acp"
const COMMAND = "claude-agent-acp"

export interface ClaudeProgram {
  readonly command: string
  readonly args: readonly string[]
  readonly version?: string
}

/** Throws `agent-not-found` with the way to install it. */
export function resolveClaude(config: AgentsConfig): ResolvedAgent {
  const program = findClaude(config)
  if (!program) throw new AcpError("agent-not-found", notFound(config))
  return {
    name: "claude",
    command: program.command,
    args: program.args,
    env: {},
    envAllow: ["ANTHROPIC_", "CLAUDE_"],
    mostAskingMode: askingMode,
    // The only way to see that its provider refuses for now; the adapter sends no other raw message with this filter.
    sessionMeta: { claudeCode: { emitRawSDKMessages: [{ type: "system", subtype: "api_retry" }] } },
  }
}

/** The configured program, else the package beside us, else the command on the search path. */
export function findClaude({ acpBin, searchPath }: AgentsConfig): ClaudeProgram | undefined {
  if (acpBin !== undefined) return findConfigured(acpBin, searchPath)
  const installed = findPackage(PACKAGE, COMMAND, { from: dirname(fileURLToPath(import.meta.url)) })
  if (installed) return { command: process.execPath, args: [installed.script], version: installed.version }
  const command = findProgram(COMMAND, searchPath)
  return command === undefined ? undefined : { command, args: [] }
}

function findConfigured(acpBin: string, searchPath: string): ClaudeProgram | undefined {
  if (/\.[cm]?js$/.test(acpBin)) return existsSync(acpBin) ? { command: process.execPath, args: [acpBin] } : undefined
  const command = /[\\/]/.test(acpBin) ? acpBin : findProgram(acpBin, searchPath)
  return command !== undefined && isProgram(command) ? { command, args: [] } : undefined
}

function notFound({ acpBin }: AgentsConfig) {
  if (acpBin !== undefined)
    return `The Claude adapter "${acpBin}" is not a program. Correct AEGIS_ACP_BIN, or leave it out.`
  return `The Claude agent is not installed. Run "npm install -g ${PACKAGE}", or set AEGIS_ACP_BIN to its program.`
}

import { existsSync } from "node:fs"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { AcpError } from "./acp-error.ts"
import type { AgentsConfig, ResolvedAgent } from "./agent-config.ts"
import { askingMode } from "./asking-mode.ts"
import { claudePermissions } from "./claude-permissions.ts"
import { findPackage, findProgram, isProgram } from "./find-program.ts"
import { CLAUDE_PACKAGE, CLAUDE_VERSION, claudeFolder } from "./install-claude.ts"

const COMMAND = "claude-agent-acp"

export interface ClaudeProgram {
  readonly command: string
  readonly args: readonly string[]
  readonly version?: string
  readonly env?: Readonly<Record<string, string>>
}

const folderSettings = [
  ".claude/settings.json",
  ".claude/settings.local.json",
  ".claude/agents",
  ".claude/commands",
  ".claude/skills",
  ".mcp.json",
]

/**
 * Of what a folder says Claude takes its instructions (`CLAUDE.md`), which are words. Its settings would run hooks and MCP
 * servers before anybody is asked, send the provider's key elsewhere, and allow what they like (spec/threats.md, J4).
 */
function userSettingsOnly(workDir: string) {
  return {
    settingSources: ["user"],
    // Claude takes a project's instructions with its settings or not at all; those of a folder beside it are words alone.
    additionalDirectories: [workDir],
    env: {
      CLAUDE_CODE_ADDITIONAL_DIRECTORIES_CLAUDE_MD: "1",
      // It would ask git for the folder's status at its start, and git runs the filters that the folder's configuration names.
      CLAUDE_CODE_DISABLE_GIT_INSTRUCTIONS: "1",
    },
  }
}

/** Claude runs git unasked where it only looks, and git runs what a folder's configuration and hooks name, wherever one has gone. */
const asksAboutGit = { id: "folder:git", decision: "ask", isStanding: true, commands: ["git *"] } as const

/** Throws `agent-not-found` with the ways to install it. */
export function resolveClaude(config: AgentsConfig): ResolvedAgent {
  const program = findClaude(config)
  if (!program) throw new AcpError("agent-not-found", `The Claude agent is not installed. ${claudeRemedy(config)}`)
  return {
    name: "claude",
    command: program.command,
    args: program.args,
    env: program.env ?? {},
    envAllow: ["ANTHROPIC_", "CLAUDE_"],
    mostAskingMode: askingMode,
    folderSettings,
    sessionMeta: ({ isTrusted, workDir, home, ...session }) => {
      const rules = isTrusted ? session.rules : [...session.rules, asksAboutGit]
      return {
        claudeCode: {
          // The only way to see that its provider refuses for now; the adapter sends no other raw message with this filter.
          emitRawSDKMessages: [{ type: "system", subtype: "api_retry" }],
          options: {
            ...(!isTrusted && userSettingsOnly(workDir)),
            ...(rules.length > 0 && { settings: { permissions: claudePermissions({ rules, workDir, home }) } }),
          },
        },
      }
    },
  }
}

/** The configured program, else the package beside us, else the command on the search path, else what was installed. */
export function findClaude(config: AgentsConfig): ClaudeProgram | undefined {
  const { acpBin, searchPath } = config
  if (acpBin !== undefined) return findConfigured(acpBin, searchPath)
  const beside = findPackage(CLAUDE_PACKAGE, COMMAND, { from: dirname(fileURLToPath(import.meta.url)) })
  if (beside) return { command: process.execPath, args: [beside.script], version: beside.version }
  const command = findProgram(COMMAND, searchPath)
  return command === undefined ? findInstalled(config) : { command, args: [] }
}

// It was installed without a program of its own where the user has one.
function findInstalled({ installFolder, searchPath, claudeExecutable }: AgentsConfig): ClaudeProgram | undefined {
  if (installFolder === undefined) return undefined
  const installed = findPackage(CLAUDE_PACKAGE, COMMAND, { from: claudeFolder(installFolder) })
  if (!installed) return undefined
  const executable = claudeExecutable ?? findProgram("claude", searchPath)
  const env = executable === undefined ? {} : { CLAUDE_CODE_EXECUTABLE: executable }
  return { command: process.execPath, args: [installed.script], version: installed.version, env }
}

function findConfigured(acpBin: string, searchPath: string): ClaudeProgram | undefined {
  if (/\.[cm]?js$/.test(acpBin)) return existsSync(acpBin) ? { command: process.execPath, args: [acpBin] } : undefined
  const command = /[\\/]/.test(acpBin) ? acpBin : findProgram(acpBin, searchPath)
  return command !== undefined && isProgram(command) ? { command, args: [] } : undefined
}

/** What to do where the adapter is not found. */
export function claudeRemedy({ acpBin }: AgentsConfig) {
  if (acpBin !== undefined) return `"${acpBin}" is not a program: correct AEGIS_ACP_BIN, or leave it out.`
  const ways = [
    `"ag run --agent claude" installs it (up to 400 MB; with --yes where nobody can be asked)`,
    "agents.autoInstall: true lets the server do so",
    `"npm install -g ${CLAUDE_PACKAGE}@${CLAUDE_VERSION}" installs it for everything`,
    "AEGIS_ACP_BIN names another one",
  ]
  return `${ways.join("; ")}.`
}

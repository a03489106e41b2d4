import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { AcpError } from "./acp-error.ts"
import { findProgram } from "./find-program.ts"

export const CLAUDE_PACKAGE = "@agentclientprotocol/claude-agent-acp"
/** The version that this library was tested with, end to end. */
export const CLAUDE_VERSION = "0.101.0"

export interface InstallClaudeOptions {
  /** Where installed agents are kept: a folder of the data directory. */
  readonly folder: string
  /** Where npm is looked for, and a `claude` of the user's own, which is then used instead of a second one. */
  readonly searchPath: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal?: AbortSignal | undefined
}

/** The folder of the installed adapter; it is there as a whole or not at all. */
export function claudeFolder(folder: string) {
  return join(folder, `claude-${CLAUDE_VERSION}`)
}

/**
 * Installs the Claude adapter with npm, from the registry of the user's configuration. Two at once do no harm. Rejects with
 * `agent-install-failed` and npm's reason; then nothing is left.
 */
export async function installClaude({ folder, searchPath, env, signal }: InstallClaudeOptions): Promise<void> {
  const target = claudeFolder(folder)
  if (existsSync(target)) return
  const npm = findProgram("npm", searchPath)
  if (npm === undefined)
    throw new AcpError(
      "agent-install-failed",
      `There is no npm to install ${CLAUDE_PACKAGE} with: it is not on the path.`,
    )
  await mkdir(dirname(target), { recursive: true, mode: 0o700 })
  const draft = await mkdtemp(`${target}.`)
  try {
    const manifest = { private: true, dependencies: { [CLAUDE_PACKAGE]: CLAUDE_VERSION } }
    await writeFile(join(draft, "package.json"), JSON.stringify(manifest))
    const ownClaude = findProgram("claude", searchPath)
    await runNpm(npm, ownClaude === undefined ? [] : ["--omit=optional"], { cwd: draft, env, signal })
    await takePlace(draft, target)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

// Whoever comes second has done the same work; the first one's is in use already.
async function takePlace(draft: string, target: string) {
  try {
    await rename(draft, target)
  } catch (error) {
    if (!existsSync(target)) throw error
  }
}

function runNpm(
  npm: string,
  words: readonly string[],
  { cwd, env, signal }: { readonly cwd: string } & Pick<InstallClaudeOptions, "env" | "signal">,
) {
  // An npm script's settings would reach this npm as if the user had given them.
  const kept = Object.entries(env).filter(([name]) => !/^npm_(?!config_registry$)/.test(name))
  const child = spawn(npm, ["install", "--no-audit", "--no-fund", "--omit=dev", ...words], {
    cwd,
    env: Object.fromEntries(kept),
    stdio: ["ignore", "ignore", "pipe"],
    shell: process.platform === "win32",
    signal,
  })
  let said = ""
  child.stderr.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4000)
  })
  return new Promise<void>((resolve, reject) => {
    const refuse = (reason: string, cause?: unknown) =>
      reject(
        new AcpError("agent-install-failed", `npm could not install ${CLAUDE_PACKAGE}@${CLAUDE_VERSION}: ${reason}`, {
          cause,
        }),
      )
    child.once("error", (error) => refuse(error.message, error))
    child.once("close", (code) => (code === 0 ? resolve() : refuse(said.trim() || `it ended with ${code}`)))
  })
}

import { type CommandDef, defineCommand, renderUsage, runCommand } from "citty"
import { agentAccess } from "./agent-access.ts"
import { CliError } from "./cli-error.ts"
import type { CommandContext } from "./command-context.ts"
import { EXIT } from "./exit-code.ts"
import type { Output } from "./output.ts"
import { resolve, strictCommand } from "./strict-command.ts"
import { version } from "./version.ts"

export interface RunMainOptions {
  readonly output: Output
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Runs what was typed, and gives the exit code. Commands are loaded when they are asked for. */
export async function runMain(words: readonly string[], { output, env }: RunMainOptions): Promise<number> {
  const context: CommandContext = { output, exitCode: 0 }
  const main = defineCommand({
    meta: { name: "ag", description: "Run coding agents as durable sessions." },
    subCommands: subCommands(context),
  })
  if (words.includes("--help") || words.includes("-h")) {
    output.data(`${await usageOf(main, words)}\n`)
    return 0
  }
  if (words[0] === "--version") {
    output.data(`${version}\n`)
    return 0
  }
  // What an agent's hooks tell takes a secret that opens nothing else.
  if (!isHook(words)) refuseUnderAgent(words, env)
  if (words.length === 0) return runDefault(context)
  try {
    await runCommand(main, { rawArgs: [...words] })
  } catch (error) {
    // Claude takes the exit code of a usage error (2) for a no.
    if (isHook(words)) return EXIT.ok
    throw isUsage(error) ? toUsageError(error, words[0]) : error
  }
  return context.exitCode
}

function isHook([first, second]: readonly string[]) {
  return first === "hooks" && second === "send"
}

function toUsageError({ message }: Error, word = "") {
  return new CliError("usage", `${message} Try: ag ${word in commands ? `${word} ` : ""}--help`)
}

// All else takes what is its person's: the local token, which approves, or the data directory (spec/threats.md, A10).
function refuseUnderAgent([word = ""]: readonly string[], env: RunMainOptions["env"]) {
  if (agentAccess(env) === undefined || forAgents.has(word)) return
  throw new CliError(
    "refused",
    `This runs under an agent of Aegis, which may: ag ${[...forAgents].join(", ag ")}. Ask the person to run ag ${word}.`,
  )
}

/** What an agent does with a key of its own. */
const forAgents: ReadonlySet<string> = new Set(["run", "sessions", "show", "tail", "send", "mcp"])

type Load = () => Promise<{ readonly command: (context: CommandContext) => unknown }>

const commands: Readonly<Record<string, Load>> = {
  run: () => import("./commands/run.ts"),
  server: () => import("./commands/server.ts"),
  sessions: () => import("./commands/sessions.ts"),
  show: () => import("./commands/show.ts"),
  diff: () => import("./commands/diff.ts"),
  fork: () => import("./commands/fork.ts"),
  export: () => import("./commands/export.ts"),
  tail: () => import("./commands/tail.ts"),
  send: () => import("./commands/send.ts"),
  approve: () => import("./commands/approve.ts"),
  reject: () => import("./commands/reject.ts"),
  interrupt: () => import("./commands/interrupt.ts"),
  escape: () => import("./commands/escape.ts"),
  pause: () => import("./commands/pause.ts"),
  resume: () => import("./commands/resume.ts"),
  restart: () => import("./commands/restart.ts"),
  kill: () => import("./commands/kill.ts"),
  budget: () => import("./commands/budget.ts"),
  "stop-all": () => import("./commands/stop-all.ts"),
  policy: () => import("./commands/policy.ts"),
  config: () => import("./commands/config.ts"),
  doctor: () => import("./commands/doctor.ts"),
  hooks: () => import("./commands/hooks.ts"),
  keys: () => import("./commands/keys.ts"),
  pipeline: () => import("./commands/pipeline.ts"),
  pipelines: () => import("./commands/pipelines.ts"),
  routine: () => import("./commands/routine.ts"),
  routines: () => import("./commands/routines.ts"),
  memory: () => import("./commands/memory.ts"),
  audit: () => import("./commands/audit.ts"),
  token: () => import("./commands/token.ts"),
  mcp: () => import("./commands/mcp.ts"),
  agents: () => import("./commands/agents.ts"),
  demo: () => import("./commands/demo.ts"),
}

function subCommands(context: CommandContext) {
  return Object.fromEntries(
    Object.entries(commands).map(([name, load]) => [
      name,
      async () => strictCommand((await load()).command(context) as CommandDef, name),
    ]),
  )
}

async function runDefault(context: CommandContext) {
  const { serve } = await import("./commands/server.ts")
  await serve(context, {})
  return context.exitCode
}

async function usageOf(main: CommandDef, words: readonly string[]) {
  const asked = words.filter((word) => !word.startsWith("-"))
  let command = main
  let parent: CommandDef | undefined
  for (const word of asked) {
    const next = (await resolve(command.subCommands))?.[word]
    if (!next) break
    parent = command
    command = (await resolve(next)) as CommandDef
  }
  return renderUsage(command, parent)
}

function isUsage(error: unknown): error is Error {
  return error instanceof Error && error.name === "CLIError"
}

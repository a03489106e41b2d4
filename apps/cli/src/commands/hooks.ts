import { homedir } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { MARKER_VARIABLE } from "@aegis/acp-runtime/agent"
import { defineCommand } from "citty"
import { agProgram } from "../ag-program.ts"
import type { CommandContext } from "../command-context.ts"
import { commonArgs, openConfig } from "../common-args.ts"
import { type ClaudeSettings, type HookEvent, withHooks, withoutHooks } from "../hook-settings.ts"
import type { Output } from "../output.ts"
import { sendHook } from "../send-hook.ts"
import { readSettings, writeSettings } from "../settings-file.ts"

const scopeArgs = {
  project: {
    type: "boolean",
    description: "Of this folder alone (.claude/settings.local.json), instead of all of yours",
  },
} as const

/** Claude Code's hooks: so that one that was started by hand shows up as a session. */
export function command({ output }: CommandContext) {
  return defineCommand({
    meta: { name: "hooks", description: "Show what a Claude Code does that you start by hand" },
    subCommands: {
      install: defineCommand({
        meta: { name: "install", description: "Put the hooks into Claude Code's settings, beside what is there" },
        args: {
          config: commonArgs.config,
          ...scopeArgs,
          print: { type: "boolean", description: "Only print them" },
        },
        run: async ({ args }) => {
          const { stateDir } = await openConfig(args.config)
          const commandOf = (event: HookEvent) => commandLine(event, stateDir)
          if (args.print) return output.json(withHooks({}, commandOf), 2)
          const isChanged = change(args, output, (settings) => withHooks(settings, commandOf))
          if (isChanged)
            output.note(`What a Claude Code does from its next start on is told to the server of ${stateDir}.`)
        },
      }),
      uninstall: defineCommand({
        meta: { name: "uninstall", description: "Take them out again" },
        args: scopeArgs,
        run: ({ args }) => void change(args, output, withoutHooks),
      }),
      send: defineCommand({
        meta: { name: "send", description: "What the hooks run: tells the server what stands on stdin" },
        args: {
          event: { type: "positional", description: "Claude Code's name of the hook", required: true },
          state: { type: "string", description: "The server's data directory", required: true, valueHint: "folder" },
        },
        run: ({ args }) => send(args, output),
      }),
    },
  })
}

// An agent is never held up by whoever watches it: without a server, or with one that fails, nothing is said.
async function send({ event, state }: { readonly event: string; readonly state: string }, output: Output) {
  const runId = process.env[MARKER_VARIABLE]?.split(":")[1]
  const payload = await text(process.stdin)
  const answer = await sendHook(event, { stateDir: state, payload, runId }).catch(() => undefined)
  if (answer !== undefined) output.data(answer)
}

function change(
  { project }: { readonly project?: boolean | undefined },
  output: Output,
  next: (settings: ClaudeSettings) => ClaudeSettings,
) {
  const path = project ? join(process.cwd(), ".claude", "settings.local.json") : join(claudeFolder(), "settings.json")
  const before = readSettings(path)
  const after = next(before)
  const isChanged = JSON.stringify(after) !== JSON.stringify(before)
  if (isChanged) writeSettings(path, after)
  output.note(isChanged ? `Changed ${path}` : `${path} is so already.`)
  return isChanged
}

function claudeFolder() {
  return process.env.CLAUDE_CONFIG_DIR || join(homedir(), ".claude")
}

/** This program, wherever it is called from; the secret stands in the data directory and in no command line. */
function commandLine(event: HookEvent, stateDir: string) {
  return `${quoted(process.execPath)} ${quoted(agProgram)} hooks send ${event} --state ${quoted(stateDir)}`
}

function quoted(word: string) {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`
}

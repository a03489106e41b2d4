import { homedir } from "node:os"
import { text as readText } from "node:stream/consumers"
import type { ExplainedKey } from "@aegis/server/local"
import { defineCommand } from "citty"
import { CliError } from "../cli-error.ts"
import type { CommandContext } from "../command-context.ts"
import { commonArgs, configPlaces } from "../common-args.ts"
import { fit, type Output, pad } from "../output.ts"

const keyArg = { type: "positional", description: "Such as agent.default", required: true } as const

export function command(context: CommandContext) {
  const { output } = context
  return defineCommand({
    meta: { name: "config", description: "How the server is set: show it, and change a file" },
    subCommands: {
      show: defineCommand({
        meta: { name: "show", description: "What every key is, and where that is from" },
        args: {
          key: { ...keyArg, description: "Only this, or what begins with it", required: false },
          ...commonArgs,
        },
        run: async ({ args }) => {
          const { explainConfig } = await import("@aegis/server/local")
          const keys = under(explainConfig(configPlaces(args.config)), args.key)
          if (args.json) output.json(keys)
          else output.data(`${toLines(keys, output).join("\n")}\n`)
        },
      }),
      path: defineCommand({
        meta: { name: "path", description: "The file that is used" },
        args: commonArgs,
        run: async ({ args }) => {
          const { findConfigFile } = await import("@aegis/server/local")
          const path = findConfigFile(configPlaces(args.config))
          if (path === undefined) throw new CliError("failed", "There is no file: everything is as it is by default.")
          output.data(args.json ? `${JSON.stringify({ path })}\n` : `${path}\n`)
        },
      }),
      set: defineCommand({
        meta: { name: "set", description: "Set a key in the file that is used" },
        args: {
          key: keyArg,
          value: { type: "positional", description: "As in the file; - reads it from stdin", required: true },
          ...commonArgs,
        },
        run: async ({ args }) =>
          change(context, { ...args, value: args.value === "-" ? await fromStdin() : args.value }),
      }),
      unset: defineCommand({
        meta: { name: "unset", description: "Take a key out of it: then it is as it is by default" },
        args: { key: keyArg, ...commonArgs },
        run: ({ args }) => change(context, { ...args, value: undefined }),
      }),
    },
  })
}

interface Change {
  readonly key: string
  readonly value: string | undefined
  readonly config?: string | undefined
  readonly json?: boolean | undefined
}

async function change({ output }: CommandContext, { key, value, config, json }: Change) {
  const { changeConfig, explainConfig } = await import("@aegis/server/local")
  const places = configPlaces(config)
  const path = changeConfig({ ...places, key, value })
  if (json) return output.json({ path })
  output.note(`${output.colors.green("✓")} ${key} ${value === undefined ? "is out of" : "is set in"} ${shorten(path)}`)
  for (const { key: name, from } of explainConfig(places))
    if (isUnder(name, key) && /^AEGIS_/.test(from))
      output.note(`${output.colors.yellow("!")} ${name} is still what ${from} says.`)
  output.note(output.colors.dim("A server that runs takes it with its next start."))
}

function under(keys: readonly ExplainedKey[], wanted: string | undefined) {
  const found = keys.filter(({ key }) => wanted === undefined || isUnder(key, wanted))
  if (found.length === 0) throw new CliError("usage", `There is no key "${wanted}". See: ag config show`)
  return found
}

function isUnder(key: string, wanted: string) {
  return key === wanted || key.startsWith(`${wanted}.`)
}

function toLines(keys: readonly ExplainedKey[], { columns, colors }: Output) {
  const width = Math.max(...keys.map(({ key }) => key.length))
  const room = Math.max(20, columns - width - 2)
  return keys.map(({ key, value, from }) => {
    const text = textOf(value)
    if (from === "default") return `${pad(key, width)}  ${colors.dim(fit(text, room))}`
    const source = shorten(from)
    const isOneLine = text.length + source.length + 2 <= room
    return `${pad(key, width)}  ${fit(text, room)}${isOneLine ? "  " : `\n${" ".repeat(width + 2)}`}${colors.dim(source)}`
  })
}

function textOf(value: unknown) {
  if (value === undefined) return "–"
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.join(", ")
  return typeof value === "string" ? shorten(value) : JSON.stringify(value)
}

function shorten(path: string) {
  const home = homedir()
  return path === home || path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path
}

async function fromStdin() {
  return (await readText(process.stdin)).replace(/\r?\n$/, "")
}

import type { ArgsDef, CommandDef, Resolvable } from "citty"
import { closest, distance } from "fastest-levenshtein"
import { CliError } from "./cli-error.ts"

type Given = Readonly<Record<string, unknown>> & { readonly _: readonly string[] }

/** The command, refusing what it does not know: by itself it would pass over a mistyped option as if it were not there. */
export function strictCommand(command: CommandDef, path: string): CommandDef {
  const { subCommands, args } = command
  if (subCommands === undefined)
    return {
      ...command,
      setup: async ({ args: given }) => refuseUnknown(given, (await resolve(args)) ?? {}, path),
    }
  return {
    ...command,
    subCommands: async () => {
      const entries = Object.entries((await resolve(subCommands)) ?? {})
      return Object.fromEntries(
        entries.map(([name, sub]) => [name, async () => strictCommand(await resolve(sub), `${path} ${name}`)]),
      )
    },
  }
}

function refuseUnknown(given: Given, known: ArgsDef, path: string) {
  const options = Object.entries(known).flatMap(([name, arg]) =>
    arg.type === "positional" ? [] : [name, ...("alias" in arg ? [arg.alias ?? []].flat() : [])],
  )
  const positionals = Object.entries(known).filter(([, { type }]) => type === "positional")
  const names = new Set([...options, ...options.map(toCamelCase), ...positionals.map(([name]) => name), "_"])
  const unknown = Object.keys(given).find((name) => !names.has(name))
  if (unknown !== undefined)
    throw new CliError(
      "usage",
      `There is no option ${toOption(unknown)} here.${guess(unknown, options)} Try: ag ${path} --help`,
    )
  const surplus = given._[positionals.length]
  if (surplus !== undefined)
    throw new CliError("usage", `"${surplus}" is too much here; quote what belongs together. Try: ag ${path} --help`)
}

function guess(unknown: string, options: readonly string[]) {
  if (options.length === 0) return ""
  const near = closest(unknown, options)
  return distance(unknown, near) <= Math.min(3, unknown.length - 1) ? ` Did you mean ${toOption(near)}?` : ""
}

function toOption(name: string) {
  return name.length === 1 ? `-${name}` : `--${name}`
}

function toCamelCase(name: string) {
  return name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}

/** What is given as itself, as a promise, or as a function of either. */
export async function resolve<T>(value: Resolvable<T>): Promise<T>
export async function resolve<T>(value: Resolvable<T> | undefined): Promise<T | undefined>
export async function resolve<T>(value: Resolvable<T> | undefined): Promise<T | undefined> {
  return typeof value === "function" ? (value as () => T | Promise<T>)() : value
}

import { text } from "node:stream/consumers"
import type { AegisClient, MemoryEntry } from "@aegis/client"
import { defineCommand } from "citty"
import { CliError } from "../cli-error.ts"
import type { CommandContext } from "../command-context.ts"
import { commonArgs, requireServer } from "../common-args.ts"
import { millisecondsOf } from "../milliseconds-of.ts"
import { columnsOf, fit, headline, type Output, pad, visible } from "../output.ts"

const keyArg = { type: "positional", description: "namespace/name", required: true } as const
const versionArg = {
  type: "string",
  description: "Only over this version; 0: only where nothing is",
  valueHint: "version",
} as const

export function command({ output }: CommandContext) {
  return defineCommand({
    meta: { name: "memory", description: "What agents and people keep and share under keys" },
    subCommands: {
      list: defineCommand({
        meta: { name: "list", description: "What is kept, by key" },
        args: {
          prefix: { type: "positional", description: "Only keys that begin so: project/", required: false },
          ...commonArgs,
        },
        run: async ({ args }) => {
          const { client } = await requireServer(args.config)
          const entries = await allOf(client, args.prefix)
          if (args.json) output.json(entries)
          else if (entries.length === 0)
            output.note("Nothing is kept here. Keep something: ag memory set notes/first Hello")
          else output.data(table(entries, output))
        },
      }),
      get: defineCommand({
        meta: { name: "get", description: "What is kept under a key; it alone is on stdout" },
        args: { key: keyArg, ...commonArgs },
        run: async ({ args }) => {
          const { client } = await requireServer(args.config)
          const entry = await client.getMemory(args.key)
          if (args.json) output.json(entry)
          else output.data(wholeLines(output.isTerminal ? visible(entry.value) : entry.value))
        },
      }),
      set: defineCommand({
        meta: { name: "set", description: "Keep a text under a key" },
        args: {
          key: keyArg,
          value: { type: "positional", description: "The text; without one, what stands on stdin", required: false },
          ttl: { type: "string", description: "For how long it is kept: 12h, 30d", valueHint: "duration" },
          "if-version": versionArg,
          ...commonArgs,
        },
        run: async ({ args }) => {
          const ttl = args.ttl === undefined ? {} : { ttlSeconds: Math.ceil(millisecondsOf(args.ttl) / 1000) }
          const wanted = ifVersion(args["if-version"])
          const value = args.value ?? (await text(process.stdin))
          const { client } = await requireServer(args.config)
          const entry = await client.setMemory({ key: args.key, value, ...ttl }, wanted)
          if (args.json) output.json(entry)
          else
            output.note(
              `${output.colors.green("✓")} ${visible(entry.key)} is at version ${entry.version}${until(entry)}.`,
            )
        },
      }),
      delete: defineCommand({
        meta: { name: "delete", description: "Forget what is kept under a key" },
        args: { key: keyArg, "if-version": versionArg, ...commonArgs },
        run: async ({ args }) => {
          const wanted = ifVersion(args["if-version"])
          const { client } = await requireServer(args.config)
          const answer = await client.deleteMemory(args.key, wanted)
          if (args.json) output.json(answer)
          else output.note(`${output.colors.green("✓")} ${visible(args.key)} is forgotten.`)
        },
      }),
    },
  })
}

// What was a file's is the file's again.
function wholeLines(value: string) {
  return value.endsWith("\n") ? value : `${value}\n`
}

function ifVersion(version: string | undefined): { readonly ifVersion?: number } {
  if (version === undefined) return {}
  if (/^\d{1,15}$/.test(version)) return { ifVersion: Number(version) }
  throw new CliError("usage", `"${version}" is no version. They stand in: ag memory list`)
}

async function allOf(client: AegisClient, prefix: string | undefined) {
  const entries: MemoryEntry[] = []
  const query = { limit: 200, ...(prefix === undefined ? {} : { prefix }) }
  for (let after: string | undefined, isMore = true; isMore; isMore = after !== undefined) {
    const page = await client.listMemory({ ...query, ...(after === undefined ? {} : { after }) })
    entries.push(...page.items)
    after = page.nextCursor
  }
  return entries
}

function table(entries: readonly MemoryEntry[], output: Output) {
  const widest = (texts: readonly string[], most: number) =>
    Math.min(most, Math.max(...texts.map((each) => columnsOf(each))))
  const rows = entries.map((entry) => ({ key: visible(entry.key), version: `${entry.version}`, entry }))
  const key = widest(
    rows.map((row) => row.key),
    Math.max(16, output.columns - 24),
  )
  const version = widest(
    rows.map((row) => row.version),
    15,
  )
  const rest = Math.max(10, output.columns - key - version - 5)
  return rows
    .map(
      (row) =>
        `${pad(fit(row.key, key), key)}  ${row.version.padStart(version)}  ${fit(headline(row.entry.value), rest)}\n`,
    )
    .join("")
}

function until({ expiresAt }: MemoryEntry) {
  return expiresAt === undefined ? "" : ` until ${expiresAt.slice(0, 16).replace("T", " ")} UTC`
}

import { createReadStream } from "node:fs"
import { resolve } from "node:path"
import {
  type AegisClient,
  type AegisEvent,
  type TreeHead,
  verifyCheckpoint,
  verifyConsistency,
  verifyExport,
  verifyInclusion,
} from "@aegis/client"
import { defineCommand } from "citty"
import { CliError } from "../cli-error.ts"
import type { CommandContext } from "../command-context.ts"
import { commonArgs, requireServer } from "../common-args.ts"
import { EXIT } from "../exit-code.ts"
import { instantOf } from "../instant-of.ts"
import { linesOf } from "../lines-of.ts"
import { type Output, pad, visible } from "../output.ts"
import { saveFile } from "../save-file.ts"

const filterArgs = {
  actor: { type: "string", description: "Only what this one did: a key's id, runner, …" },
  type: { type: "string", description: "Only these types: key.created,approval.*" },
  session: { type: "string", description: "Only this session, by its whole id" },
  since: { type: "string", description: "From then on: 7d, or 2026-11-29T12:00:00Z", valueHint: "when" },
  until: { type: "string", description: "Before then: 1h, or a date", valueHint: "when" },
} as const
const keyArg = {
  type: "string",
  description: "The log's public key, as you got it before: <name>+<id>+<base64>",
  valueHint: "key",
} as const

export function command(context: CommandContext) {
  const { output } = context
  return defineCommand({
    meta: { name: "audit", description: "Who wished, decided and did what, and the proof of it" },
    subCommands: {
      list: defineCommand({
        meta: { name: "list", description: "The newest entries of the trail" },
        args: { ...filterArgs, limit: { type: "string", description: "How many", default: "20" }, ...commonArgs },
        run: async ({ args }) => {
          const limit = wholeNumber(args.limit, "--limit")
          const filter = toFilter(args)
          const { client } = await requireServer(args.config)
          const items = await newest(client, { filter, limit })
          if (args.json) output.json(items)
          else if (items.length === 0) output.note("Nothing of that is in the trail.")
          else output.data(items.map((item) => lineOf(item, output)).join(""))
        },
      }),
      export: defineCommand({
        meta: { name: "export", description: "The trail as a file, for archives and for others to verify" },
        args: {
          format: {
            type: "string",
            description: "ndjson, which can be verified, or csv, for spreadsheets",
            default: "ndjson",
          },
          out: { type: "string", description: "Into this file, for you alone; else on stdout", valueHint: "file" },
          ...filterArgs,
          config: commonArgs.config,
        },
        run: async ({ args }) => {
          const { format, out, config } = args
          if (format !== "ndjson" && format !== "csv")
            throw new CliError("usage", `There is no format "${format}". There are: ndjson, csv.`)
          const filter = toFilter(args)
          const { client } = await requireServer(config)
          const bytes = await client.exportAudit({ format, ...filter })
          if (out === undefined) return output.stream(bytes)
          await saveFile(bytes, out)
          output.note(
            `${output.colors.green("✓")} ${visible(out)}. Look whether it is whole: ag audit verify --file ${visible(out)}`,
          )
        },
      }),
      verify: defineCommand({
        meta: { name: "verify", description: "Look whether the log, or an export of it, is what was signed" },
        args: {
          file: { type: "string", description: "An export; no server is asked", valueHint: "file" },
          key: keyArg,
          ...commonArgs,
        },
        run: async ({ args }) => {
          context.exitCode = await (args.file === undefined
            ? verifyServer(context, args)
            : verifyFile(context, args.file, args))
        },
      }),
      proof: defineCommand({
        meta: { name: "proof", description: "Prove that an entry is in the log, or that it begins as it was" },
        args: {
          seq: { type: "positional", description: "The entry's number", required: false },
          size: { type: "string", description: "In the log of so many entries; else of the newest checkpoint" },
          from: {
            type: "string",
            description: "Instead of an entry: that the log of so many entries is its beginning",
          },
          to: { type: "string", description: "And of how many the later one has; else of the newest checkpoint" },
          key: keyArg,
          ...commonArgs,
        },
        run: async ({ args }) => {
          const { seq, size, from, to } = args
          if ((seq === undefined) === (from === undefined))
            throw new CliError("usage", "Say which entry: ag audit proof 42. Or since when: ag audit proof --from 42")
          const query = Object.fromEntries(
            Object.entries({ seq, size, from, to }).flatMap(([name, text]) =>
              text === undefined ? [] : [[name, wholeNumber(text, name)]],
            ),
          )
          const { client } = await requireServer(args.config)
          await prove(client, query, { output, json: args.json, key: args.key })
        },
      }),
    },
  })
}

interface FilterArgs {
  readonly actor?: string | undefined
  readonly type?: string | undefined
  readonly session?: string | undefined
  readonly since?: string | undefined
  readonly until?: string | undefined
}

function toFilter({ actor, type, session, since, until }: FilterArgs) {
  const [from, to] = [instantOf(since), instantOf(until)]
  const given = Object.entries({ actor, type, session, from, to }).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given) as Record<"actor" | "type" | "session" | "from" | "to", string>
}

function wholeNumber(text: string, name: string) {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new CliError("usage", `${name} is a whole number, and not "${text}".`)
}

interface NewestOptions {
  readonly filter: ReturnType<typeof toFilter>
  readonly limit: number
}

// A page may be short where little of the log fits.
async function newest(client: AegisClient, { filter, limit }: NewestOptions) {
  const items: AegisEvent[] = []
  let before: number | undefined
  while (items.length < limit) {
    const page = await client.listAudit({
      ...filter,
      limit: Math.min(200, limit - items.length),
      ...(before === undefined ? {} : { before }),
    })
    items.push(...page.items)
    if (page.nextCursor === undefined) break
    before = Number(page.nextCursor)
  }
  return items
}

function lineOf({ seq, at, type, actor, sessionId = "" }: AegisEvent, { colors }: Output) {
  const who = `${actor.kind} ${actor.id} (${actor.via})`
  return `${String(seq).padStart(8)}  ${colors.dim(at)}  ${pad(visible(type), 22)}  ${pad(visible(who), 28)}  ${sessionId.slice(0, 8)}\n`
}

interface VerifyArgs {
  readonly config?: string | undefined
  readonly json?: boolean | undefined
  readonly key?: string | undefined
}

async function verifyServer({ output }: CommandContext, { config, json, key }: VerifyArgs) {
  const { client } = await requireServer(config)
  const report = await client.verifyAudit()
  // The key that one has is believed, and not what the server says of itself.
  if (key !== undefined) await verifyCheckpoint(await client.getAuditCheckpoint(), key)
  if (json) output.json(report)
  else {
    const { colors } = output
    for (const { code, detail } of report.problems) output.data(`${colors.red("✗")} ${code}: ${visible(detail)}\n`)
    const seen = report.witness ? `, and the witness's ${report.witness.checkpoints} checkpoints` : ""
    const what = `${report.checked} entries were read from the disk and compared with the tree${seen}.`
    output.data(`${report.ok ? `${colors.green("✓")} ` : ""}${what}\n`)
    output.note(`The log's public key: ${report.key}`)
  }
  return report.ok ? EXIT.ok : EXIT.failed
}

async function verifyFile({ output }: CommandContext, file: string, { json, key }: VerifyArgs) {
  const found = await verifyExport(linesOf(createReadStream(resolve(file))), { key })
  if (json) output.json({ ok: true, ...found })
  else {
    const { entries, redacted, size, origin } = found
    const { colors } = output
    output.data(`${colors.green("✓")} ${entries} entries of the log ${origin}, all as they were when it had ${size}.\n`)
    if (redacted > 0)
      output.data(
        `  ${redacted} of them without their secrets: that they were, when, and by whom, is proved of these.\n`,
      )
    if (key === undefined)
      output.note(
        `${colors.yellow("!")} The key is the file's own, ${found.key}: compare it, or give yours with --key.`,
      )
  }
  return EXIT.ok
}

function compare(signed: TreeHead, claimed: TreeHead) {
  if (signed.size === claimed.size && signed.root !== claimed.root)
    throw new CliError("failed", `The server proves something of another log than the one it has signed.`)
}

interface ProveOptions {
  readonly output: Output
  readonly json: boolean | undefined
  readonly key: string | undefined
}

// What the server gives is not believed before it was verified here.
async function prove(
  client: AegisClient,
  query: Readonly<Record<string, number>>,
  { output, json, key }: ProveOptions,
) {
  const proof = await client.getAuditProof(query)
  const note = await client.getAuditCheckpoint()
  if (key !== undefined) compare(await verifyCheckpoint(note, key), "leaf" in proof ? proof : proof.to)
  if ("leaf" in proof) await verifyInclusion(proof.leaf, proof, proof)
  else await verifyConsistency(proof.from, proof.to, proof)
  if (json) return output.json({ ...proof, checkpoint: note })
  const what =
    "leaf" in proof
      ? `Entry ${proof.seq} is in the log of ${proof.size} entries with the root ${proof.root}`
      : `The log of ${proof.to.size} entries begins with the log of ${proof.from.size}`
  output.data(`${output.colors.green("✓")} ${what}.\n`)
  for (const hash of proof.proof) output.data(`${hash}\n`)
}

import { type AegisClient, asKnown, type CreatePipeline, type KnownEvent, type Pipeline } from "@aegis/client"
import { defineCommand } from "citty"
import type { CommandContext } from "../command-context.ts"
import { commonArgs, findNamed, requireServer } from "../common-args.ts"
import { EXIT } from "../exit-code.ts"
import { type Output, visible } from "../output.ts"
import { pipelineLines } from "../pipeline-lines.ts"
import { readWishFile } from "../wish-file.ts"

const idArg = { type: "positional", description: "Id, the beginning of one, or name", required: true } as const
const waitArg = { type: "boolean", description: "Until it is over; fails where it does" } as const

export function command(context: CommandContext) {
  const { output } = context
  return defineCommand({
    meta: { name: "pipeline", description: "Work in stages: begin it, look at it, wait for it, cancel it" },
    subCommands: {
      create: defineCommand({
        meta: { name: "create", description: "Begin what a file says" },
        args: {
          file: { type: "string", alias: "f", description: "YAML or JSON", valueHint: "file", required: true },
          wait: waitArg,
          ...commonArgs,
        },
        run: async ({ args }) => {
          const { wish, located } = await readWishFile<CreatePipeline>(args.file)
          const { client } = await requireServer(args.config)
          const made = await client.createPipeline(wish).catch((error: unknown) => {
            throw located(error)
          })
          await tell(context, { client, pipeline: made, ...args })
        },
      }),
      show: defineCommand({
        meta: { name: "show", description: "Its stages, and what they have said" },
        args: { pipeline: idArg, wait: waitArg, ...commonArgs },
        run: async ({ args }) => {
          const { client } = await requireServer(args.config)
          const pipeline = await client.getPipeline(await idOf(client, args.pipeline))
          await tell(context, { client, ...args, pipeline })
        },
      }),
      cancel: defineCommand({
        meta: { name: "cancel", description: "End what runs of it, and begin nothing more" },
        args: { pipeline: idArg, ...commonArgs },
        run: async ({ args }) => {
          const { client } = await requireServer(args.config)
          const pipeline = await client.cancelPipeline(await idOf(client, args.pipeline))
          show(pipeline, { output, json: args.json })
        },
      }),
    },
  })
}

interface Telling {
  readonly client: AegisClient
  readonly pipeline: Pipeline
  readonly wait?: boolean | undefined
  readonly json?: boolean | undefined
}

async function tell(context: CommandContext, { client, pipeline, wait, json }: Telling) {
  const { output } = context
  const last = wait && pipeline.status === "running" ? await untilOver(client, pipeline, output) : pipeline
  show(last, { output, json })
  if (!wait || last.status === "completed") return
  context.exitCode = last.status === "running" ? EXIT.interrupted : EXIT.failed
}

function show(pipeline: Pipeline, { output, json }: { readonly output: Output; readonly json: boolean | undefined }) {
  if (json) output.json(pipeline)
  else output.data(`${pipelineLines(pipeline, output).join("\n")}\n`)
}

/** Tells on the way what begins and ends. */
async function untilOver(client: AegisClient, { id, seq }: Pipeline, output: Output): Promise<Pipeline> {
  const leave = new AbortController()
  process.once("SIGINT", () => leave.abort())
  for await (const event of client.events(undefined, { after: seq, signal: leave.signal })) {
    if (!("data" in event)) continue
    const known = asKnown(event)
    if (!isPipelineEvent(known) || known.data.pipelineId !== id) continue
    if (known.type === "pipeline.stage_started") output.note(`… ${visible(known.data.stage)}`)
    if (known.type === "pipeline.stage_ended")
      output.note(`${known.data.status === "completed" ? "✓" : "✗"} ${visible(known.data.stage)}`)
    if (known.type === "pipeline.ended") break
  }
  return client.getPipeline(id)
}

function isPipelineEvent(event: KnownEvent): event is Extract<KnownEvent, { readonly type: `pipeline.${string}` }> {
  return event.type.startsWith("pipeline.")
}

async function idOf(client: AegisClient, wanted: string) {
  const { items } = await client.listPipelines({ limit: 200 })
  // One that is further back is known by its whole id.
  return findNamed(items, wanted)?.id ?? wanted
}

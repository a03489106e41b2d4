import type { AegisClient, CreateRoutine, Routine } from "@aegis/client"
import { defineCommand } from "citty"
import type { CommandContext } from "../command-context.ts"
import { commonArgs, findNamed, requireServer } from "../common-args.ts"
import { type Output, visible } from "../output.ts"
import { routineLines, runLine } from "../routine-lines.ts"
import { readWishFile } from "../wish-file.ts"
import { command as list } from "./routines.ts"

const idArg = { type: "positional", description: "Id, the beginning of one, or name", required: true } as const

/** So many of its runs are shown. */
const SHOWN_RUNS = 10

export function command(context: CommandContext) {
  const { output } = context
  const change = (
    name: string,
    { description, enabled }: { readonly description: string; readonly enabled: boolean },
  ) =>
    defineCommand({
      meta: { name, description },
      args: { routine: idArg, ...commonArgs },
      run: async ({ args }) => {
        const { client } = await requireServer(args.config)
        const routine = await client.updateRoutine(await idOf(client, args.routine), { enabled })
        await show(client, routine, { output, json: args.json })
      },
    })
  return defineCommand({
    meta: { name: "routine", description: "What begins by the clock: make it, look at it, run it now, pause it" },
    subCommands: {
      create: defineCommand({
        meta: { name: "create", description: "Make what a file says" },
        args: {
          file: { type: "string", alias: "f", description: "YAML or JSON", valueHint: "file", required: true },
          ...commonArgs,
        },
        run: async ({ args }) => {
          const { wish, located } = await readWishFile<CreateRoutine>(args.file)
          const { client } = await requireServer(args.config)
          const made = await client.createRoutine(wish).catch((error: unknown) => {
            throw located(error)
          })
          await show(client, made, { output, json: args.json })
        },
      }),
      list: list(context),
      show: defineCommand({
        meta: { name: "show", description: "When it begins something, and what became of its last runs" },
        args: { routine: idArg, ...commonArgs },
        run: async ({ args }) => {
          const { client } = await requireServer(args.config)
          const routine = await client.getRoutine(await idOf(client, args.routine))
          await show(client, routine, { output, json: args.json })
        },
      }),
      run: defineCommand({
        meta: { name: "run", description: "Begin a run now, also of one that is paused" },
        args: { routine: idArg, ...commonArgs },
        run: async ({ args }) => {
          const { client } = await requireServer(args.config)
          const run = await client.runRoutine(await idOf(client, args.routine))
          if (args.json) output.json(run)
          else output.data(`${runLine(run, output).trim()}\n`)
          if (run.sessionId !== undefined) output.note(`Follow it: ag tail ${run.sessionId.slice(0, 8)}`)
        },
      }),
      pause: change("pause", { description: "Its times are not due until it is resumed", enabled: false }),
      resume: change("resume", { description: "Its times are due again", enabled: true }),
      delete: defineCommand({
        meta: { name: "delete", description: "It begins nothing more; what works of it goes on" },
        args: { routine: idArg, ...commonArgs },
        run: async ({ args }) => {
          const { client } = await requireServer(args.config)
          const answer = await client.deleteRoutine(await idOf(client, args.routine))
          if (args.json) output.json(answer)
          else output.note(`${output.colors.green("✓")} ${visible(args.routine)} is deleted.`)
        },
      }),
    },
  })
}

async function show(
  client: AegisClient,
  routine: Routine,
  { output, json }: { readonly output: Output; readonly json: boolean | undefined },
) {
  if (json) return output.json(routine)
  const { items } = await client.listRoutineRuns(routine.id, { limit: SHOWN_RUNS })
  output.data(`${routineLines(routine, items, output).join("\n")}\n`)
}

async function idOf(client: AegisClient, wanted: string) {
  const { items } = await client.listRoutines({ limit: 200 })
  // One that is further back is known by its whole id.
  return findNamed(items, wanted)?.id ?? wanted
}

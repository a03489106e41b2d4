import type { AegisClient } from "@aegis/client"
import { defineCommand } from "citty"
import type { CommandContext } from "../command-context.ts"
import { commonArgs, requireServer } from "../common-args.ts"
import { type Output, visible } from "../output.ts"

export function command({ output }: CommandContext) {
  return defineCommand({
    meta: { name: "stop-all", description: "Stop all work: every turn is interrupted, every queue is held" },
    args: {
      lift: { type: "boolean", description: "Let work go on that was stopped" },
      reason: { type: "string", description: "Why" },
      ...commonArgs,
    },
    run: async ({ args }) => {
      const { client } = await requireServer(args.config)
      const answer = await (args.lift
        ? client.liftStopAll()
        : client.stopAll(args.reason ? { reason: args.reason } : {}))
      if (args.json) output.json(answer)
      else output.note(sentence(answer, output))
    },
  })
}

type Answer = Awaited<ReturnType<AegisClient["stopAll"]>>

function sentence({ stop, durable }: Answer, { colors }: Output) {
  if (!stop) return `${colors.green("✓")} Work goes on.`
  const kept = durable ? " The log cannot be written at the moment; it is on disk beside it." : ""
  return `${colors.red("■")} ${stopWords(stop)}${kept} To go on: ag stop-all --lift`
}

/** Who has stopped all work, when and why. */
export function stopWords({ by, at, reason }: NonNullable<Answer["stop"]>) {
  return `All work was stopped by ${visible(by.id)} (${by.via}) at ${at}: ${visible(reason)}`
}

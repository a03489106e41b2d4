import type { Config, Finding } from "@aegis/server/local"
import { defineCommand } from "citty"
import type { CommandContext } from "../command-context.ts"
import { commonArgs, configPlaces } from "../common-args.ts"
import { EXIT } from "../exit-code.ts"
import { findServer } from "../find-server.ts"
import { type Output, pad } from "../output.ts"

export function command(context: CommandContext) {
  const { output } = context
  return defineCommand({
    meta: { name: "doctor", description: "Look at all that a server needs here, and say what to do" },
    args: commonArgs,
    run: async ({ args }) => {
      const { diagnose } = await import("@aegis/server/local")
      const found: Finding[] = []
      const tell = (finding: Finding) => {
        found.push(finding)
        if (!args.json) output.data(toLines(finding, output))
      }
      tell({ name: "node", state: "ok", says: process.versions.node })
      const isRunning = async (config: Config) => (await findServer(config)) !== undefined
      for await (const finding of diagnose({ ...configPlaces(args.config), now: new Date(), isRunning })) tell(finding)
      if (args.json) output.json(found)
      if (found.some(({ state }) => state === "problem")) context.exitCode = EXIT.failed
    },
  })
}

const WIDTH = "data directory".length

function toLines({ name, state, says, fix }: Finding, { colors }: Output) {
  const mark = { ok: colors.green("✓"), warning: colors.yellow("!"), problem: colors.red("✗") }[state]
  const line = `${mark} ${pad(name, WIDTH)}  ${says}\n`
  return fix === undefined ? line : `${line}  ${pad("", WIDTH)}  ${colors.dim(`→ ${fix}`)}\n`
}

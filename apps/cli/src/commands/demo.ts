import { existsSync } from "node:fs"
import { join } from "node:path"
import type { AegisEvent } from "@aegis/client"
import { AegisClient } from "@aegis/client"
import { defineCommand } from "citty"
import { CliError } from "../cli-error.ts"
import type { CommandContext } from "../command-context.ts"
import { openConfig } from "../common-args.ts"
import { duration, EventPrinter } from "../event-printer.ts"
import { findServer } from "../find-server.ts"
import { noteDashboard } from "../note-dashboard.ts"
import { makeSampleFolder } from "../sample-folder.ts"
import { selfCommand } from "../self-command.ts"
import { run } from "./run.ts"

const prompt = "Have a look at this folder."

export function command(context: CommandContext) {
  return defineCommand({
    meta: { name: "demo", description: "Watch the built-in agent work on a sample folder; needs no model, no network" },
    run: async () => {
      const folder = makeSampleFolder()
      context.output.note(context.output.colors.dim(`The demo agent, in a fresh sample folder: ${folder}`))
      const isWatched = context.output.isTerminal && process.stdin.isTTY
      context.exitCode = await (isWatched ? watch(context, folder) : playAlone(context, folder))
    },
  })
}

/** A person decides; the server stays for the next prompt. */
async function watch(context: CommandContext, folder: string) {
  const code = await run(context, { prompt, cwd: folder, agent: "demo", new: true })
  const config = await openConfig(undefined)
  const found = await findServer(config)
  context.output.note(`\nThe server stays. To stop it: ${self("server stop")}`)
  if (found) await noteDashboard(found.client, { config, output: context.output })
  return code
}

/** Nobody is there to decide: the program does, says so, and leaves nothing running. */
async function playAlone({ output }: CommandContext, folder: string) {
  const config = await openConfig(undefined)
  const { runServer } = await import("../server-process.ts")
  const server = await runServer({ config: { ...config, log: { level: "warn" } }, env: process.env, anyPort: true })
  try {
    const client = new AegisClient(server.url, server.token)
    const began = performance.now()
    const created = await client.createSession({ workDir: folder, prompt, agent: "demo", reuse: false })
    const printer = new EventPrinter(output)
    for await (const item of client.rawEvents(created.id)) {
      if (item.type === "gap") continue
      printer.print(item.event)
      await answerAlone(item.event, printer)
      if (item.event.type === "turn.ended") break
    }
    const file = join(folder, "AEGIS-DEMO.md")
    if (!existsSync(file)) throw new CliError("failed", `The demo agent has not written ${file}.`)
    const { colors } = output
    output.note(
      `\n${colors.green("✓")} ${file} is written, after a permission (${duration(performance.now() - began)}).`,
    )
    output.note(`  session ${created.id}`)
    output.note(`  dashboard ${server.url}/dashboard/`)
    output.note(
      `  The server is stopped. To start it again, with a link that opens the dashboard:\n  ${self("server start")}`,
    )
    return 0
  } finally {
    await server.close()
  }

  async function answerAlone({ type, sessionId = "", data }: AegisEvent, printer: EventPrinter) {
    const { approvalId, questionId, tool, message } = data as Waiting
    if (type === "approval.requested") {
      printer.note(`${output.colors.yellow("?")} ${tool?.title}: allowed, since nobody is here to ask`)
      await server.aegis.vote(system, sessionId, {
        choice: "approve",
        approvalId,
        reason: "The demo runs without a terminal.",
      })
    }
    if (type === "question.asked") {
      printer.note(`${output.colors.yellow("?")} ${message} Declined, since nobody is here to ask`)
      await server.aegis.answer(system, sessionId, { action: "decline", questionId })
    }
  }
}

function self(words: string) {
  return selfCommand(words, { env: process.env, cwd: process.cwd() })
}

interface Waiting {
  readonly approvalId?: string
  readonly questionId?: string
  readonly tool?: { readonly title?: string }
  readonly message?: string
}

const system = {
  actor: { kind: "system", id: "demo", via: "ag demo" },
  owner: { userId: "local", tenantId: "local" },
} as const

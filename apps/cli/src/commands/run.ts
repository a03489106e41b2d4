import { resolve } from "node:path"
import type { AegisClient, AegisEvent } from "@aegis/client"
import { defineCommand } from "citty"
import { ensureServer } from "../background-server.ts"
import { CliError } from "../cli-error.ts"
import type { CommandContext } from "../command-context.ts"
import { commonArgs, openConfig, serverOfAgent } from "../common-args.ts"
import { dollars, duration, EventPrinter } from "../event-printer.ts"
import { EXIT } from "../exit-code.ts"
import { ensureAgentInstalled } from "../install-agent.ts"
import { noteDashboard } from "../note-dashboard.ts"
import { PeoplePrompts } from "../people-prompts.ts"
import { tellOfOutages } from "../tell-of-outages.ts"

const modes = ["default", "plan", "acceptEdits", "bypassPermissions", "dontAsk", "auto"] as const

export function command(context: CommandContext) {
  return defineCommand({
    meta: { name: "run", description: "Run a prompt: text, tools and questions in this terminal" },
    args: {
      prompt: { type: "positional", description: "What the agent is to do", required: true },
      cwd: { type: "string", description: "The agent's folder", default: ".", valueHint: "folder" },
      agent: { type: "string", description: "Which agent", valueHint: "name" },
      mode: { type: "string", description: modes.join(", "), valueHint: "mode" },
      model: { type: "string", description: "The agent's model", valueHint: "name" },
      name: { type: "string", description: "A name for the session", valueHint: "name" },
      yes: { type: "boolean", alias: "y", description: "Approve everything" },
      new: { type: "boolean", description: "A new session, even where an idle one could go on" },
      stream: {
        type: "boolean",
        default: true,
        description: "Words as they come",
        negativeDescription: "Words at the end",
      },
      timeout: { type: "string", description: "Interrupt after so many seconds", valueHint: "seconds" },
      ...commonArgs,
    },
    run: async ({ args }) => {
      context.exitCode = await run(context, args)
    },
  })
}

interface RunArgs {
  readonly prompt: string
  readonly cwd: string
  readonly agent?: string | undefined
  readonly mode?: string | undefined
  readonly model?: string | undefined
  readonly name?: string | undefined
  readonly yes?: boolean | undefined
  readonly new?: boolean | undefined
  readonly stream?: boolean | undefined
  readonly timeout?: string | undefined
  readonly config?: string | undefined
  readonly json?: boolean | undefined
}

/** Runs a prompt in this terminal; gives the exit code. */
export async function run({ output }: CommandContext, args: RunArgs) {
  const own = serverOfAgent()
  if (own && args.yes)
    throw new CliError("refused", "An agent approves nothing: leave --yes out, and a person is asked.")
  const isInteractive = own === undefined && output.isTerminal && process.stdin.isTTY && !args.json
  const client = own?.client ?? (await localServer({ output, args, isInteractive }))
  const created = await client.createSession(toBody(args))
  const turnId = created.promptDelivery?.turnId ?? ""
  const after = created.reused ? await beforeTurn(client, created.id, turnId) : 0
  return follow({
    client,
    sessionId: created.id,
    turnId,
    after,
    output,
    args,
    isInteractive,
    mayInterrupt: own === undefined,
  })
}

interface LocalServerOptions extends Pick<CommandContext, "output"> {
  readonly args: RunArgs
  readonly isInteractive: boolean
}

/** A client of the server of the data directory, with what it needs for this. */
async function localServer({ output, args, isInteractive }: LocalServerOptions) {
  const config = await openConfig(args.config)
  const { client, url, isNew } = await ensureServer({ config, configFile: args.config, env: process.env })
  if (isNew && !args.json) {
    output.note(output.colors.dim(`Started a server at ${url} (ag server stop ends it).`))
    await noteDashboard(client, { config, output })
  }
  const agent = args.agent ?? config.agent.default
  await ensureAgentInstalled(agent, { client, config, output, yes: args.yes === true, isInteractive })
  return client
}

function toBody({ cwd, prompt, agent, mode, model, name, new: isNew }: RunArgs) {
  const permissionMode = modes.find((known) => known === mode)
  if (mode !== undefined && permissionMode === undefined)
    throw new CliError("usage", `There is no mode "${mode}". There are: ${modes.join(", ")}.`)
  return {
    workDir: resolve(cwd),
    prompt,
    ...(agent ? { agent } : {}),
    ...(permissionMode ? { permissionMode } : {}),
    ...(model ? { model } : {}),
    ...(name ? { name } : {}),
    ...(isNew ? { reuse: false } : {}),
  }
}

// Of a session that goes on only what this prompt leads to is shown.
async function beforeTurn(client: AegisClient, sessionId: string, turnId: string) {
  for (let before: number | undefined; ; ) {
    const { items, nextCursor } = await client.listSessionEvents(sessionId, {
      limit: 200,
      ...(before === undefined ? {} : { before }),
    })
    const requested = items.find(
      ({ type, data }) => type === "turn.requested" && (data as { turnId?: string }).turnId === turnId,
    )
    if (requested) return requested.seq - 1
    if (nextCursor === undefined) return 0
    before = Number(nextCursor)
  }
}

interface Followed {
  readonly client: AegisClient
  readonly sessionId: string
  readonly turnId: string
  readonly after: number
  readonly output: CommandContext["output"]
  readonly args: RunArgs
  /** Whether somebody can be asked here. */
  readonly isInteractive: boolean
  /** Whether Ctrl+C ends the turn, too. */
  readonly mayInterrupt: boolean
}

async function follow({ client, sessionId, turnId, after, output, args, isInteractive, mayInterrupt }: Followed) {
  const printer = new EventPrinter(output, { stream: args.stream !== false })
  const leaving = leaveOnInterrupt(client, sessionId, { printer, timeout: args.timeout, mayInterrupt })
  const prompts = new PeoplePrompts({
    client,
    sessionId,
    output,
    printer,
    how: args.yes ? "approve" : isInteractive ? "ask" : "wait",
    stdin: process.stdin,
    stderr: process.stderr,
    onInterrupt: leaving.interrupt,
  })
  const onConnection = tellOfOutages(printer)
  const began = performance.now()
  try {
    for await (const item of client.rawEvents(sessionId, { after, signal: leaving.signal, onConnection })) {
      if (item.type === "gap") continue
      if (args.json) output.exactJson(item.json)
      else printer.print(item.event)
      prompts.see(item.event)
      if (isEndOf(item.event, turnId)) return finish(item.event)
    }
    return EXIT.interrupted
  } finally {
    prompts.close()
    leaving.stop()
  }

  function finish(event: AegisEvent) {
    const { error, stopReason } = event.data as { readonly error?: unknown; readonly stopReason?: string }
    if (!args.json)
      output.note(
        output.colors.dim(
          `${duration(performance.now() - began)} · ${dollars(printer.cost)} · session ${sessionId.slice(0, 8)}`,
        ),
      )
    if (stopReason === "cancelled") return EXIT.interrupted
    return error === undefined ? EXIT.ok : EXIT.failed
  }
}

function isEndOf({ type, data }: AegisEvent, turnId: string) {
  return type === "turn.ended" && (data as { readonly turnId: string }).turnId === turnId
}

interface LeaveOptions extends Pick<Followed, "mayInterrupt"> {
  readonly printer: EventPrinter
  readonly timeout: string | undefined
}

/** Ctrl+C interrupts the turn, for whoever may; a second one leaves, and the turn goes on without us. */
function leaveOnInterrupt(client: AegisClient, sessionId: string, { printer, timeout, mayInterrupt }: LeaveOptions) {
  const leave = new AbortController()
  let isAsked = !mayInterrupt
  const interrupt = () => {
    if (isAsked) return leave.abort()
    isAsked = true
    printer.note("Interrupting. Ctrl+C once more leaves it running.")
    client
      .interruptSession(sessionId)
      .catch((error: unknown) => printer.note(error instanceof Error ? error.message : String(error)))
  }
  const timer = timeout === undefined ? undefined : setTimeout(interrupt, Number(timeout) * 1000)
  process.on("SIGINT", interrupt)
  return {
    signal: leave.signal,
    interrupt,
    stop() {
      clearTimeout(timer)
      process.off("SIGINT", interrupt)
    },
  }
}

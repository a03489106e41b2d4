import { readFileSync, watchFile } from "node:fs"
import { setTimeout as delay } from "node:timers/promises"
import { isProcessAlive } from "@aegis/acp-runtime/agent"
import { AegisClient } from "@aegis/client"
import { isLoopback } from "@aegis/server/local"
import { defineCommand } from "citty"
import { ensureServer, LOCKED_OUT, logPath } from "../background-server.ts"
import { CliError } from "../cli-error.ts"
import type { CommandContext } from "../command-context.ts"
import { commonArgs, openConfig } from "../common-args.ts"
import { EXIT } from "../exit-code.ts"
import { findServer, readToken } from "../find-server.ts"
import { noteDashboard } from "../note-dashboard.ts"
import { readServerRecord } from "../server-record.ts"
import { stopWords } from "./stop-all.ts"

const STOP_MS = 20_000
const GONE_MS = 5000

export function command(context: CommandContext) {
  const { output } = context
  return defineCommand({
    meta: { name: "server", description: "The background server: start, stop, status, logs" },
    subCommands: {
      start: defineCommand({
        meta: { name: "start", description: "Start it, if it does not run" },
        args: commonArgs,
        run: async ({ args }) => {
          const config = await openConfig(args.config)
          const { client, url, pid, isNew } = await ensureServer({ config, configFile: args.config, env: process.env })
          if (args.json) return output.json({ url, pid, isNew })
          output.note(
            `${output.colors.green("✓")} ${isNew ? "Started" : "Runs already"}: ${url} ${output.colors.dim(`(pid ${pid})`)}`,
          )
          await noteDashboard(client, { config, output })
        },
      }),
      stop: defineCommand({
        meta: { name: "stop", description: "Stop it, and every agent it runs" },
        args: {
          ...commonArgs,
          "keep-agents": {
            type: "boolean",
            description: "Leave its agents running: the next server goes on with them (for an upgrade)",
          },
        },
        run: async ({ args }) => {
          context.exitCode = await stop(context, { config: args.config, keepAgents: args["keep-agents"] })
        },
      }),
      status: defineCommand({
        meta: { name: "status", description: "Whether it runs, and how it is" },
        args: commonArgs,
        run: async ({ args }) => {
          context.exitCode = await status(context, args)
        },
      }),
      logs: defineCommand({
        meta: { name: "logs", description: "What it wrote down" },
        args: { ...commonArgs, follow: { type: "boolean", alias: "f", description: "Go on as it grows" } },
        run: ({ args }) => logs(context, args),
      }),
      run: defineCommand({
        meta: { name: "run", description: "Run it here, in the foreground" },
        args: {
          ...commonArgs,
          "any-port": { type: "boolean", description: "Any free port, where the configured one is taken" },
        },
        run: ({ args }) => serve(context, { config: args.config, anyPort: args["any-port"] }),
      }),
    },
  })
}

/** A server in the foreground, until it is told to end. */
export async function serve(
  context: CommandContext,
  { config: file, anyPort = false }: { readonly config?: string | undefined; readonly anyPort?: boolean | undefined },
) {
  const { output } = context
  const config = await openConfig(file)
  const { runServer } = await import("../server-process.ts")
  const isFirst = readToken(config) === undefined
  try {
    const server = await runServer({ config, env: process.env, anyPort })
    // In a container the one who needs it may not get at the file; never into the log of a background server.
    if (isFirst && !anyPort && !isLoopback(config.host)) output.note(`Its token, said this once: ${server.token}`)
    output.note(
      `${output.colors.green("✓")} Aegis at ${output.colors.bold(server.url)} · state in ${config.stateDir} · Ctrl+C ends it`,
    )
    // Not into the log of a background server: the link lets in whoever reads it.
    if (output.isTerminal) await noteDashboard(new AegisClient(server.url, server.token), { config, output })
    const end = await Promise.race([signalled(), server.failed])
    if (end instanceof Error) {
      await server.close({ keepAgents: true })
      throw new CliError("failed", `${end.message} The agents go on; see to the disk, then: ag server start`)
    }
    const keepAgents = end === KEEP_AGENTS
    output.note(
      output.colors.dim(keepAgents ? "Leaving the agents to the next server …" : "Ending the agents and the log …"),
    )
    await server.close({ keepAgents })
  } catch (error) {
    if ((error as { code?: string }).code !== "log-locked") throw error
    output.note(`Another server has this data directory open (${config.stateDir}). See: ag server status`)
    context.exitCode = LOCKED_OUT
  }
}

interface StopOptions {
  readonly config?: string | undefined
  readonly keepAgents?: boolean | undefined
}

async function stop({ output }: CommandContext, { config: file, keepAgents = false }: StopOptions) {
  const config = await openConfig(file)
  const found = await findServer(config)
  if (!found) {
    const { endAgents } = await import("@aegis/server/local")
    if (!keepAgents) await endAgents(config, process.env)
    output.note("No server is running.")
    return EXIT.ok
  }
  if (keepAgents && process.platform === "win32")
    throw new CliError("failed", "Windows has no signal that says so: end the server's process, and its agents go on.")
  process.kill(found.pid, keepAgents ? KEEP_AGENTS : "SIGTERM")
  const deadline = Date.now() + STOP_MS
  while (isProcessAlive(found.pid) && readServerRecord(config.stateDir)?.pid === found.pid) {
    if (Date.now() > deadline)
      throw new CliError(
        "failed",
        `The server (pid ${found.pid}) has not ended within ${STOP_MS / 1000} s. Its log: ${logPath(config)}`,
      )
    await delay(50)
  }
  // It has nothing left to do, and is there until the system has taken it down; one that nobody reaps stays.
  for (const gone = Date.now() + GONE_MS; isProcessAlive(found.pid) && Date.now() < gone; ) await delay(10)
  output.note(
    `${output.colors.green("✓")} ${keepAgents ? "Stopped; its agents go on, and wait for the next one." : "Stopped."}`,
  )
  return EXIT.ok
}

async function status(
  { output }: CommandContext,
  { config: file, json }: { readonly config?: string | undefined; readonly json?: boolean | undefined },
) {
  const config = await openConfig(file)
  const found = await findServer(config)
  if (!found) {
    if (json) output.data('{"running":false}\n')
    else output.note("No server is running. Start one: ag server start")
    return EXIT.unreachable
  }
  const health = await found.client.getHealth()
  const { url, pid, startedAt } = found
  if (json) output.json({ running: true, url, pid, startedAt, ...health })
  else {
    const sessions = Object.entries(health.sessions ?? {}).map(([state, count]) => `${count} ${state}`)
    output.data(
      `${url}  up ${Math.round(health.uptime)} s  pid ${pid}\n${health.stop ? `${output.colors.red(stopWords(health.stop))}\n` : ""}sessions: ${sessions.join(", ") || "none"}\nlog: ${health.storage?.engine} ${health.storage?.version}, ${health.storage?.head} events\n`,
    )
    await noteDashboard(found.client, { config, output })
  }
  return EXIT.ok
}

async function logs(
  { output }: CommandContext,
  { config: file, follow }: { readonly config?: string | undefined; readonly follow?: boolean | undefined },
) {
  const path = logPath(await openConfig(file))
  let shown = 0
  const show = () => {
    const text = readLog(path)
    output.data(text.slice(shown))
    shown = text.length
  }
  show()
  if (!follow) return
  watchFile(path, { interval: 250 }, show)
  await signalled()
}

function readLog(path: string) {
  try {
    return readFileSync(path, "utf8")
  } catch {
    throw new CliError("failed", `There is no log at ${path}: no background server was started yet.`)
  }
}

/** Tells a server to end and to leave its agents to the next one. */
const KEEP_AGENTS = "SIGUSR2"

function signalled() {
  return new Promise<NodeJS.Signals>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", KEEP_AGENTS] as const) process.once(signal, resolve)
  })
}

import { homedir } from "node:os"
import { AegisClient, type SessionListItem } from "@aegis/client"
import type { Config, LoadConfigOptions } from "@aegis/server/local"
import { agentAccess } from "./agent-access.ts"
import { CliError } from "./cli-error.ts"
import { type FoundServer, findServer } from "./find-server.ts"

/** What every command takes. */
export const commonArgs = {
  config: {
    type: "string",
    description: "Configuration file, instead of the ones that are looked for",
    valueHint: "file",
  },
  json: { type: "boolean", description: "JSON on stdout, for programs" },
} as const

export const sessionArg = {
  type: "positional",
  description: "Id, the beginning of one, or name",
  required: true,
} as const

export async function openConfig(file: string | undefined): Promise<Config> {
  const { loadConfig } = await import("@aegis/server/local")
  return loadConfig(configPlaces(file))
}

/** Where a command looks for its configuration. */
export function configPlaces(file: string | undefined): LoadConfigOptions {
  return { ...(file === undefined ? {} : { file }), env: process.env, cwd: process.cwd(), home: homedir() }
}

/** The server of the agent that this runs under, to be spoken to as that agent; undefined: it runs under none. */
export function serverOfAgent(): Pick<FoundServer, "client" | "url"> | undefined {
  const access = agentAccess(process.env)
  return access && { url: access.url, client: new AegisClient(access.url, access.key) }
}

/** The running server; a command that only looks does not start one. */
export async function requireServer(file: string | undefined): Promise<Pick<FoundServer, "client" | "url">> {
  const own = serverOfAgent()
  if (own) return own
  const found = await findServer(await openConfig(file))
  if (found) return found
  throw new CliError("unreachable", "No server is running. Start one: ag server start")
}

/** A session by its id, the beginning of its id where that is unique, or its name. */
export async function findSession(client: AegisClient, wanted: string): Promise<SessionListItem> {
  const { items } = await client.listSessions({ limit: 200 })
  const found = findNamed(items, wanted)
  if (found) return found
  throw Object.assign(new CliError("failed", `There is no session "${wanted}". See: ag sessions`), { status: 404 })
}

interface Named {
  readonly id: string
  readonly name: string
}

/** The one that is meant; undefined: none is. Rejects what could be several. */
export function findNamed<Item extends Named>(items: readonly Item[], wanted: string): Item | undefined {
  return (
    items.find(({ id }) => id === wanted) ??
    only(
      items.filter(({ id }) => id.startsWith(wanted)),
      wanted,
    ) ??
    only(
      items.filter(({ name }) => name === wanted),
      wanted,
    )
  )
}

function only<Item extends Named>(items: readonly Item[], wanted: string) {
  const [first, ...others] = items
  if (others.length === 0) return first
  throw new CliError(
    "usage",
    `"${wanted}" could be ${items.map(({ id }) => id.slice(0, 12)).join(" or ")}; write more of it.`,
  )
}

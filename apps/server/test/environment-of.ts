import { readFileSync } from "node:fs"
import type { useServer } from "./server-harness.ts"

type Server = Awaited<ReturnType<ReturnType<typeof useServer>["start"]>>

/** What the session's agent was started with: as it is in its process. */
export async function environmentOf(server: Server, sessionId: string): Promise<Readonly<Record<string, string>>> {
  await server.untilLogged(sessionId, "agent.started")
  const { items } = (await server.call("GET", `/v1/sessions/${sessionId}/log?after=0`)).body
  const { data } = items.findLast(({ type }: { type: string }) => type === "agent.started")
  const entries = readFileSync(`/proc/${data.pid}/environ`, "utf8").split("\0")
  return Object.fromEntries(entries.map((entry) => [entry.split("=")[0], entry.slice(entry.indexOf("=") + 1)]))
}

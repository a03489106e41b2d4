import type { Config } from "./config-schema.ts"

/** Ends the agents that a server has left behind: one that died, or that was told to keep them. */
export async function endAgents({ stateDir }: Config, env: Readonly<Record<string, string | undefined>>) {
  // Only here: what most who ask for a configuration never need.
  const node = await import("@aegis/session-core/node")
  await node.endAgents({ stateDir, env })
}

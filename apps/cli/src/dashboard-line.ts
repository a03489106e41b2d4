import type { AegisClient } from "@aegis/client"
import type { Config } from "@aegis/server/local"
import type { Output } from "./output.ts"

/** A line with a fresh link to the dashboard; empty where there is none. */
export async function dashboardLine(
  client: AegisClient,
  { config, output }: { readonly config: Config; readonly output: Output },
) {
  if (!config.dashboard.enabled) return ""
  const { url } = await client.createLoginCode()
  return `Dashboard: ${output.colors.underline(url)} ${output.colors.dim("(opens once, within 5 minutes)")}`
}

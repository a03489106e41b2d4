import type { AegisClient } from "@aegis/client"
import type { Config } from "@aegis/server/local"
import type { Output } from "./output.ts"

/** Prints a fresh link to the dashboard, where there is one. */
export async function noteDashboard(
  client: AegisClient,
  { config, output }: { readonly config: Config; readonly output: Output },
) {
  if (!config.dashboard.enabled) return
  const { url } = await client.createLoginCode()
  const { underline, dim } = output.colors
  output.note(`Dashboard: ${underline(url)} ${dim("(opens once, within 5 minutes)")}`)
}

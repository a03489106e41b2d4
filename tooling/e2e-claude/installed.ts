import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

export const folder = fileURLToPath(new URL(".", import.meta.url))

/** The adapter's program. */
export const adapter = `${folder}node_modules/@agentclientprotocol/claude-agent-acp/dist/index.js`

/** What has been installed, as its lock file's text; undefined when nothing has. */
export function installedLock(): string | undefined {
  const stamp = `${folder}node_modules/.aegis-stamp`
  return existsSync(stamp) && existsSync(adapter) ? readFileSync(stamp, "utf8") : undefined
}

export function wantedLock() {
  return readFileSync(`${folder}package-lock.json`, "utf8")
}

/** Whether the real agent can be tested here. CI has it, or has failed. */
export function hasRealAgent(env: Readonly<Record<string, string | undefined>>) {
  const isThere = installedLock() === wantedLock()
  if (!isThere && env.CI !== undefined)
    throw new Error("CI tests the real agent: `pnpm e2e:claude` installs it and runs its tests.")
  return isThere
}

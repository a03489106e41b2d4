import { createHash } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const folder = fileURLToPath(new URL(".", import.meta.url))

/** The adapter's program. */
export const adapter = `${folder}node_modules/@agentclientprotocol/claude-agent-acp/dist/index.js`

/** Claude Code itself, as one would start it by hand. */
export const claude = `${folder}node_modules/@anthropic-ai/claude-agent-sdk-${process.platform}-${process.arch}/claude`

/** Whether the real agent can be tested here. CI has it, or has failed. */
export function hasRealAgent(env: Readonly<Record<string, string | undefined>>) {
  const isThere = isInstalled()
  if (!isThere && env.CI !== undefined)
    throw new Error("CI tests the real agent: `pnpm e2e:claude` installs it and runs its tests.")
  return isThere
}

// The launcher's stamp: the lock file that was installed, as a digest (tooling/with-toolchain.mjs).
function isInstalled() {
  const stamp = `${folder}node_modules/.aegis-stamp`
  const wanted = createHash("sha256")
    .update(readFileSync(`${folder}package-lock.json`))
    .digest("hex")
  return existsSync(adapter) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted
}

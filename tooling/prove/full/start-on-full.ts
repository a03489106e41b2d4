import { mkdirSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { checkDatabase } from "../disk/check-database.ts"
import { fill } from "../disk/fill.ts"
import type { LoopDisk } from "../disk/loop-disk.ts"
import { ProvedServer } from "../kill/proved-server.ts"

/** A first start on a full disk says so and leaves nothing half made; when there is room, the next one works. */
export async function startOnFull(disk: LoopDisk, name: string): Promise<readonly string[]> {
  const stateDir = join(disk.folder, name)
  mkdirSync(stateDir, { mode: 0o700 })
  const server = new ProvedServer(stateDir)
  const problems: string[] = []
  const { free } = fill(join(disk.folder, "filler"))
  try {
    await server.start().then(
      () => problems.push("started, though there was no room"),
      () => undefined,
    )
    if ((await server.untilEnded()) === 0) problems.push("ended as if all were well")
    if (!/free some space/i.test(server.said)) problems.push(`said only: ${server.said.slice(0, 400)}`)
    const drafts = readdirSync(stateDir, { recursive: true }).filter((path) => /\.[0-9a-f]{12}$/.test(String(path)))
    if (drafts.length > 0) problems.push(`left ${drafts.join(", ")}`)
  } finally {
    free()
  }
  try {
    await server.start()
    await server.call("/v1/sessions")
    await server.end("SIGTERM")
    problems.push(...checkDatabase(stateDir))
  } catch (error) {
    problems.push(`the next start: ${error instanceof Error ? error.message : String(error)}`)
  } finally {
    server.killAll()
  }
  return problems.map((problem) => `start on a full disk: ${problem}`)
}

import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { useAg } from "./ag-harness.ts"

const { home, temporary } = useAg()

it("a server whose audit is on a disk that does not answer ends when it is told to", async () => {
  const witness = join(temporary("elsewhere"), "seen")
  // Whoever opens it to write waits until somebody reads there: nobody does.
  execFileSync("mkfifo", [witness])
  const ag = home({ AEGIS_AUDIT_WITNESS: witness })
  expect((await ag.run("server", "start")).code).toBe(0)
  const { pid } = JSON.parse(readFileSync(join(ag.stateDir, "server.json"), "utf8"))
  expect((await ag.run("server", "stop")).code).toBe(0)
  await expect.poll(() => isThere(pid), { timeout: 20_000 }).toBe(false)
})

function isThere(pid: number) {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

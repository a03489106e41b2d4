import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, expect, it } from "vitest"

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

it.each([
  ["y", true],
  ["n", false],
])("a prompt leads to an approval, and %s to the file or to none", async (reply, isWritten) => {
  const workDir = mkdtempSync(join(tmpdir(), "embed-"))
  folders.push(workDir)
  writeFileSync(join(workDir, "README.md"), "# Sample\n")
  const { code, output } = await runExample(workDir, reply)
  expect(code).toBe(0)
  expect(output).toContain('begins with "Sample"')
  expect(output).toMatch(/end_turn\n$/)
  expect(existsSync(join(workDir, "AEGIS-DEMO.md"))).toBe(isWritten)
})

async function runExample(workDir: string, reply: string) {
  const program = fileURLToPath(new URL("../src/embed.ts", import.meta.url))
  const flags = ["--conditions=@aegis/source", "--disable-warning=ExperimentalWarning"]
  const child = spawn(process.execPath, [...flags, program, "--cwd", workDir, "--state", join(workDir, ".state")], {
    stdio: ["pipe", "pipe", "pipe"],
  })
  let output = ""
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on("data", (chunk: Buffer) => {
    if (chunk.toString().includes("[y/N]")) child.stdin.write(`${reply}\n`)
  })
  const [code] = (await once(child, "close")) as [number]
  return { code, output }
}

import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it } from "vitest"
import { runReadme } from "../../../tooling/vitest/run-readme.ts"

it("the README's example runs as printed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "playground-"))
  const output = await runReadme(new URL("../", import.meta.url), { PLAYGROUND: folder })
  expect(output).toMatch(/^1 session[.]created pending\n/)
  expect(output).toContain("approval.requested permission_prompt")
  expect(output).toMatch(/turn[.]ended idle\n$/)
  expect(readFileSync(join(folder, "notes.txt"), "utf8")).toBe("Hello from an agent")
  rmSync(folder, { recursive: true })
})

import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it } from "vitest"
import { runReadme } from "../../../tooling/vitest/run-readme.ts"

it("the README's example runs as printed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "notes-"))
  const output = await runReadme(new URL("../", import.meta.url), { NOTES: folder })
  expect(output).toContain('{"seq":1,"type":"noted","data":"Buy milk","hash":"')
  expect(output).toContain("[ { seq: 2, text: 'Call Bo' } ]")
  expect(output).toContain("state: 15")
  rmSync(folder, { recursive: true })
})

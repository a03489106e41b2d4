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

it("the README's example of proofs runs as printed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "notes-"))
  const output = await runReadme(new URL("../", import.meta.url), { NOTES: folder }, { section: "Proofs" })
  expect(output).toMatch(/^example\.org\/notes\n3\n\S{44}\n\n— example\.org\/notes \S{92}\n/)
  expect(output.match(/'[0-9a-f]{64}'/g)).toHaveLength(3)
  expect(output).toMatch(/ example\.org\/notes\+[0-9a-f]{8}\+\S{44}\n$/)
  rmSync(folder, { recursive: true })
})

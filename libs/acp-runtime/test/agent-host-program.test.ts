import { spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it } from "vitest"
import { programPath } from "../src/node.ts"

it("without its folder's name it says what it is for, and makes nothing where somebody stands", () => {
  const cwd = mkdtempSync(join(tmpdir(), "agent-host-"))
  try {
    for (const words of [[], [cwd]]) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [programPath("agent-host-program"), ...words], {
        cwd,
        encoding: "utf8",
      })
      expect([status, stdout, stderr]).toEqual([2, "", expect.stringContaining("Aegis starts this program by itself")])
    }
    expect(readdirSync(cwd)).toEqual([])
  } finally {
    rmSync(cwd, { recursive: true })
  }
})

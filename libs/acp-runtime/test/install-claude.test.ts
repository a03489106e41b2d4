import { existsSync, readdirSync, readFileSync } from "node:fs"
import { chmod, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { CLAUDE_PACKAGE, claudeFolder, installClaude } from "../src/install-claude.ts"
import { temporaryFolder } from "./fixtures/demo-run.ts"

/** An npm that does what the script says, in the folder in which it is to install. */
async function fakeNpm(script: string) {
  const folder = await temporaryFolder()
  await program(folder, "npm", script)
  return folder
}

async function program(folder: string, name: string, script: string) {
  await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`)
  await chmod(join(folder, name), 0o755)
}

const installs = `mkdir -p node_modules/${CLAUDE_PACKAGE}; echo "$@" > words; env > environment`
const env = { PATH: process.env.PATH, npm_config_registry: "http://registry.test/", npm_config_omit: "dev", KEPT: "1" }

describe("installing the Claude adapter", () => {
  test("is npm's work in a folder of its own, with the pinned version and the user's registry", async () => {
    const folder = join(await temporaryFolder(), "agents")
    const searchPath = await fakeNpm(installs)

    await installClaude({ folder, searchPath, env })

    const target = claudeFolder(folder)
    expect(readdirSync(folder).map((name) => join(folder, name))).toEqual([target])
    expect(existsSync(join(target, "node_modules", CLAUDE_PACKAGE))).toBe(true)
    expect(JSON.parse(readFileSync(join(target, "package.json"), "utf8")).dependencies).toEqual({
      [CLAUDE_PACKAGE]: "0.101.0",
    })
    const words = readFileSync(join(target, "words"), "utf8")
    expect(words).toContain("install")
    expect(words).not.toContain("--omit=optional")
    const environment = readFileSync(join(target, "environment"), "utf8")
    expect(environment).toContain("npm_config_registry=http://registry.test/")
    expect(environment).toContain("KEPT=1")
    expect(environment).not.toContain("npm_config_omit")
  })

  test("leaves its own program out where the user has one", async () => {
    const folder = await temporaryFolder()
    const searchPath = await fakeNpm(installs)
    await program(searchPath, "claude", "")

    await installClaude({ folder, searchPath, env })

    expect(readFileSync(join(claudeFolder(folder), "words"), "utf8")).toContain("--omit=optional")
  })

  test("that fails says npm's reason and leaves nothing, and may be tried again", async () => {
    const folder = await temporaryFolder()
    const failing = await fakeNpm("mkdir -p node_modules/half; echo E404 no such package >&2; exit 7")

    await expect(installClaude({ folder, searchPath: failing, env })).rejects.toMatchObject({
      code: "agent-install-failed",
      message: expect.stringContaining("E404 no such package"),
    })
    expect(readdirSync(folder)).toEqual([])
    await expect(installClaude({ folder, searchPath: "/nowhere", env })).rejects.toThrow(/no npm/)
    await installClaude({ folder, searchPath: await fakeNpm(installs), env })
    expect(existsSync(claudeFolder(folder))).toBe(true)
  })

  test("twice at the same moment gives one, whole", async () => {
    const folder = await temporaryFolder()
    const searchPath = await fakeNpm(installs)

    await Promise.all(Array.from({ length: 4 }, () => installClaude({ folder, searchPath, env })))

    expect(readdirSync(folder).map((name) => join(folder, name))).toEqual([claudeFolder(folder)])
  })

  test("is not done again, and ends with its signal", async () => {
    const folder = await temporaryFolder()
    await installClaude({ folder, searchPath: await fakeNpm(installs), env })
    await installClaude({ folder, searchPath: "/nowhere", env })

    const other = await temporaryFolder()
    const leave = new AbortController()
    const searchPath = await fakeNpm("exec tail -f /dev/null")
    const installing = installClaude({ folder: other, searchPath, env, signal: leave.signal })
    leave.abort()
    await expect(installing).rejects.toMatchObject({ code: "agent-install-failed" })
    expect(readdirSync(other)).toEqual([])
  })
})

import { chmod, mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "vitest"
import { findPackage } from "../src/find-program.ts"
import { listAgents, programPath, resolveAgent } from "../src/node.ts"
import { temporaryFolder } from "./fixtures/demo-run.ts"

async function folderWithProgram(name: string) {
  const folder = await temporaryFolder()
  await writeFile(join(folder, name), "#!/bin/sh\n")
  await chmod(join(folder, name), 0o755)
  return folder
}

test("demo is this Node with the program beside the library", () => {
  expect(resolveAgent("demo", { searchPath: "" })).toMatchObject({
    command: process.execPath,
    args: [programPath("demo-agent")],
  })
})

test("claude is the configured program: a script by this Node, anything else by itself", async () => {
  const folder = await folderWithProgram("adapter")
  await writeFile(join(folder, "index.js"), "")

  expect(resolveAgent("claude", { acpBin: join(folder, "index.js"), searchPath: "" })).toMatchObject({
    command: process.execPath,
    args: [join(folder, "index.js")],
    envAllow: ["ANTHROPIC_", "CLAUDE_"],
  })
  expect(resolveAgent("claude", { acpBin: join(folder, "adapter"), searchPath: "" })).toMatchObject({
    command: join(folder, "adapter"),
  })
  expect(resolveAgent("claude", { acpBin: "adapter", searchPath: folder })).toMatchObject({
    command: join(folder, "adapter"),
  })
})

test("claude is found on the search path", async () => {
  const folder = await folderWithProgram("claude-agent-acp")

  expect(resolveAgent("claude", { searchPath: `/nowhere:${folder}` }).command).toBe(join(folder, "claude-agent-acp"))
})

test("claude that is nowhere says how to install it", () => {
  const resolve = () => resolveAgent("claude", { searchPath: "/nowhere" })

  expect(resolve).toThrow(expect.objectContaining({ code: "agent-not-found" }))
  expect(resolve).toThrow("npm install -g @agentclientprotocol/claude-agent-acp")
  expect(() => resolveAgent("claude", { acpBin: "/no/such", searchPath: "" })).toThrow("AEGIS_ACP_BIN")
  expect(() => resolveAgent("claude", { acpBin: "/no/such.js", searchPath: "" })).toThrow("AEGIS_ACP_BIN")
})

test("claude is found where it was installed on its first use, and runs the user's own program where there is one", async () => {
  const installFolder = await temporaryFolder()
  const root = join(installFolder, "claude-0.101.0", "node_modules", "@agentclientprotocol", "claude-agent-acp")
  await mkdir(root, { recursive: true })
  await writeFile(
    join(root, "package.json"),
    JSON.stringify({ version: "0.101.0", bin: { "claude-agent-acp": "a.js" } }),
  )

  expect(resolveAgent("claude", { searchPath: "", installFolder })).toMatchObject({
    args: [join(root, "a.js")],
    env: {},
  })
  const searchPath = await folderWithProgram("claude")
  expect(resolveAgent("claude", { searchPath, installFolder }).env).toEqual({
    CLAUDE_CODE_EXECUTABLE: join(searchPath, "claude"),
  })
  const named = { searchPath, installFolder, claudeExecutable: "/opt/claude" }
  expect(resolveAgent("claude", named).env).toEqual({ CLAUDE_CODE_EXECUTABLE: "/opt/claude" })
})

test("claude that is missing is listed as installed on use where it may be", () => {
  const [listed] = listAgents({ searchPath: "", installOnUse: true })
  expect(listed).toMatchObject({ installed: false, installsOnUse: true })
  expect(listAgents({ searchPath: "", installOnUse: true, acpBin: "/no/such" })[0]).not.toHaveProperty("installsOnUse")
})

test("a package is found in a node_modules above, with the script of its command", async () => {
  const folder = await temporaryFolder()
  const root = join(folder, "node_modules", "@scope", "agent")
  await mkdir(root, { recursive: true })
  await mkdir(join(folder, "a", "b"), { recursive: true })
  await writeFile(join(root, "package.json"), JSON.stringify({ version: "1.2.3", bin: { agent: "dist/index.js" } }))

  expect(findPackage("@scope/agent", "agent", { from: join(folder, "a", "b") })).toEqual({
    version: "1.2.3",
    script: join(root, "dist/index.js"),
  })
  expect(findPackage("@scope/agent", "other", { from: folder })).toBeUndefined()
  expect(findPackage("@scope/absent", "agent", { from: folder })).toBeUndefined()
})

test("others come from the configuration, and may replace a built-in one", () => {
  const agents = { gem: { command: "gemini", args: ["--acp"], envAllow: ["GEMINI_"] }, demo: { command: "mine" } }

  expect(resolveAgent("gem", { searchPath: "", agents })).toMatchObject({
    command: "gemini",
    args: ["--acp"],
    envAllow: ["GEMINI_"],
    env: {},
  })
  expect(resolveAgent("demo", { searchPath: "", agents }).command).toBe("mine")
  expect(() => resolveAgent("constructor", { searchPath: "", agents })).toThrow("There are: claude, demo, gem")
})

test("the most asking mode is plan for plan and default for all others, in the agent's own words", () => {
  const agents = { a: { command: "a" }, b: { command: "b", modes: { default: "ask" } } }
  const modesOf = (name: string) =>
    "default plan acceptEdits bypassPermissions dontAsk"
      .split(" ")
      .map(resolveAgent(name, { searchPath: "", agents }).mostAskingMode)

  expect(modesOf("a")).toEqual(["default", "plan", "default", "default", "default"])
  expect(modesOf("b")).toEqual(["ask", undefined, "ask", "ask", "ask"])
})

test("the list names all agents and what is installed", async () => {
  const folder = await folderWithProgram("gemini")
  const agents = { gem: { command: "gemini", args: ["--acp"] }, gone: { command: "/no/such" } }

  expect(listAgents({ searchPath: folder, agents })).toEqual([
    { name: "claude", installed: false, remedy: expect.stringContaining("ag run --agent claude") },
    { name: "demo", installed: true, command: [process.execPath, programPath("demo-agent")] },
    { name: "gem", installed: true, command: ["gemini", "--acp"] },
    { name: "gone", installed: false, command: ["/no/such"] },
  ])
})

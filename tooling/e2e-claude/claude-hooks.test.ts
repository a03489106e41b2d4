import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { asKnown, type EventOf } from "@aegis/client"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { adapter, claude, hasRealAgent } from "./installed.ts"
import { played, RealAgent, tool } from "./real-agent.ts"

// Claude Code itself, with the hooks that `ag hooks install` has put into its settings (spec/sessions.md, Observed sessions).

const program = fileURLToPath(new URL("../../apps/cli/bin/ag.js", import.meta.url))
const policy = `
version: 1
rules:
  - { id: no-secrets, decision: deny, match: { path: "**/secret.txt" }, reason: Secrets stay here. }
  - { id: lists-are-fine, decision: allow, match: { command: touch * } }
`

describe.skipIf(!hasRealAgent(process.env))("the real Claude Code with our hooks", () => {
  let agent: RealAgent
  let folder: string
  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "aegis-hooks-")))
    writeFileSync(join(folder, "policy.yaml"), policy)
    agent = await RealAgent.start({ acpBin: adapter, env: { AEGIS_POLICY: join(folder, "policy.yaml") } })
    // What `ag server` writes beside its data.
    const record = { url: agent.server.url, pid: process.pid, startedAt: new Date().toISOString() }
    writeFileSync(join(agent.root, "state", "server.json"), JSON.stringify(record))
    const { stderr } = await run(process.execPath, [program, "hooks", "install"], agent.root)
    expect(stderr).toContain("Changed")
  })
  afterAll(async () => {
    await agent?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const environment = () => {
    const home = join(agent.root, "home")
    return {
      PATH: process.env.PATH,
      LANG: process.env.LANG,
      HOME: home,
      CLAUDE_CONFIG_DIR: join(home, ".claude"),
      AEGIS_STATE_DIR: join(agent.root, "state"),
      ANTHROPIC_BASE_URL: agent.model.url,
      ANTHROPIC_API_KEY: "played",
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      CLAUDE_CODE_MAX_RETRIES: "1",
    }
  }

  async function run(command: string, args: readonly string[], cwd: string) {
    const child = spawn(command, args, { cwd, env: environment(), stdio: ["ignore", "pipe", "pipe"] })
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")])
    return { stdout, stderr }
  }

  /** One prompt to a Claude Code that nobody drives. */
  async function byHand(name: string, ...steps: readonly string[]) {
    const cwd = join(folder, name)
    mkdirSync(cwd, { recursive: true })
    writeFileSync(join(cwd, "secret.txt"), "the text of the secret\n")
    const { stdout } = await run(claude, ["-p", played(...steps)], cwd)
    const { items } = await agent.client.listSessions({ agent: "external" })
    const sessions = items.filter(({ workDir }) => workDir === cwd)
    const { items: events = [] } = sessions[0]
      ? await agent.client.listSessionEvents(sessions[0].id, { after: 0, limit: 200 })
      : {}
    return { cwd, stdout, sessions, events: events.map(asKnown) }
  }

  it("is a session, and does nothing that a rule denies, though it would not have asked", async () => {
    const secret = (name: string) => join(folder, name, "secret.txt")
    const { cwd, stdout, sessions, events } = await byHand(
      "denied",
      tool("Read", { file_path: secret("denied") }),
      tool("Bash", { command: "touch made.txt", description: "makes" }),
      tool("Bash", { command: "ls", description: "looks" }),
      "say Done.",
    )
    expect(stdout).toBe("Done.\n")
    // Without the rule it would have been refused, since nobody can be asked.
    expect(existsSync(join(cwd, "made.txt"))).toBe(true)
    expect(JSON.stringify(agent.model.requests)).not.toContain("the text of the secret")
    expect(JSON.stringify(agent.model.requests)).toContain("no-secrets: Secrets stay here.")
    expect(sessions).toMatchObject([{ agent: "external", status: "completed", workDir: cwd }])
    const hooks = events.filter((event): event is EventOf<"hook.received"> => event.type === "hook.received")
    expect(hooks.map(({ data, status }) => [data.event, data.answer, status])).toEqual([
      ["SessionStart", "none", "idle"],
      ["UserPromptSubmit", "none", "working"],
      ["PreToolUse", "deny", "working"],
      ["PreToolUse", "allow", "working"],
      ["PostToolUse", "none", "working"],
      ["PreToolUse", "none", "working"],
      ["PostToolUse", "none", "working"],
      ["Stop", "none", "idle"],
      ["SessionEnd", "none", "completed"],
    ])
    const ended = events.filter((event): event is EventOf<"tool.ended"> => event.type === "tool.ended")
    expect(ended.map(({ data }) => [data.title, data.status])).toEqual([
      [`Read ${secret("denied")}`, "failed"],
      ["Bash touch made.txt", "completed"],
      ["Bash ls", "completed"],
    ])
  })

  it("that is driven keeps its one session, and its hooks answer nothing", async () => {
    const session = await agent.session(played(tool("Bash", { command: "ls", description: "looks" }), "say Done."))
    await session.until("turn.ended")
    const hooks = session.events.map(asKnown).filter((event) => event.type === "hook.received")
    expect(new Set(hooks.map(({ data }) => data.event))).toEqual(
      new Set(["SessionStart", "UserPromptSubmit", "PreToolUse", "PostToolUse", "Stop"]),
    )
    expect(new Set(hooks.map(({ data }) => data.answer))).toEqual(new Set(["none"]))
    const { items } = await agent.client.listSessions({ limit: 200 })
    expect(items.filter(({ workDir }) => workDir === session.workDir)).toHaveLength(1)
  })

  it("works as ever where the server is gone", async () => {
    writeFileSync(
      join(agent.root, "state", "server.json"),
      JSON.stringify({ url: "http://127.0.0.1:1", pid: process.pid }),
    )
    const { stdout, sessions } = await byHand(
      "alone",
      tool("Bash", { command: "ls", description: "looks" }),
      "say Alone.",
    )
    expect(stdout).toBe("Alone.\n")
    expect(sessions).toEqual([])
  })
})

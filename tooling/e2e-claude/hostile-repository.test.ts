import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { asKnown } from "@aegis/client"
import { afterEach, describe, expect, it } from "vitest"
import { HostileRepository, type Shape } from "./hostile-repository.ts"
import { adapter, hasRealAgent } from "./installed.ts"
import { played, RealAgent, tool } from "./real-agent.ts"

// What a repository says of its agent is data (design.md, Trust; spec/threats.md, J4).

describe.skipIf(!hasRealAgent(process.env))("in a hostile repository the real Claude", () => {
  const open: RealAgent[] = []
  const roots: string[] = []
  afterEach(async () => {
    for (const agent of open.splice(0)) await agent.close()
    for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true })
  })

  async function begin(trust: (folder: string) => string, shape?: Shape) {
    const root = mkdtempSync(join(tmpdir(), "aegis-hostile-"))
    roots.push(root)
    const repository = new HostileRepository(root, shape)
    const env = { AEGIS_TRUSTED_WORK_DIRS: trust(repository.folder) }
    const agent = await RealAgent.start({ acpBin: adapter, env })
    open.push(agent)
    const prompt = played(
      tool("Bash", { command: "touch by-bash", description: "touches" }),
      tool("Write", { file_path: join(repository.folder, "by-write"), content: "x" }),
      tool("Bash", { command: "git status", description: "looks" }),
      tool("Bash", { command: "cd sub", description: "goes" }),
      tool("Bash", { command: "command git diff | head", description: "looks" }),
      "say Done.",
    )
    const session = await agent.session(prompt, { workDir: repository.folder })
    return { repository, agent, session }
  }

  it.each([
    ["plain", ["post-index-change", "post-checkout"]],
    ["linked", ["core.hooksPath"]],
  ] as const)(
    "(%s) runs nothing of it, asks about everything, keeps to its provider, and reads its instructions",
    async (shape, ways) => {
      const { repository, agent, session } = await begin((folder) => `${folder}-other`, shape)
      const asked: string[] = []
      for (;;) {
        const event = asKnown(await session.untilOneOf(["approval.requested", "turn.ended"]))
        if (event.type !== "approval.requested") break
        asked.push(event.data.tool.name ?? "")
        await agent.client.rejectPermission(session.id, { approvalId: event.data.approvalId })
      }
      await agent.client.sendMessage(session.id, "/greet Ada")
      await session.until("turn.ended")
      // The next process does not take them either, and it is said once.
      const [started] = session.events.map(asKnown).filter((event) => event.type === "agent.started")
      process.kill(started?.data.pid ?? 0, "SIGKILL")
      await session.until("session.ready")
      expect(asked).toEqual(["Bash", "Write", "Bash", "Bash"])
      expect([repository.has("by-bash"), repository.has("by-write")]).toEqual([false, false])
      expect(session.said()).toContain("Done.")
      expect(JSON.stringify(agent.model.requests)).toContain("These are the folder's instructions.")
      const notices = session.events.map(asKnown).filter(({ type }) => type === "message.notice")
      expect(notices).toMatchObject([
        {
          data: {
            kind: "settings-ignored",
            text: expect.stringMatching(/\.claude\/settings\.json, .*\.mcp\.json\. .*workDirs\.trust/),
          },
        },
      ])
      await agent.client.killSession(session.id)
      expect(repository.ran()).toEqual([])
      // All of git's ways are there, and do run.
      const byGit = [
        "alias",
        "bare-fsmonitor",
        "core.fsmonitor",
        "diff.evil.textconv",
        "sub-fsmonitor",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.served.process",
        ...ways,
      ]
      expect(repository.ranByGit()).toEqual(expect.arrayContaining(byGit.map((way) => `git-${way}`)))
    },
  )

  it("does as it says where somebody has said that the folder is trusted", async () => {
    const { repository, session } = await begin((folder) => join(folder, ".."))
    await session.until("turn.ended")
    expect(repository.ran()).toEqual(expect.arrayContaining(["settings.json-SessionStart", "mcp-server"]))
    expect(session.events.filter(({ type }) => type === "message.notice")).toEqual([])
  })

  it("is not asked about git where a rule allows it", async () => {
    const root = mkdtempSync(join(tmpdir(), "aegis-hostile-"))
    roots.push(root)
    const repository = new HostileRepository(root)
    const agent = await RealAgent.start({ acpBin: adapter })
    open.push(agent)
    const rules = [{ id: "git", match: { kind: "execute", command: "git status **" }, decision: "allow" } as const]
    await agent.client.updatePolicy({ policy: { version: 1, rules, budgets: [] } })
    const prompt = played(tool("Bash", { command: "git status", description: "looks" }), "say Done.")
    const session = await agent.session(prompt, { workDir: repository.folder })
    // Nobody else answers.
    await session.until("turn.ended")
    expect(repository.ran()).toContain("git-core.fsmonitor")
  })
})

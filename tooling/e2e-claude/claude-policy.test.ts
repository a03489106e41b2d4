import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { asKnown } from "@aegis/client"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { adapter, hasRealAgent } from "./installed.ts"
import { played, RealAgent, tool } from "./real-agent.ts"

// What the real Claude does without asking, and what a policy makes of it (spec/sessions.md, Modes).

const policy = `
version: 1
rules:
  - { id: no-secrets, decision: deny, match: { path: ["**/secret.txt", "\${workDir}/o(d)d \\\\[x\\\\]/**"] } }
  - { id: no-log, decision: deny, match: { command: git log * } }
  - { id: ask-plans, decision: ask, match: { path: "**/plan.txt" } }
  - { id: ask-lists, decision: ask, match: { command: ls * } }
  - { id: prod-is-shut, decision: deny, match: { kind: [read, execute], labels: { env: prod } } }
`

describe.skipIf(!hasRealAgent(process.env))("the real Claude agent under a policy", () => {
  let agent: RealAgent
  let folder: string
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "aegis-policy-"))
    writeFileSync(join(folder, "policy.yaml"), policy)
    agent = await RealAgent.start({ acpBin: adapter, env: { AEGIS_POLICY: join(folder, "policy.yaml") } })
  })
  afterAll(async () => {
    await agent?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function sessionWith(files: readonly string[], options: { readonly labels?: Record<string, string> } = {}) {
    const session = await agent.session(played("say Ready."), options)
    await session.until("turn.ended")
    for (const name of files) {
      mkdirSync(dirname(session.file(name)), { recursive: true })
      writeFileSync(session.file(name), `the text of ${name}\n`)
    }
    return session
  }

  type Session = Awaited<ReturnType<typeof sessionWith>>

  /** What becomes of one call; a person, where one is asked, says yes. */
  async function call(session: Session, name: string, input: object, client = agent.client) {
    const from = session.events.length
    await client.sendMessage(session.id, played(tool(name, input), "say Done."))
    let isAsked = false
    for (;;) {
      const event = asKnown(await session.untilOneOf(["approval.requested", "turn.ended"]))
      if (event.type === "turn.ended") break
      const { approvalId, digest } = event.data as { readonly approvalId: string; readonly digest: string }
      const yes = client.approvePermission(session.id, { approvalId, digest })
      // A rule has answered already.
      isAsked = await yes.then(
        () => true,
        () => false,
      )
    }
    const events = session.events.slice(from).map(asKnown)
    const said = JSON.stringify(events.filter(({ type }) => type === "tool.updated" || type === "tool.ended"))
    const rules = events.flatMap((event) => (event.type === "approval.resolved" ? (event.data.rule ?? []) : []))
    return { isAsked, isDone: said.includes("the text of") || said.includes('"completed"'), rules }
  }

  it("reads nothing that is denied: by its name, by a link, by a command; and reads everything else unasked", async () => {
    const session = await sessionWith(["secret.txt", "deep/er/secret.txt", "o(d)d [x]/a.txt", "plain.txt"])
    symlinkSync(session.file("secret.txt"), session.file("link.txt"))
    const refused = { isAsked: false, isDone: false, rules: [] }
    for (const name of ["secret.txt", "deep/er/secret.txt", "o(d)d [x]/a.txt", "link.txt"])
      expect([name, await call(session, "Read", { file_path: session.file(name) })]).toEqual([name, refused])
    for (const command of ["cat secret.txt", "head -1 < link.txt", "cat 'o(d)d [x]/a.txt' | sort", "git log --oneline"])
      expect([command, await call(session, "Bash", { command, description: "looks" })]).toEqual([command, refused])
    const done = { isAsked: false, isDone: true, rules: [] }
    expect(await call(session, "Read", { file_path: session.file("plain.txt") })).toEqual(done)
    expect(await call(session, "Bash", { command: "cat plain.txt", description: "looks" })).toEqual(done)
  })

  it("has nothing to do with the server's own data, without any rule", async () => {
    const session = await sessionWith([])
    const token = join(agent.root, "state", "token")
    const refused = { isAsked: false, isDone: false, rules: [] }
    expect(await call(session, "Read", { file_path: token })).toEqual(refused)
    expect(await call(session, "Bash", { command: `cat ${token}`, description: "looks" })).toEqual(refused)
  })

  it("keeps the rules that are set while it runs, from its next turn on", async () => {
    const unruled = await RealAgent.start({ acpBin: adapter })
    try {
      const session = await unruled.session(played("say Ready."))
      await session.until("turn.ended")
      writeFileSync(session.file("secret.txt"), "the text of secret.txt\n")
      const read = () => call(session, "Read", { file_path: session.file("secret.txt") }, unruled.client)
      expect(await read()).toEqual({ isAsked: false, isDone: true, rules: [] })
      const rules = [{ id: "no-secrets", decision: "deny" as const, match: { path: "**/secret.txt" } }]
      await unruled.client.updatePolicy({ policy: { version: 1, rules, budgets: [] } })
      expect(await read()).toEqual({ isAsked: false, isDone: false, rules: [] })
      await unruled.client.updatePolicy({ policy: null })
      expect(await read()).toEqual({ isAsked: false, isDone: true, rules: [] })
    } finally {
      await unruled.close()
    }
  })

  it("asks about what it would do unasked where a rule asks", async () => {
    const session = await sessionWith(["plan.txt"])
    const asked = { isAsked: true, isDone: true }
    expect(await call(session, "Read", { file_path: session.file("plan.txt") })).toMatchObject(asked)
    expect(await call(session, "Bash", { command: "ls -l", description: "looks" })).toMatchObject(asked)
  })

  it("is judged by a rule with conditions where these hold, and not bothered where they do not", async () => {
    const [prod, other] = [await sessionWith(["a.txt"], { labels: { env: "prod" } }), await sessionWith(["a.txt"])]
    const denied = { isAsked: false, isDone: false, rules: ["prod-is-shut"] }
    expect(await call(prod, "Read", { file_path: prod.file("a.txt") })).toEqual(denied)
    expect(await call(prod, "Bash", { command: "cat a.txt", description: "looks" })).toEqual(denied)
    expect(await call(other, "Read", { file_path: other.file("a.txt") })).toMatchObject({
      isAsked: false,
      isDone: true,
    })
  })
})

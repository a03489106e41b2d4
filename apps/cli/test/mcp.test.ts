import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Client } from "@modelcontextprotocol/sdk/client/index.js"
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js"
import { afterEach, describe, expect, it } from "vitest"
import { script, useAg } from "./ag-harness.ts"

const { home, temporary } = useAg()
const clients: Client[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close()
})

/** The official client, with `ag mcp` as an MCP host would start it. */
async function connect(ag = home()) {
  const { command, args, env } = ag.command("mcp")
  const transport = new StdioClientTransport({ command, args, env, stderr: "ignore" })
  const client = new Client({ name: "test", version: "0" })
  clients.push(client)
  await client.connect(transport)
  return client
}

// biome-ignore lint/suspicious/noExplicitAny: what a tool gives is looked at member by member.
async function call(client: Client, name: string, given: Record<string, unknown> = {}): Promise<any> {
  const { structuredContent, content, isError } = await client.callTool({ name, arguments: given })
  const [{ text }] = content as [{ text: string }]
  if (isError) return { isError, text, ...(structuredContent as object | undefined) }
  expect(JSON.parse(text)).toEqual(structuredContent)
  return structuredContent
}

async function untilStatus(client: Client, sessionId: string, status: string) {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; ) {
    const session = await call(client, "get_status", { sessionId })
    if (session.status === status) return session
  }
  throw new Error(`The session has not become ${status}.`)
}

/** What the session's agent has been given: as it is in its process. */
async function environmentOf(ag: ReturnType<typeof home>, sessionId: string) {
  for await (const { type, data } of ag.events("tail", sessionId))
    if (type === "agent.started") {
      const entries = readFileSync(`/proc/${String(data.pid)}/environ`, "utf8").split("\0")
      const ours = entries.filter((entry) => entry.startsWith("AEGIS_AGENT_"))
      return Object.fromEntries(ours.map((entry) => [entry.split("=")[0], entry.slice(entry.indexOf("=") + 1)]))
    }
  throw new Error("Its agent was not started.")
}

describe("ag mcp", () => {
  it("lists its tools, each with a schema that takes nothing else", async () => {
    const client = await connect()
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name).toSorted()).toEqual([
      "acp_claim_driver",
      "acp_release_driver",
      "acp_transfer_driver",
      "approve_permission",
      "batch_create_sessions",
      "create_pipeline",
      "create_session",
      "get_session_latency",
      "get_session_metrics",
      "get_session_summary",
      "get_status",
      "get_swarm",
      "get_transcript",
      "interrupt_session",
      "kill_session",
      "list_pipelines",
      "list_sessions",
      "reject_permission",
      "send_command",
      "send_message",
      "server_health",
      "state_delete",
      "state_get",
      "state_set",
    ])
    for (const { name, inputSchema, description, annotations } of tools) {
      expect([name, inputSchema.type, inputSchema.additionalProperties, (description ?? "").length > 5]).toEqual([
        name,
        "object",
        false,
        true,
      ])
      expect(annotations?.readOnlyHint).toBe(/^(get|list)_|_(health|get)$/.test(name))
    }
    expect(client.getServerVersion()).toMatchObject({ name: "aegis" })
    expect(tools.find(({ name }) => name === "send_message")?.inputSchema).toMatchObject({
      required: ["sessionId", "text"],
      properties: { whenBusy: { enum: ["queue", "interrupt", "reject"] } },
    })
  })

  it("creates a session, approves what it asks, and reads what was said and done", async () => {
    const client = await connect()
    const workDir = temporary("work")
    const created = await call(client, "create_session", {
      workDir,
      prompt: script("say Now.", "write a.txt hi", "say Written."),
      agent: "demo",
      name: "By MCP",
      labels: { team: "web", env: "a=b" },
    })
    const waiting = await untilStatus(client, created.id, "permission_prompt")
    expect(waiting).toMatchObject({ name: "By MCP", pendingApprovals: 1 })
    expect(existsSync(join(workDir, "a.txt"))).toBe(false)
    const approved = await call(client, "approve_permission", { sessionId: created.id })
    expect(approved).toMatchObject({ status: "approved", tool: { name: "Write" } })
    await untilStatus(client, created.id, "idle")
    expect(readFileSync(join(workDir, "a.txt"), "utf8")).toBe("hi")
    const { messages } = await call(client, "get_transcript", { sessionId: created.id, role: "assistant" })
    const texts = messages.filter(({ contentType }: { contentType: string }) => contentType === "text")
    expect(texts.map(({ text }: { text: string }) => text)).toEqual(["Now.", "Wrote a.txt.", "Written."])
    const page = await call(client, "get_transcript", { sessionId: created.id, limit: 1, beforeId: messages.at(-1).id })
    expect(page.messages[0].id).toBeLessThan(messages.at(-1).id)
    const label = ["team=web", "env=a=b"]
    const { items } = await call(client, "list_sessions", { state: "idle", workDir, label, q: "by mcp" })
    expect(items.map(({ id }: { id: string }) => id)).toEqual([created.id])
    expect((await call(client, "list_sessions", { label: ["team=web", "env=c"] })).items).toEqual([])
    expect((await call(client, "get_swarm")).items).toMatchObject([{ id: created.id, depth: 0, subagents: [] }])
    expect((await call(client, "list_sessions", { state: "working" })).items).toEqual([])
  })

  it("rejects with a reason, and sends the next prompt", async () => {
    const client = await connect()
    const workDir = temporary("work")
    const { id: sessionId } = await call(client, "create_session", { workDir, prompt: script("write a.txt hi") })
    await untilStatus(client, sessionId, "permission_prompt")
    expect(await call(client, "reject_permission", { sessionId, reason: "not today" })).toMatchObject({
      status: "rejected",
      reason: "not today",
    })
    await untilStatus(client, sessionId, "idle")
    expect(existsSync(join(workDir, "a.txt"))).toBe(false)
    expect(await call(client, "send_message", { sessionId, text: script("say again") })).toMatchObject({ ok: true })
    expect(await call(client, "kill_session", { sessionId })).toMatchObject({ status: "killed" })
  })

  it("says what was wrong, and what there is instead", async () => {
    const client = await connect()
    const sessionId = "00000000-0000-4000-8000-000000000000"
    expect(await call(client, "get_status", { sessionId })).toMatchObject({ isError: true, code: "session-not-found" })
    expect(await call(client, "get_status")).toMatchObject({
      isError: true,
      text: expect.stringContaining("sessionId"),
    })
    expect(await call(client, "get_status", { sessionId, verbose: true })).toMatchObject({
      isError: true,
      text: expect.stringMatching(/verbose.*Its arguments: sessionId/),
    })
    expect(await call(client, "create_session", { workDir: "/no/such/folder" })).toMatchObject({
      isError: true,
      text: expect.stringContaining("/no/such/folder"),
    })
    const { id } = await call(client, "create_session", { workDir: temporary("work"), prompt: script("writes 2") })
    for (const deadline = Date.now() + 10_000; Date.now() < deadline; )
      if ((await call(client, "get_status", { sessionId: id })).pendingApprovals === 2) break
    const ambiguous = await call(client, "approve_permission", { sessionId: id })
    expect(ambiguous).toMatchObject({ isError: true, code: "approval-ambiguous" })
    await expect(client.callTool({ name: "frobnicate" })).rejects.toThrow(/frobnicate.*create_session/)
  })

  it("says so when its server is gone, and serves again when one is back at its place", async () => {
    const ag = home()
    const client = await connect(ag)
    expect(await call(client, "server_health")).toMatchObject({ status: "ok" })
    const { url } = await ag.json("server", "status")
    await ag.run("server", "stop")
    expect(await call(client, "list_sessions")).toMatchObject({ isError: true, code: "unreachable" })
    await ag.with({ AEGIS_PORT: new URL(url).port }).run("server", "start")
    expect(await call(client, "list_sessions")).toEqual({ items: [] })
  })

  it("ends with its input, and writes nothing but the protocol to its output", async () => {
    const ag = home()
    const { code, stdout } = await ag.run("mcp")
    expect([code, stdout]).toEqual([0, ""])
  })
})

describe("under an agent of ours", () => {
  const marker = { AEGIS_AGENT_RUN: "host/run" }
  const nowhere = { AEGIS_AGENT_KEY: "aga_x.y", AEGIS_AGENT_URL: "http://127.0.0.1:1" }

  it.each(["mcp", "token", "sessions", "server start", "run x"])("ag %s gets no credential", async (words) => {
    const ag = home()
    const { code, stdout, stderr } = await ag.with(marker).run(...words.split(" "))
    expect([code, stdout]).toEqual([4, ""])
    expect(stderr).toContain("under an agent")
    expect(existsSync(ag.stateDir)).toBe(false)
  })

  it.each(["mcp", "run x"])("ag %s starts no server where the agent's own is gone", async (words) => {
    const ag = home()
    const { code } = await ag.with({ ...marker, ...nowhere }).run(...words.split(" "))
    expect(code).not.toBe(0)
    expect(existsSync(ag.stateDir)).toBe(false)
  })

  it.each(["", "token", "keys list", "approve x", "policy show"])(
    "ag %s is its person's, whatever key the agent has",
    async (words) => {
      const ag = home()
      const { code, stdout, stderr } = await ag.with({ ...marker, ...nowhere }).run(...words.split(" ").filter(Boolean))
      expect([code, stdout]).toEqual([4, ""])
      expect(stderr).toMatch(/under an agent.*ag run, ag sessions/)
      expect(existsSync(ag.stateDir)).toBe(false)
    },
  )

  it("ag run makes a child with the agent's own key, sees what it makes and nothing else, and waits for a person", async () => {
    const ag = home()
    const workDir = temporary("work")
    const others = await ag.run("run", script("say mine"), "--cwd", temporary("other"))
    expect(others.code).toBe(0)
    const ours = await ag.run("run", script("say parent"), "--cwd", workDir, "--name", "Parent")
    expect(ours.code).toBe(0)
    const parent = (await ag.json("sessions")).find(({ name }: { name: string }) => name === "Parent")
    const agent = ag.with(await environmentOf(ag, parent.id))
    const made = await agent.run("run", script("say from the child"), "--cwd", workDir, "--name", "Child")
    expect([made.code, made.stdout]).toEqual([0, expect.stringContaining("from the child")])
    expect(await agent.json("sessions")).toMatchObject([{ name: "Child", parentId: parent.id }])
    expect((await agent.run("send", "Parent", "Go on.")).code).toBe(3)
    expect((await agent.run("send", "Child", script("write a.txt x"))).code).toBe(0)
    const refused = await agent.run("run", script("say x"), "--cwd", workDir, "--yes")
    expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining("approves nothing")])
    const client = await connect(agent)
    const [child] = (await call(client, "list_sessions")).items
    await untilStatus(client, child.id, "permission_prompt")
    expect(await call(client, "approve_permission", { sessionId: child.id })).toMatchObject({
      isError: true,
      code: "permission-missing",
    })
    expect((await ag.run("approve", "Child")).code).toBe(0)
    await untilStatus(client, child.id, "idle")
    await ag.run("kill", "Parent")
    // What carries the mark of a killed agent ends with it, this command too, until no process of the agent is left.
    await expect.poll(async () => (await agent.run("sessions")).code, { timeout: 30_000 }).toBe(4)
  })

  it("ag --help helps all the same", async () => {
    expect((await home().with({ AEGIS_AGENT_RUN: "host/run" }).run("--help")).code).toBe(0)
  })
})

it("a tool that grants is refused while the audit cannot be written, and one that denies is not", async () => {
  const ag = home()
  const client = await connect(ag)
  const { id: sessionId } = await call(client, "create_session", {
    workDir: temporary("work"),
    prompt: script("write a.txt Hello"),
  })
  await untilStatus(client, sessionId, "permission_prompt")
  const folder = join(ag.stateDir, "audit")
  renameSync(folder, `${folder}.away`)
  writeFileSync(folder, "In the way.")
  expect(await call(client, "approve_permission", { sessionId })).toMatchObject({
    isError: true,
    code: "audit-unavailable",
  })
  expect(await call(client, "reject_permission", { sessionId })).toMatchObject({ status: "rejected" })
})

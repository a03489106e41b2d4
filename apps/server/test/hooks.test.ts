import { createHash } from "node:crypto"
import { mkdirSync, realpathSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { PolicySchema } from "@aegis/policy/schema"
import { SessionError } from "@aegis/session-core"
import { describe, expect, it } from "vitest"
import { bearer, defaults, script, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

type Server = Awaited<ReturnType<typeof start>>

/** A Claude Code that was started by hand, as its hooks tell of it. */
class Claude {
  readonly folder: string
  readonly #server: Server
  readonly #id: string

  constructor(server: Server, id = "claude-1", folder = realpathSync(temporary("by-hand"))) {
    this.#server = server
    this.#id = id
    this.folder = folder
  }

  hook(event: string, fields: object = {}, headers: Record<string, string> = {}) {
    const payload = { session_id: this.#id, cwd: this.folder, hook_event_name: event, ...fields }
    return this.#server.call("POST", `/v1/hooks/${event}`, payload, {
      "X-Hook-Secret": this.#server.hookSecret,
      ...headers,
    })
  }

  wants(tool: string, input: object, fields: object = {}) {
    return this.hook("PreToolUse", { tool_name: tool, tool_input: input, tool_use_id: "t1", ...fields })
  }

  async session() {
    const { body } = await this.#server.call("GET", "/v1/sessions?agent=external")
    expect(body.items).toHaveLength(1)
    return body.items[0]
  }

  async events(...types: string[]) {
    const { id } = await this.session()
    const { body } = await this.#server.call("GET", `/v1/sessions/${id}/log?after=0&limit=200`)
    return body.items.filter(({ type }: { type: string }) => types.length === 0 || types.includes(type))
  }
}

async function withPolicy(rules: readonly object[], more: object = {}) {
  const folder = temporary("policy")
  const file = join(folder, "policy.json")
  writeFileSync(file, JSON.stringify(PolicySchema.parse({ version: 1, rules, ...more })))
  return start({ config: { policy: { file } } })
}

const decision = (body: { hookSpecificOutput?: { permissionDecision: string } } | undefined) =>
  body?.hookSpecificOutput?.permissionDecision ?? "nothing"

describe("a Claude Code that was started by hand", () => {
  it("is a session from its first hook on, with what it does as its state", async () => {
    const server = await start()
    const claude = new Claude(server)
    const states: unknown[] = []
    for (const [event, fields] of [
      ["SessionStart", { source: "startup" }],
      ["UserPromptSubmit", { prompt: "Tidy up." }],
      ["PreToolUse", { tool_name: "Bash", tool_input: { command: "ls" }, tool_use_id: "t1" }],
      ["Notification", { message: "Claude needs your permission", notification_type: "permission_prompt" }],
      ["PostToolUse", { tool_name: "Bash", tool_input: { command: "ls" }, tool_response: {}, tool_use_id: "t1" }],
      ["PreToolUse", { tool_name: "AskUserQuestion", tool_input: {}, tool_use_id: "t2" }],
      ["Notification", { notification_type: "permission_prompt" }],
      ["SubagentStop", {}],
      ["PreCompact", { trigger: "auto" }],
      ["Stop", { stop_hook_active: false, last_assistant_message: "Tidy." }],
      ["SessionEnd", { reason: "prompt_input_exit" }],
      ["SessionStart", { source: "resume" }],
    ] as const) {
      const { status, body } = await claude.hook(event, fields)
      expect([event, status, body]).toEqual([event, 204, undefined])
      states.push((await claude.session()).status)
    }
    const working = ["working", "working", "permission_prompt", "working"]
    const rest = ["asking", "asking", "asking", "asking", "idle", "completed", "idle"]
    expect(states).toEqual(["idle", ...working, ...rest])
    expect(await claude.session()).toMatchObject({ agent: "external", workDir: claude.folder, owner: "local" })
  })

  it("is watched: each hook by the digest of its payload, its prompts, calls and last words", async () => {
    const server = await start()
    const claude = new Claude(server)
    const more = { transcript_path: "/home/ada/.claude/a.jsonl", permission_mode: "acceptEdits" }
    await claude.hook("UserPromptSubmit", { prompt: "Tidy up.", ...more })
    const call = { tool_name: "Bash", tool_input: { command: "ls" }, tool_use_id: "t1" }
    await claude.hook("PreToolUse", call)
    await claude.hook("PostToolUse", { ...call, tool_response: { stdout: "a.txt" } })
    await claude.wants("Write", { file_path: "/a/b.txt", content: "hi" }, { tool_use_id: "t2" })
    await claude.hook("Stop", { last_assistant_message: "Tidy." })
    const [first] = await claude.events("hook.received")
    const sent = { session_id: "claude-1", cwd: claude.folder, hook_event_name: "UserPromptSubmit" }
    const text = JSON.stringify({ ...sent, prompt: "Tidy up.", ...more })
    expect(first).toMatchObject({
      actor: { kind: "agent", id: "external", via: "hook" },
      data: {
        event: "UserPromptSubmit",
        digest: createHash("sha256").update(text).digest("hex"),
        bytes: text.length,
        answer: "none",
        agentSessionId: "claude-1",
        transcriptPath: "/home/ada/.claude/a.jsonl",
      },
    })
    expect(await claude.session()).toMatchObject({ permissionMode: "acceptEdits" })
    const { id } = await claude.session()
    const { messages } = (await server.call("GET", `/v1/sessions/${id}/read`)).body
    expect(messages.map(({ contentType, text: said }: Record<string, string>) => [contentType, said])).toEqual([
      ["text", "Tidy up."],
      ["tool_use", "Bash ls"],
      ["tool_result", '{"stdout":"a.txt"}'],
      ["tool_use", "Write /a/b.txt"],
      // Claude never told that it was done.
      ["tool_error", "Write /a/b.txt"],
      ["text", "Tidy."],
    ])
  })

  it("is one session, however many of its hooks come at once, and over a restart of the server", async () => {
    const config = { stateDir: temporary("state") }
    const server = await start({ config })
    const claude = new Claude(server)
    await Promise.all(Array.from({ length: 20 }, () => claude.hook("UserPromptSubmit", { prompt: "Go." })))
    const { id } = await claude.session()
    await server.server.close()
    const again = await start({ config })
    const same = new Claude(again, "claude-1", claude.folder)
    await same.hook("Stop")
    expect(await same.session()).toMatchObject({ id, status: "idle" })
    expect(await same.events("session.created")).toHaveLength(1)
    await new Claude(again, "claude-2").hook("Stop")
    expect((await again.call("GET", "/v1/sessions")).body.items).toHaveLength(2)
  })

  it("takes nothing from here: what needs a way to its agent is refused", async () => {
    const server = await start()
    const claude = new Claude(server)
    await claude.hook("UserPromptSubmit", { prompt: "Go." })
    const { id } = await claude.session()
    for (const [method, action, body] of [
      ["POST", "/send", { text: "Hello" }],
      ["POST", "/approve", { approvalId: "a" }],
      ["POST", "/reject", undefined],
      ["POST", "/answer", { content: {} }],
      ["POST", "/interrupt", undefined],
      ["POST", "/escape", undefined],
      ["POST", "/pause", undefined],
      ["POST", "/resume", undefined],
      ["POST", "/restart", undefined],
      ["DELETE", "", undefined],
    ] as const) {
      const reply = await server.call(method, `/v1/sessions/${id}${action}`, body)
      expect([action, reply.status, reply.body.code]).toEqual([action, 409, "not-driven"])
    }
    expect((await claude.session()).status).toBe("working")
    const made = await server.call("POST", "/v1/sessions", { workDir: claude.folder, agent: "external" })
    expect([made.status, made.body.code]).toEqual([422, "agent-unknown"])
  })

  it("that was never heard of before it ended leaves nothing", async () => {
    const server = await start()
    expect((await new Claude(server).hook("SessionEnd", { reason: "other" })).status).toBe(204)
    expect((await server.call("GET", "/v1/sessions")).body.items).toEqual([])
  })
})

describe("a call of a Claude Code that was started by hand", () => {
  const rules = [
    { id: "no-secrets", decision: "deny", match: { path: "**/secret.txt" }, reason: "Secrets stay here." },
    { id: "ask-pushes", decision: "ask", match: { command: "git push*" } },
    { id: "looks-are-fine", decision: "allow", match: { kind: "read", path: `\${workDir}/**` } },
    { id: "two-for-prod", decision: "ask", match: { command: "deploy*" }, approvers: { count: 2 } },
  ]

  it("is answered where a rule says something, in Claude's words, and not otherwise", async () => {
    const server = await withPolicy(rules)
    const claude = new Claude(server)
    writeFileSync(join(claude.folder, "secret.txt"), "x")
    symlinkSync(join(claude.folder, "secret.txt"), join(claude.folder, "link.txt"))
    const { status, body } = await claude.wants("Read", { file_path: join(claude.folder, "link.txt") })
    expect([status, body]).toEqual([
      200,
      {
        hookSpecificOutput: {
          hookEventName: "PreToolUse",
          permissionDecision: "deny",
          permissionDecisionReason: "no-secrets: Secrets stay here.",
        },
      },
    ])
    expect(decision((await claude.wants("Bash", { command: "git push origin" })).body)).toBe("ask")
    expect(await claude.session()).toMatchObject({ status: "permission_prompt" })
    expect(decision((await claude.wants("Read", { file_path: join(claude.folder, "a.txt") })).body)).toBe("allow")
    expect(decision((await claude.wants("Write", { file_path: join(claude.folder, "a.txt") })).body)).toBe("nothing")
    const decided = await claude.events("policy.decided")
    expect(decided).toMatchObject([
      {
        actor: { kind: "policy", id: "no-secrets" },
        data: { rule: "no-secrets", decision: "deny", digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
      },
      { data: { rule: "ask-pushes", decision: "ask" } },
      { data: { rule: "looks-are-fine", decision: "allow" } },
    ])
    const answers = (await claude.events("hook.received")).map(({ data }: { data: { answer: string } }) => data.answer)
    expect(answers).toEqual(["deny", "ask", "allow", "none"])
  })

  it("is never allowed by its own mode, nor by the policy's default", async () => {
    const server = await withPolicy([])
    const claude = new Claude(server)
    for (const mode of ["bypassPermissions", "acceptEdits", "dontAsk", "auto", "plan", "one of the future"]) {
      const input = { file_path: join(claude.folder, "a.txt") }
      expect([mode, (await claude.wants("Write", input, { permission_mode: mode })).status]).toEqual([mode, 204])
    }
    const strict = new Claude(await withPolicy([], { defaults: { decision: "deny" } }))
    expect(decision((await strict.wants("Bash", { command: "ls" })).body)).toBe("deny")
  })

  it("is judged where it is, and the folder where it began is its folder", async () => {
    const server = await withPolicy(rules)
    const claude = new Claude(server)
    await claude.hook("SessionStart")
    const elsewhere = join(temporary("elsewhere"), "deep")
    mkdirSync(elsewhere)
    const moved = { cwd: elsewhere }
    expect(decision((await claude.wants("Read", { file_path: "a.txt" }, moved)).body)).toBe("nothing")
    expect(decision((await claude.wants("Bash", { command: "cat < secret.txt" }, moved)).body)).toBe("deny")
  })

  it("is denied where somebody else would have to be asked", async () => {
    const claude = new Claude(await withPolicy(rules))
    const { body } = await claude.wants("Bash", { command: "deploy now" })
    expect(decision(body)).toBe("deny")
    expect(body.hookSpecificOutput.permissionDecisionReason).toContain("people who cannot be asked")
  })

  it("has nothing to do with the server's own data", async () => {
    const config = { stateDir: temporary("state") }
    const claude = new Claude(await start({ config }))
    const { body } = await claude.wants("Read", { file_path: join(config.stateDir, "hook-secret") })
    expect(decision(body)).toBe("deny")
  })

  it("is not allowed while all work is stopped", async () => {
    const server = await withPolicy(rules)
    const claude = new Claude(server)
    await server.call("POST", "/v1/stop-all")
    expect(decision((await claude.wants("Read", { file_path: join(claude.folder, "a.txt") })).body)).toBe("nothing")
    expect(decision((await claude.wants("Read", { file_path: join(claude.folder, "secret.txt") })).body)).toBe("deny")
  })
})

describe("hooks of an agent that is driven", () => {
  it("are written down on its session, and answered with nothing", async () => {
    const server = await withPolicy([{ id: "nothing", decision: "deny", match: { kind: "execute" } }])
    const folder = temporary("work")
    const { id } = await server.create(folder, script("say up", "wait"))
    await server.untilLogged(id, "message.delta")
    const { body: before } = await server.call("GET", `/v1/sessions/${id}`)
    const { data: ready } = (await server.call("GET", `/v1/sessions/${id}/log?after=0`)).body.items.find(
      ({ type }: { type: string }) => type === "session.ready",
    )
    const bash = { tool_name: "Bash", tool_input: { command: "ls" } }
    // By Claude's own name of the session, and by the run of the agent, which is known earlier.
    const known = new Claude(server, ready.agentSessionId, folder)
    expect((await known.hook("PreToolUse", bash)).status).toBe(204)
    expect((await known.hook("SessionStart", {}, { "X-Aegis-Run": ready.runId })).status).toBe(204)
    expect((await known.hook("Stop", {}, { "X-Aegis-Run": "a run that is over" })).status).toBe(204)
    const hooks = (await server.call("GET", `/v1/sessions/${id}/log?after=0`)).body.items.filter(
      ({ type }: { type: string }) => type === "hook.received",
    )
    expect(
      hooks.map(({ status, data }: { status: string; data: Record<string, unknown> }) => [
        status,
        data.event,
        data.answer,
        data.activity,
      ]),
    ).toEqual([
      ["working", "PreToolUse", "none", undefined],
      ["working", "SessionStart", "none", undefined],
    ])
    expect((await server.call("GET", "/v1/sessions")).body.items).toHaveLength(1)
    expect((await server.call("GET", `/v1/sessions/${id}`)).body).toMatchObject({
      status: "working",
      agent: before.agent,
    })
    // One that this agent starts by itself is asked about nowhere else.
    const nested = new Claude(server, "started by the agent", folder)
    expect(decision((await nested.hook("PreToolUse", bash, { "X-Aegis-Run": ready.runId })).body)).toBe("deny")
    expect(await nested.session()).toMatchObject({ agent: "external" })
  })
})

describe("the secret of hooks", () => {
  it("is made once, for the user alone; or is the configured one, which is put where hooks find it", async () => {
    const config = { stateDir: temporary("state") }
    const path = join(config.stateDir, "hook-secret")
    const { hookSecret, server } = await start({ config })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(hookSecret).toMatch(/^agh_[\w-]{32}$/)
    await server.close()
    expect((await start({ config })).hookSecret).toBe(hookSecret)
    const secret = ["one", "that", "somebody", "else", "made"].join("-")
    const other = await start({ config: { hooks: { secret, headerOnly: false } } })
    expect(other.hookSecret).toBe(secret)
    expect((await new Claude(other).hook("Stop")).status).toBe(204)
  })

  it("has to be right, once, and where it belongs; wrong ones are counted like other wrong credentials", async () => {
    const open = await start()
    const strict = await start({ config: { hooks: { headerOnly: true } } })
    const body = { session_id: "c", cwd: "/" }
    const good = (server: Server) => ({ "X-Hook-Secret": server.hookSecret })
    for (const [server, query, headers, expected] of [
      [open, "", good(open), 204],
      [open, "", {}, 401],
      [open, "", { "X-Hook-Secret": "" }, 401],
      [open, "", { "X-Hook-Secret": `${open.hookSecret}x` }, 401],
      [open, "", { "X-Hook-Secret": `${open.hookSecret}, ${open.hookSecret}` }, 401],
      [open, "", bearer(open.server.token), 401],
      [open, "", bearer(open.hookSecret), 401],
      [open, `?secret=${open.hookSecret}`, {}, 204],
      [open, `?secret=${open.hookSecret}&secret=${open.hookSecret}`, {}, 401],
      [open, "?secret=", {}, 401],
      // The header decides.
      [open, `?secret=${open.hookSecret}`, { "X-Hook-Secret": "wrong" }, 401],
      [strict, `?secret=${strict.hookSecret}`, {}, 401],
      [strict, "", good(strict), 204],
    ] as const) {
      const reply = await server.call("POST", `/v1/hooks/Stop${query}`, body, { ...headers })
      expect([query, headers, reply.status]).toEqual([query, headers, expected])
    }
    for (const path of ["/v1/sessions", "/v1/version", "/v1/log"])
      expect((await open.call("GET", path, undefined, good(open))).status).toBe(401)
    const few = await start({ config: { ...limited(2) } })
    const statuses: number[] = []
    for (let times = 0; times < 4; times += 1)
      statuses.push((await few.call("POST", "/v1/hooks/Stop", body, { "X-Hook-Secret": "wrong" })).status)
    expect(statuses).toEqual([401, 401, 429, 429])
    // Whoever has it is not kept out by who has not.
    expect((await few.call("POST", "/v1/hooks/Stop", body, good(few))).status).toBe(204)
    const failed = (await few.call("GET", "/v1/audit?type=auth.failed")).body.items
    expect(failed).toHaveLength(1)
  })

  it("in an address is deprecated, and never in the log of the server", async () => {
    const lines: string[] = []
    const take = (...words: unknown[]) => void lines.push(JSON.stringify(words))
    const logger = { trace: take, debug: take, info: take, warn: take, error: take } as never
    const server = await start({ logger })
    const path = `/v1/hooks/Stop?secret=${server.hookSecret}`
    for (let times = 0; times < 3; times += 1) {
      const { headers } = await server.call("POST", path, { session_id: "c", cwd: "/" }, {})
      expect(headers.get("Deprecation")).toMatch(/^@\d+$/)
      expect(headers.get("Warning")).toMatch(/^299 - "The hook secret stands in an address/)
    }
    expect(lines.filter((line) => line.includes("stands in an address"))).toHaveLength(1)
    expect(lines.join("\n")).toContain("/v1/hooks/Stop")
    expect(lines.join("\n")).not.toContain(server.hookSecret)
  })
})

describe("what a hook tells", () => {
  it("has to be of its type where it is known, and may be more", async () => {
    const server = await start()
    const claude = new Claude(server)
    for (const [event, fields, expected] of [
      ["Stop", { effort: { level: "medium" }, background_tasks: [] }, 204],
      ["Tomorrow", {}, 404],
      ["stop", {}, 404],
      ["Stop", { session_id: 7 }, 400],
      ["Stop", { cwd: "relative" }, 400],
      ["Stop", { hook_event_name: "SessionEnd" }, 400],
      ["Stop", { stop_hook_active: "yes" }, 400],
      ["PreToolUse", { tool_input: {} }, 400],
      ["PreToolUse", { tool_name: "Bash", tool_input: "ls" }, 400],
      ["UserPromptSubmit", {}, 400],
    ] as const) {
      const reply = await claude.hook(event, fields)
      expect([event, fields, reply.status]).toEqual([event, fields, expected])
    }
    const { body } = await claude.hook("PreToolUse", { tool_name: 7 })
    expect(body.errors).toMatchObject([{ path: "tool_name" }])
    expect(await claude.events("hook.received")).toHaveLength(1)
  })

  it("may be large, and is warned about where it is as large as what was cut", async () => {
    const server = await start()
    const claude = new Claude(server)
    const ofBytes = (bytes: number) => {
      const empty = JSON.stringify({
        session_id: "claude-1",
        cwd: claude.folder,
        hook_event_name: "UserPromptSubmit",
        prompt: "",
      })
      return claude.hook("UserPromptSubmit", { prompt: "x".repeat(bytes - empty.length) })
    }
    const warned: boolean[] = []
    for (const bytes of [1843, 1844, 2048, 2049, 3 * 1024 * 1024])
      warned.push((await ofBytes(bytes)).headers.has("Warning"))
    expect(warned).toEqual([false, true, true, false, false])
    expect((await ofBytes(11 * 1024 * 1024)).status).toBe(413)
  })
})

describe("hooks that cannot be taken", () => {
  it("are answered with nothing after a while, so that the agent goes on", async () => {
    const server = await start()
    const claude = new Claude(server)
    let asked = 0
    const refuse = (error: Error) => () => {
      asked += 1
      return Promise.reject(error)
    }
    // A caller's own mistakes are none of the server's.
    Object.assign(server.server.aegis, { receiveHook: refuse(new SessionError("session-not-found", "No.")) })
    for (let times = 0; times < 10; times += 1) expect((await claude.hook("Stop")).status).toBe(404)
    Object.assign(server.server.aegis, {
      receiveHook: refuse(Object.assign(new Error("Full."), { code: "storage-full" })),
    })
    const statuses: number[] = []
    for (let times = 0; times < 8; times += 1) statuses.push((await claude.hook("Stop")).status)
    expect(statuses).toEqual([503, 503, 503, 503, 503, 204, 204, 204])
    expect(asked).toBe(15)
    // It may be that a rule says no.
    expect((await claude.wants("Bash", { command: "ls" })).status).toBe(503)
  })
})

function limited(authFailures: number) {
  const { rateLimit } = defaults(temporary("state"))
  return { rateLimit: { ...rateLimit, authFailures } }
}

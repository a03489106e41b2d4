import { spawnSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { processesOf, script, useAg } from "./ag-harness.ts"

const { home, temporary } = useAg()

describe("ag run", () => {
  it("starts a server, runs the prompt, approves with --yes, and ends with cost and session", async () => {
    const ag = home()
    const cwd = temporary("work")
    const { code, stdout, stderr } = await ag.run(
      "run",
      script("think Hm.", "say Hello.", "write a.txt hi", "usage 10 100 0.02"),
      "--cwd",
      cwd,
      "--yes",
    )
    expect(stderr).toContain("Started a server at http://127.0.0.1:")
    expect(stdout).toMatch(/^Hello\.\n/)
    expect(stderr).toMatch(/Hm\./)
    expect(stderr).toMatch(/\? Write a\.txt\n {4}.*a\.txt\n {4}\+ hi\n/)
    expect(stderr).toMatch(/✓ Write a\.txt \d+ ms\n/)
    expect(stderr).toMatch(/\$0\.02 · session [0-9a-f]{8}\n$/)
    expect(code).toBe(0)
    expect(readFileSync(join(cwd, "a.txt"), "utf8")).toBe("hi")
    expect(statSync(ag.stateDir).mode & 0o777).toBe(0o700)
  })

  it("prints one JSON event a line, with seq, status and hash, and nothing else on stdout", async () => {
    const ag = home()
    const { stdout, code } = await ag.run("run", script("say one", "say two"), "--cwd", temporary("work"), "--json")
    expect(code).toBe(0)
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
    expect(events[0]).toMatchObject({ seq: 3, type: "session.created" })
    expect(events.at(-1)).toMatchObject({ type: "turn.ended", status: "idle" })
    for (const event of events)
      expect(event).toMatchObject({
        seq: expect.any(Number),
        status: expect.any(String),
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      })
  })

  it("goes on with an idle session, and shows only what is its own", async () => {
    const ag = home()
    const cwd = temporary("work")
    await ag.run("run", script("say first"), "--cwd", cwd)
    const { stdout } = await ag.run("run", script("say second"), "--cwd", cwd)
    expect(stdout).toBe("second\n")
    expect(await ag.json("sessions")).toHaveLength(1)
    await ag.run("run", script("say third"), "--cwd", cwd, "--new")
    expect(await ag.json("sessions")).toHaveLength(2)
  })

  it("twice at the same moment, with no server, starts one server and two sessions", async () => {
    const ag = home()
    const runs = await Promise.all([1, 2].map((n) => ag.run("run", script(`say ${n}`), "--cwd", temporary("work"))))
    expect(runs.map(({ code, stdout }) => [code, stdout])).toEqual([
      [0, "1\n"],
      [0, "2\n"],
    ])
    expect(await ag.json("sessions")).toHaveLength(2)
    expect(runs.filter(({ stderr }) => stderr.includes("Started a server"))).toHaveLength(1)
    expect((await ag.json("server", "status")).sessions).toEqual({ idle: 2 })
  })

  it("without a terminal waits for another door, says how, and goes on when it has answered", async () => {
    const ag = home()
    const cwd = temporary("work")
    const seen: string[] = []
    for await (const { type, sessionId } of ag.events("run", script("write a.txt hi"), "--cwd", cwd)) {
      seen.push(type)
      if (type === "approval.requested")
        expect((await ag.run("approve", sessionId.slice(0, 8))).stderr).toContain("approved: Write a.txt")
    }
    expect(seen.at(-1)).toBe("turn.ended")
    expect(existsSync(join(cwd, "a.txt"))).toBe(true)
  })

  it("interrupts the turn at Ctrl+C and ends with 130; after its time too", async () => {
    const ag = home()
    const child = ag.start("run", script("say waiting", "wait"), "--cwd", temporary("work"))
    child.stdout.once("data", () => child.kill("SIGINT"))
    const code = await new Promise((resolve) => child.once("close", resolve))
    expect(code).toBe(130)
    expect((await ag.run("run", script("wait"), "--cwd", temporary("work"), "--timeout", "0.2")).code).toBe(130)
  })

  it("ends with 1 when the turn fails, and says why", async () => {
    const { code, stderr } = await home().run("run", script("fail -32603 Out of paper"), "--cwd", temporary("work"))
    expect(code).toBe(1)
    expect(stderr).toContain("✗ Out of paper")
  })

  it("is as quiet as it is told, and can keep the words back until the turn is over", async () => {
    const ag = home()
    const cwd = temporary("work")
    const prompt = script("think Hm.", "say One", "tool Read read Reading", "say two.")
    expect(await ag.run("run", prompt, "--cwd", cwd, "--quiet")).toEqual({ code: 0, stdout: "One\ntwo.\n", stderr: "" })
    expect((await ag.run("run", prompt, "--cwd", cwd, "--no-stream")).stdout).toBe("One\ntwo.\n")
    expect(await ag.run("show", "nothing", "--quiet")).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("nothing"),
    })
    const coloured = ag.with({ NO_COLOR: "", FORCE_COLOR: "1" })
    expect((await coloured.run("show", "nothing", "--no-color")).stderr).not.toContain("\u001b")
  })

  it("fetches no agent unasked, says how it may, and leaves nothing of what failed", async () => {
    const ag = home()
    const cwd = temporary("work")
    const tools = temporary("bin")
    writeFileSync(join(tools, "npm"), "#!/bin/sh\necho no network >&2\nexit 1\n", { mode: 0o755 })
    const bare = ag.with({ PATH: `${tools}:/usr/bin:/bin` })
    const asked = await bare.run("run", "hello", "--agent", "claude", "--cwd", cwd)
    expect([asked.code, asked.stderr]).toEqual([1, expect.stringMatching(/--yes.*agents\.autoInstall: true/)])
    const tried = await bare.run("run", "hello", "--agent", "claude", "--cwd", cwd, "--yes")
    expect([tried.code, tried.stderr]).toEqual([
      1,
      expect.stringMatching(/Installing the Claude agent.*\n.*no network/),
    ])
    const never = bare.with({ AEGIS_AGENTS_AUTO_INSTALL: "false", PATH: `${tools}:/usr/bin:/bin` })
    expect((await never.run("run", "hello", "--agent", "claude", "--cwd", cwd, "--yes")).stderr).toContain(
      "AEGIS_ACP_BIN",
    )
    expect(readdirSync(join(ag.stateDir, "agents"))).toEqual([])
    expect(await ag.json("sessions")).toEqual([])
  })

  it("shows what an agent wrote and does not obey it: no escape reaches the terminal", async () => {
    const { stdout } = await home().run("run", script("say a\u001b]0;owned\u0007b\u202ec"), "--cwd", temporary("work"))
    expect(stdout).toBe("a\\u{1b}]0;owned\\u{7}b\\u{202e}c\n")
  })
})

describe("ag demo", () => {
  it("without a terminal decides by itself, as the system, shows the file, and leaves nothing running", async () => {
    const ag = home()
    const { code, stdout, stderr } = await ag.run("demo")
    expect(code).toBe(0)
    expect(stdout).toContain('begins with "Tide table"')
    const [, file = ""] = /✓ (\S+AEGIS-DEMO\.md) is written/.exec(stderr) ?? []
    expect(readFileSync(file, "utf8")).toContain("What the demo agent saw")
    rmSync(dirname(file), { recursive: true })
    expect(stderr).toMatch(/server start\n$/)
    expect(processesOf(ag.stateDir)).toEqual([])
    await ag.run("server", "start")
    const [{ id }] = await ag.json("sessions")
    await ag.run("kill", id)
    const events = (await ag.run("tail", id, "--json")).stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
    const deciders = events.filter(({ type }) => type === "approval.resolved" || type === "question.answered")
    expect(deciders.map(({ actor }) => actor.kind)).toEqual(["system", "system"])
  })
})

describe("sessions", () => {
  it("are listed, shown, sent to, followed, rejected and killed by id, its beginning, or name", async () => {
    const ag = home()
    await ag.run("run", script("say hi"), "--cwd", temporary("work"), "--name", "docs")
    expect((await ag.run("sessions")).stdout).toMatch(/^[0-9a-f]{8} {2}idle {2}demo {2}docs +\d/)
    const { id } = await ag.json("show", "docs")
    expect((await ag.run("show", id.slice(0, 6))).stdout).toMatch(/status +idle/)
    expect((await ag.run("send", "docs", script("write a.txt x"))).stderr).toContain("The agent has it.")
    for await (const { type } of ag.events("tail", "docs")) {
      if (type === "approval.requested")
        expect((await ag.run("reject", "docs", "--reason", "not today")).stderr).toContain("rejected")
      if (type === "approval.delivered") await ag.run("kill", "docs")
    }
    expect((await ag.json("show", id)).status).toBe("killed")
    expect((await ag.run("agents")).stdout).toMatch(/✓ demo/)
  })

  it("that are not there end with 3, what was typed wrong with 2, no server with 5", async () => {
    const ag = home()
    expect(await ag.run("sessions")).toMatchObject({ code: 5, stderr: expect.stringContaining("ag server start") })
    await ag.run("server", "start")
    expect(await ag.run("show", "nothing")).toMatchObject({ code: 3, stderr: expect.stringContaining("ag sessions") })
    expect(await ag.run("run", "x", "--mode", "yolo")).toMatchObject({ code: 2 })
    expect(await ag.run("run", "x", "--cwd", "/no/such/folder")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("/no/such/folder"),
    })
    expect(await ag.run("run", "x", "--agent", "nobody", "--cwd", temporary("work"))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("demo"),
    })
    expect(await ag.run("frobnicate")).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining("Try: ag --help"),
    })
    expect(await ag.run("sessions", "--limit", "0")).toMatchObject({ code: 2 })
    expect((await ag.run("--help")).stdout).toContain("run")
    expect((await ag.run("run", "--help")).stdout).toContain("--agent")
  })
})

describe("words that a command does not know", () => {
  it("are refused with what to do, before anything is done", async () => {
    const ag = home()
    const refused = [
      [["run", "x", "--yse"], "There is no option --yse here. Did you mean --yes? Try: ag run --help"],
      [["run", "fix", "the", "tests"], '"the" is too much here; quote what belongs together.'],
      [["run", "x", "-q"], "There is no option -q here."],
      [["sessions", "--no-such"], "There is no option --such here."],
      [["server", "stop", "--kep-agents"], "Did you mean --keep-agents? Try: ag server stop --help"],
      [["token", "please"], '"please" is too much here'],
    ] as const
    for (const [words, said] of refused)
      expect(await ag.run(...words)).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(said) })
    expect(existsSync(join(ag.stateDir, "server.json"))).toBe(false)
  })
})

describe("what ag has compiled", () => {
  // Every system has a place of its own for it.
  it.runIf(process.platform === "linux")("is kept for the next time, in the user's cache folder", async () => {
    const cache = temporary("cache")
    const ag = home({ NODE_COMPILE_CACHE: "", XDG_CACHE_HOME: cache })
    expect((await ag.run("--help")).code).toBe(0)
    expect(readdirSync(join(cache, "aegis", "compiled"))).not.toEqual([])
  })

  it("is not kept where nothing can be, and ag works all the same", async () => {
    const file = join(temporary("cache"), "file")
    writeFileSync(file, "")
    expect(await home({ NODE_COMPILE_CACHE: join(file, "x") }).run("--help")).toMatchObject({ code: 0, stderr: "" })
  })
})

describe("ag policy check", () => {
  const write = (text: string) => {
    const file = join(temporary("policy"), "policy.yaml")
    writeFileSync(file, text)
    return file
  }

  it("finds what contradicts, without a server; a file that is none is told with its place", async () => {
    const ag = home()
    const rule = (id: string, decision: string) => `  - { id: ${id}, match: { kind: edit }, decision: ${decision} }\n`
    const good = write(`version: 1\nrules:\n${rule("a", "allow")}`)
    expect(await ag.run("policy", "check", good)).toMatchObject({ code: 0, stdout: "✓ 1 rule; each may decide.\n" })
    const bad = write(`version: 1\nrules:\n${rule("a", "allow")}${rule("b", "deny")}`)
    const found = { code: 1, stdout: "! contradiction: a and b match the same; deny wins.\n" }
    const { stdout: told, ...failed } = await ag.run("policy", "check", bad)
    expect({ ...failed, stdout: told.slice(0, found.stdout.length) }).toMatchObject(found)
    const { stdout, code } = await ag.run("policy", "check", bad, "--json")
    const findings = [{ type: "contradiction", rule: "a", by: "b" }]
    expect([code, JSON.parse(stdout)]).toMatchObject([1, { rules: 2, findings }])
    const none = await ag.run("policy", "check", write("version: 1\nrules: [1]"))
    expect(none).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("policy.yaml:2:9: rules.0") })
    expect(existsSync(ag.stateDir)).toBe(false)
  })

  it("says of each rule what Claude keeps of it by itself", async () => {
    const file = write(
      [
        "version: 1",
        "rules:",
        '  - { id: secrets, match: { path: ["**/.env*", "/k/**"] }, decision: deny }',
        "  - { id: prod, match: { kind: execute, labels: { env: prod } }, decision: ask }",
        '  - { id: other, match: { tool: "mcp__*" }, decision: deny }',
        "  - { id: demo, match: { agent: demo, kind: edit }, decision: deny }",
        "  - { id: reads, match: { kind: read }, decision: allow }",
      ].join("\n"),
    )
    const { stdout } = await home().run("policy", "check", file)
    expect(stdout.split("\n").slice(3)).toEqual([
      "secrets  deny  refused: Read, Edit",
      "prod     ask   asked about: Bash",
      "other    deny  nothing",
      "",
      "Kept by the hook, in a Claude Code that you start by hand (ag hooks install):",
      "secrets, other",
      "",
    ])
    const { keptByClaude, keptByHook } = JSON.parse((await home().run("policy", "check", file, "--json")).stdout)
    const deny = ["Read(//**/.env*)", "Read(//k)", "Edit(//**/.env*)", "Edit(//k)"]
    expect(keptByClaude[0]).toEqual({ rule: "secrets", decision: "deny", deny, ask: [] })
    expect(keptByHook).toEqual(["secrets", "other"])
  })
})

describe("ag stop-all", () => {
  it("stops all work, says so where one looks, and lets it go on", async () => {
    const ag = home()
    const cwd = temporary("work")
    const seen: string[] = []
    let asked = ""
    for await (const { type, sessionId, data } of ag.events("run", script("say one", "wait"), "--cwd", cwd)) {
      seen.push(type)
      if (type === "message.delta") {
        asked = sessionId
        const stopped = await ag.run("stop-all", "--reason", "Smoke.")
        expect(stopped.stderr).toMatch(
          /All work was stopped by local \(rest\) at .*: Smoke\. To go on: ag stop-all --lift/,
        )
      }
      if (type === "turn.cancel_requested") expect(data).toMatchObject({ reason: "Smoke." })
    }
    expect(seen).toContain("turn.cancel_requested")
    expect((await ag.run("server", "status")).stdout).toContain("Smoke.")
    expect((await ag.run("show", asked)).stdout).toContain("Smoke.")
    expect((await ag.run("stop-all", "--lift")).stderr).toContain("Work goes on.")
    expect(await ag.json("server", "status")).not.toHaveProperty("stop")
  })
})

describe("ag budget extend", () => {
  it("lets a session go on that its budget holds, and says by what it was held", async () => {
    const policy = join(temporary("policy"), "policy.yaml")
    writeFileSync(policy, "version: 1\nbudgets: [{ scope: session, usd: 1, estimate: { usd: 0.1 } }]")
    const ag = home({ AEGIS_POLICY: policy })
    const spending = script("usage 10 100 1", "wait")
    const spent = await ag.run("run", spending, "--cwd", temporary("work"), "--name", "docs")
    expect(spent.stderr).toMatch(
      /◌ Budget "session" of \$1.00 is used up: .* of this turn\. To go on: ag budget extend [0-9a-f]{8} --usd N/,
    )
    expect((await ag.run("send", "docs", script("say more"))).stderr).toMatch(
      /◌ Accepted; it waits: Budget .* \$1.00 spent, .*To go on: ag budget extend [0-9a-f]{8} --usd N\n$/,
    )
    expect((await ag.run("show", "docs")).stdout).toMatch(/held +Budget "session" of \$1.00 is used up/)
    const little = await ag.run("budget", "extend", "docs", "--usd", "0.05", "--reason", "Nearly.")
    expect(little.stderr).toMatch(
      /✓ [0-9a-f]{8}: budget "session" allows \$1.05 now.\n {2}It was held: .*\n◌ It still waits: .* of \$1.05 has no room for this turn/,
    )
    expect(await ag.json("budget", "extend", "docs", "--usd", "1", "--budget", "session")).toMatchObject({
      name: "docs",
      queuedPrompts: expect.any(Number),
    })
    for await (const { type, data } of ag.events("tail", "docs"))
      if (type === "message.delta" && data.text === "more") break
    expect(await ag.run("budget", "extend", "docs", "--tokens", "5", "--budget", "server")).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('is not counted on a budget "server". Name one of its budgets: "session".'),
    })
  })

  it.each([
    [[], "Say how much more"],
    [["--usd", "much"], '"much" is nothing to allow'],
    [["--usd", "0"], '"0" is nothing to allow'],
    [["--tokens", "1.5"], '"1.5" is nothing to allow'],
  ])("%j is refused before anybody is asked", async (words, says) => {
    expect(await home().run("budget", "extend", "docs", ...words)).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining(says),
    })
  })
})

it("runs its sources in a checkout as it runs built", async () => {
  const ag = home()
  const { args, env } = ag.command("token")
  const words = [fileURLToPath(new URL("../bin/ag.js", import.meta.url)), ...args.slice(1)]
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { env, encoding: "utf8" })
  expect(stderr).toContain("There is no token yet")
  expect(await ag.run("token")).toEqual({ code: status, stdout, stderr })
})

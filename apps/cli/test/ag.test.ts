import { spawnSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
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

describe("ag keys", () => {
  it("makes, lists, rotates and revokes them; the key alone is on stdout", async () => {
    const ag = home()
    await ag.run("server", "start")
    expect(await ag.run("keys", "list")).toMatchObject({
      code: 0,
      stdout: "",
      stderr: expect.stringContaining("No keys yet"),
    })
    const made = await ag.run("keys", "create", "CI", "--role", "operator", "--user", "ci", "--expires", "30d")
    expect(made.stdout).toMatch(/^agk_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}\n$/)
    expect(made.stderr).toMatch(/✓ CI: operator for ci until 20\d\d-\d\d-\d\d\. It is not shown again\./)
    const [, id = ""] = made.stdout.split("_")
    expect((await ag.run("keys", "list")).stdout).toMatch(new RegExp(`^${id}  operator for ci until [\\d-]+  CI\n$`))
    const rotated = await ag.run("keys", "rotate", "CI", "--grace", "1h")
    expect(rotated.stdout).toMatch(new RegExp(`^agk_${id}_`))
    expect(rotated.stdout).not.toBe(made.stdout)
    expect(rotated.stderr).toContain("The one before is good until ")
    expect(
      await ag.json("keys", "create", "Wall", "--role", "custom", "--permissions", "session.read,metrics.read"),
    ).toMatchObject({
      role: "custom",
      permissions: ["session.read", "metrics.read"],
      key: expect.stringMatching(/^agk_/),
    })
    expect((await ag.run("keys", "revoke", id)).stderr).toContain(`CI (${id}) opens nothing any more.`)
    expect(await ag.run("keys", "revoke", id)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("See: ag keys list"),
    })
    expect(await ag.json("keys", "list")).toMatchObject([{ name: "Wall" }])
  })

  it.each([
    [["create", "a", "--role", "king"], "There is no role"],
    [["create", "a", "--expires", "soon"], "A duration is written"],
    [["rotate", "a", "--grace", "1"], "A duration is written"],
  ])("%j is refused before anybody is asked", async (words, says) => {
    expect(await home().run("keys", ...words)).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining(says),
    })
  })
})

describe("ag audit", () => {
  it("lists, exports, verifies and proves", async () => {
    const ag = home()
    const password = ["sword", "fish", "42"].join("-")
    await ag.run("run", script(`say PASSWORD=${password}`), "--cwd", temporary("work"), "--name", "docs")
    await ag.run("keys", "create", "CI", "--role", "operator")
    expect((await ag.run("audit", "list", "--limit", "2")).stdout).toMatch(
      /^ +\d+ {2}20\S+ {2}key[.]created +key local \(rest\) *\n +\d+ /,
    )
    const all = await ag.json("audit", "list", "--limit", "1000")
    expect(await ag.json("audit", "list", "--type", "key.*", "--since", "1h")).toEqual([all[0]])
    expect(await ag.json("audit", "list", "--until", "1h")).toEqual([])
    const secret = all.filter((item: unknown) => JSON.stringify(item).includes("[redacted: "))
    expect(JSON.stringify(secret)).toContain("PASSWORD=[redacted: password]")
    expect(JSON.stringify(all)).not.toContain(password)
    const place = temporary("archive")
    const file = join(place, "trail.ndjson")
    expect(await ag.run("audit", "export", "--out", file)).toMatchObject({ code: 0, stdout: "" })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const report = await ag.json("audit", "verify")
    expect(report).toMatchObject({ ok: true, problems: [] })
    expect((await ag.run("audit", "verify", "--key", report.key)).stdout).toMatch(/✓ \d+ entries were read/)
    expect(await ag.run("audit", "verify", "--key", `${report.key}A`)).toMatchObject({ code: 1 })
    const { seq } = all[0]
    expect((await ag.run("audit", "proof", String(seq), "--key", report.key)).stdout).toMatch(
      new RegExp(`^✓ Entry ${seq} is in the log of `),
    )
    expect((await ag.run("audit", "proof", "--from", "2")).stdout).toMatch(/begins with the log of 2\.\n[0-9a-f]{64}\n/)
    const csv = (await ag.run("audit", "export", "--format", "csv", "--type", "key.*")).stdout
    expect(csv.split("\r\n")).toHaveLength(3)
    await ag.run("server", "stop")
    // What was exported needs no server; it has one entry more, that it was exported.
    expect(await ag.run("audit", "verify", "--file", file, "--key", report.key)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        new RegExp(
          `^✓ ${all.length + 1} entries of the log aegis\\.local/.*\n +${secret.length} of them without their secrets`,
        ),
      ),
      stderr: "",
    })
    expect(await ag.run("audit", "verify", "--file", file)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(report.key),
    })
    writeFileSync(file, readFileSync(file, "utf8").replace('"name":"CI"', '"name":"AI"'))
    expect(await ag.run("audit", "verify", "--file", file)).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining(`Entry ${seq} is not what the log had`),
    })
  })

  it.each([
    [["list", "--since", "soon"], "is no time"],
    [["list", "--limit", "many"], "whole number"],
    [["export", "--format", "pdf"], "There are: ndjson, csv"],
    [["proof"], "ag audit proof 42"],
  ])("%j is refused before anybody is asked", async (words, says) => {
    expect(await home().run("audit", ...words)).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining(says),
    })
  })
})

describe("ag config", () => {
  it("sets, shows and unsets a key, and says what the environment overrides", async () => {
    const ag = home()
    expect(await ag.run("config", "path")).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining("no file"),
    })
    expect(await ag.run("config", "set", "agent.restart.max", "5")).toMatchObject({ code: 0, stdout: "" })
    expect((await ag.run("config", "show", "agent.restart")).stdout).toBe(
      "agent.restart.max        5  ~/.aegis/config.yaml:3:10\nagent.restart.backoffMs  1000\n",
    )
    expect((await ag.run("config", "set", "agent.default", "claude")).stderr).toContain(
      "! agent.default is still what AEGIS_AGENT says.",
    )
    const [restart] = await ag.json("config", "show", "agent.restart.max")
    expect(restart).toMatchObject({ key: "agent.restart.max", value: 5 })
    expect(await ag.run("config", "unset", "agent")).toMatchObject({ code: 0 })
    expect((await ag.run("config", "show", "agent.restart.max")).stdout).toBe("agent.restart.max  3\n")
  })

  it.each([
    [["set", "prot", "7"], 'no key "prot". Did you mean "port"?'],
    [["show", "prot"], 'There is no key "prot"'],
    [["set", "port"], "Missing required positional argument"],
  ])("%j is refused, and nothing is made", async (words, says) => {
    const ag = home()
    expect(await ag.run("config", ...words)).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining(says),
    })
    expect((await ag.run("config", "path")).code).toBe(1)
  })

  it("reads a secret from stdin, and shows it nowhere", async () => {
    const ag = home()
    const secret = "a-secret-long-enough-for-this"
    const { command, args, env } = ag.command("config", "set", "auth.token", "-")
    const { status, stdout, stderr } = spawnSync(command, args, { env, input: `${secret}\n`, encoding: "utf8" })
    expect([status, stdout, stderr.includes(secret)]).toEqual([0, "", false])
    expect((await ag.run("config", "show", "auth")).stdout).toBe("auth.token  [hidden]  ~/.aegis/config.yaml:2:10\n")
    expect((await ag.run("config", "show", "--json")).stdout).not.toContain(secret)
  })
})

it("ag doctor looks at everything, with or without a server, and ends with 1 where something has to be done", async () => {
  const ag = home()
  const { code, stdout } = await ag.run("doctor")
  expect([code, stdout.split("\n").length, stdout.includes("does not run; port 0")]).toEqual([0, 10, true])
  await ag.run("server", "start")
  const names = "node configuration,data directory,disk,log,server,agent,policy,audit".replace(" ", ",").split(",")
  const found = (await ag.json("doctor")) as { name: string; state: string }[]
  expect(found.map(({ name, state }) => [name, state])).toEqual(names.map((name) => [name, "ok"]))
  const bad = await ag.with({ AEGIS_AGENT: "nobody" }).run("doctor")
  expect([bad.code, bad.stdout.includes("→ ag config set agent.default claude")]).toEqual([1, true])
})

it.each(["audit.md", "configuration.md"])(
  "the commands of docs/%s work as printed, one after the other",
  async (name) => {
    const page = readFileSync(new URL(`../../../docs/${name}`, import.meta.url), "utf8")
    const commands = [...page.matchAll(/^node apps\/cli\/bin\/ag\.js (.+)$/gm)].map(([, words = ""]) =>
      words.replaceAll("'", "").split(" "),
    )
    expect(commands.length).toBeGreaterThan(3)
    const ag = home()
    await ag.run("run", script("say one"), "--cwd", temporary("work"))
    const place = temporary("files")
    for (const words of commands) {
      const here = words.map((word) => (word.startsWith("trail.") ? join(place, word) : word))
      expect([words, await ag.run(...here)]).toEqual([words, expect.objectContaining({ code: 0 })])
    }
  },
)

describe("one thing done to one session", () => {
  it("is told when it is done, and refused with the server's words when it cannot be", async () => {
    const ag = home()
    await ag.run("run", script("say one"), "--cwd", temporary("work"), "--name", "docs")
    expect((await ag.run("pause", "docs")).stderr).toMatch(/✓ [0-9a-f]{8} is paused; go on with: ag resume/)
    expect(await ag.json("resume", "docs")).toMatchObject({ paused: false })
    expect((await ag.run("escape", "docs")).code).toBe(0)
    expect(await ag.run("interrupt", "docs")).toMatchObject({ code: 1, stderr: expect.stringContaining("not working") })
    expect(await ag.run("restart", "docs")).toMatchObject({ code: 1, stderr: expect.stringContaining("interrupt it") })
  })
})

describe("ag server", () => {
  it("starts once, tells, and stops with every agent", async () => {
    const ag = home()
    expect(await ag.run("server", "status")).toMatchObject({ code: 5 })
    const first = await ag.json("server", "start")
    expect(await ag.json("server", "start")).toEqual({ ...first, isNew: false })
    const { stdout: version } = await ag.run("--version")
    expect(version).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect((await ag.json("server", "status")).version).toBe(version.trim())
    await ag.run("send", (await ag.json("sessions"))[0]?.id ?? "none", "x")
    const { stdout } = await ag.run("run", script("ignore-term", "spawn-daemon", "say up"), "--cwd", temporary("work"))
    expect(stdout).toContain("up")
    expect(processesOf(ag.stateDir).length).toBeGreaterThan(0)
    expect((await ag.run("server", "stop")).stderr).toContain("Stopped.")
    expect(processesOf(ag.stateDir)).toEqual([])
    expect((await ag.run("server", "logs")).stdout).toContain("listening")
  })

  it("that was killed with -9 leaves its agents running, and stop ends them all the same", async () => {
    const ag = home()
    await ag.run("run", script("say up"), "--cwd", temporary("work"))
    process.kill((await ag.json("server", "status")).pid, "SIGKILL")
    await expect.poll(() => processesOf(ag.stateDir).length).toBe(2)
    expect((await ag.run("server", "stop")).stderr).toContain("No server is running.")
    await expect.poll(() => processesOf(ag.stateDir)).toEqual([])
  })

  it("that hangs is not taken for gone: nothing is started beside it, and it is said how to end it", async () => {
    const ag = home()
    const { pid } = await ag.json("server", "start")
    const before = processesOf(ag.stateDir)
    process.kill(pid, "SIGSTOP")
    try {
      const words = [["sessions"], ["server", "stop"], ["run", "x"]]
      for (const ended of await Promise.all(words.map((each) => ag.run(...each))))
        expect(ended).toMatchObject({ code: 5, stdout: "", stderr: expect.stringContaining(`kill -9 ${pid}`) })
      expect(processesOf(ag.stateDir)).toEqual(before)
    } finally {
      process.kill(pid, "SIGCONT")
    }
    expect((await ag.run("sessions")).code).toBe(0)
  })

  it("that was killed with -9 leaves a stale record that nobody trusts, and its sessions go on", async () => {
    const ag = home()
    const cwd = temporary("work")
    await ag.run("run", script("say one"), "--cwd", cwd)
    const { pid } = await ag.json("server", "status")
    process.kill(pid, "SIGKILL")
    expect((await ag.run("run", script("say two"), "--cwd", cwd)).stdout).toBe("two\n")
    expect(await ag.json("sessions")).toHaveLength(1)
  })

  it("does not start with a broken configuration, and says where it is broken", async () => {
    const ag = home({ AEGIS_LOG_LEVEL: "loud" })
    expect(await ag.run("server", "start")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("AEGIS_LOG_LEVEL"),
    })
  })

  it("prints a fresh link to the dashboard each time, and writes none of them down", async () => {
    const ag = home()
    const linkIn = ({ stderr }: { readonly stderr: string }) =>
      /http:\S+\/dashboard\/#code=(\S+)/.exec(stderr)?.[1] ?? ""
    const links = [linkIn(await ag.run("server", "start")), linkIn(await ag.run("server", "status"))]
    const { stderr } = await ag.run("run", script("say hi"), "--cwd", temporary("work"))
    expect(links.map(({ length }) => length > 20)).toEqual([true, true])
    expect(new Set(links).size).toBe(2)
    // A server that runs already was announced when it was started.
    expect(stderr).not.toContain("Dashboard")
    expect((await ag.run("server", "logs")).stdout).not.toContain("#code")
    expect(linkIn(await ag.with({ AEGIS_DASHBOARD_ENABLED: "false" }).run("server", "status"))).toBe("")
  })

  it("gives the token to scripts, once there is one", async () => {
    const ag = home()
    expect((await ag.run("token")).code).toBe(1)
    const { url } = await ag.json("server", "start")
    const token = (await ag.run("token")).stdout.trim()
    const response = await fetch(`${url}/v1/sessions`, { headers: { Authorization: `Bearer ${token}` } })
    expect(response.status).toBe(200)
  })
})

import { execFileSync, spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { processesOf, script, useAg } from "./ag-harness.ts"

const { home, temporary } = useAg()

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

describe("ag diff", () => {
  it("prints what has changed as a patch, and beside it what the patch does not say", async () => {
    const ag = home()
    const work = temporary("work")
    const git = (...words: string[]) =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.org", ...words], { cwd: work })
    git("init", "--quiet")
    git("commit", "--quiet", "--allow-empty", "--message", "empty")
    await ag.run(
      "run",
      script("say Hello.", "write src.txt x", "write b.txt y"),
      "--name",
      "docs",
      "--cwd",
      work,
      "--yes",
    )
    const { code, stdout, stderr } = await ag.run("diff", "docs")
    expect([code, stderr]).toEqual([0, ""])
    expect(stdout).toMatch(/^diff --git a\/b\.txt b\/b\.txt\n.*\ndiff --git a\/src\.txt b\/src\.txt\n.*\n\+x\n/s)
    const { files, patch } = await ag.json("diff", "docs", "--path", "src.txt")
    expect([files.length, files[0].path, stdout.endsWith(patch)]).toEqual([1, "src.txt", true])
    mkdirSync(join(work, "own/.git/objects"), { recursive: true })
    mkdirSync(join(work, "own/.git/refs"))
    writeFileSync(join(work, "own/.git/HEAD"), "ref: refs/heads/main\n")
    writeFileSync(join(work, "token.txt"), `ghp_${"aB3dE5fG7hI9kL1mN3oP5qR7sT9uV1wX3yZ5"}\n`)
    const told = await ag.run("diff", "docs")
    expect(told.stderr).toContain("Not compared: own/ (a repository of its own)\n")
    expect(told.stderr).toContain("What looks like a secret is hidden")
    expect(told.stdout).not.toContain("ghp_")
    expect(await ag.run("diff", "docs", "--path", "none")).toMatchObject({
      code: 0,
      stdout: "",
      stderr: expect.stringContaining("Nothing has changed since "),
    })
    expect((await ag.run("diff", "nothing")).code).toBe(3)
  })
})

describe("ag fork", () => {
  it("begins a session that goes on from another one, and says which it is", async () => {
    const ag = home()
    await ag.run("run", script("say Hello."), "--name", "docs", "--cwd", temporary("work"))
    const { id } = await ag.json("show", "docs")
    const { code, stdout, stderr } = await ag.run("fork", "docs", script("say And on."), "--name", "other way")
    expect([code, stderr]).toEqual([0, expect.stringContaining(`Session other way goes on from ${id.slice(0, 8)}.`)])
    expect(await ag.json("show", stdout.trim())).toMatchObject({ name: "other way", forkedFrom: id })
    expect(await ag.json("fork", "docs")).toMatchObject({ name: "docs (fork)", forkedFrom: id })
    expect((await ag.run("fork", "nothing")).code).toBe(3)
  })
})

describe("ag export", () => {
  it("gives all of a session, on stdout or as a file for its person alone", async () => {
    const ag = home({ AEGIS_RECORD_TRAFFIC: "1" })
    const work = temporary("work")
    const run = (name: string, agent: string) => {
      const words = ["--name", name, "--agent", agent, "--cwd", work, "--yes"]
      return ag.run("run", script("say Hello.", "write a.txt x"), ...words)
    }
    const first = await run("docs", "demo")
    const { code, stdout, stderr } = await ag.run("export", "docs")
    expect([code, stderr]).toEqual([0, ""])
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
    const { seq, hash } = await ag.json("show", "docs")
    expect(events.map(({ type }) => type)).toContain("session.created")
    expect(events.at(-1)).toMatchObject({ seq, hash })
    const out = join(work, "docs.md")
    expect(await ag.run("export", "docs", "--format", "md", "--out", out)).toMatchObject({ code: 0, stdout: "" })
    const told = readFileSync(out, "utf8")
    expect(told).toMatch(/^# ` docs `\n/)
    for (const part of ["\n> Hello.\n", "\n### Tool ` Write ` · "]) expect(told).toContain(part)
    expect(statSync(out).mode & 0o777).toBe(0o600)
    const cassette = join(work, "docs.jsonl")
    expect(await ag.run("export", "docs", "--format", "cassette", "--out", cassette)).toMatchObject({ code: 0 })
    rmSync(join(work, "a.txt"))
    const again = await run("again", "cassette:docs.jsonl")
    expect([again.code, again.stdout]).toEqual([0, first.stdout])
    expect(existsSync(join(work, "a.txt"))).toBe(false)
    expect(await ag.run("export", "docs", "--format", "pdf")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("There are: jsonl, md, cassette."),
    })
    expect((await ag.run("export", "nothing")).code).toBe(3)
    expect((await ag.run("export", "docs", "--out", join(work, "none", "docs.md"))).code).toBe(1)
  })
})

describe("ag memory", () => {
  it("keeps, shows, lists and forgets; a value alone is on stdout", async () => {
    const ag = home()
    await ag.run("server", "start")
    expect(await ag.run("memory", "list")).toMatchObject({
      code: 0,
      stdout: "",
      stderr: expect.stringMatching(/^Nothing/),
    })
    const set = await ag.run("memory", "set", "notes/a", "one\ntwo\u202e", "--ttl", "1h")
    expect([set.code, set.stdout]).toEqual([0, ""])
    expect(set.stderr).toMatch(/^✓ notes\/a is at version 1 until 20\d\d-\d\d-\d\d \d\d:\d\d UTC\.$/m)
    expect((await ag.run("memory", "get", "notes/a")).stdout).toBe("one\ntwo\u202e\n")
    expect(await ag.run("memory", "set", "notes/a", "other", "--if-version", "0")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("there is version 1"),
    })
    expect(await ag.json("memory", "set", "notes/b", "x".repeat(300), "--if-version", "0")).toMatchObject({
      version: 2,
    })
    expect((await ag.run("memory", "list", "notes/")).stdout).toMatch(
      /^notes\/a {2}1 {2}one two\\u\{202e\}\nnotes\/b {2}2 {2}x{60,}…\n$/,
    )
    expect(await ag.json("memory", "list", "notes/b")).toMatchObject([{ key: "notes/b", version: 2 }])
    expect((await ag.run("memory", "delete", "notes/a", "--if-version", "1")).stderr).toContain(
      "✓ notes/a is forgotten.",
    )
    expect(await ag.run("memory", "get", "notes/a")).toMatchObject({
      code: 3,
      stdout: "",
      stderr: expect.stringContaining('Nothing is kept under "notes/a"'),
    })
  })

  it.each([
    [["set", "a/b", "c", "--ttl", "long"], "A duration is written"],
    [["delete", "a/b", "--if-version", "v1"], "is no version"],
  ])("%j is refused before anybody is asked", async (words, says) => {
    expect(await home().run("memory", ...words)).toMatchObject({ code: 2, stderr: expect.stringContaining(says) })
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

it.each(["audit.md", "configuration.md", "memory.md"])(
  "the commands of docs/%s work as printed, one after the other",
  async (name) => {
    const page = readFileSync(new URL(`../../../docs/${name}`, import.meta.url), "utf8")
    const commands = [...page.matchAll(/^node apps\/cli\/bin\/ag\.js (.+)$/gm)].map(([, words = ""]) =>
      [...words.matchAll(/"([^"]*)"|'([^']*)'|\S+/g)].map(([word, double, single]) => double ?? single ?? word),
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

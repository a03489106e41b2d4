import { spawn } from "node:child_process"
import { once } from "node:events"
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { dirname, join } from "node:path"
import { text } from "node:stream/consumers"
import { describe, expect, it } from "vitest"
import { type Ended, useAg } from "./ag-harness.ts"

const { home, temporary } = useAg()

type Ag = ReturnType<typeof home>

const homeOf = (ag: Ag) => dirname(ag.stateDir)
const userSettings = (ag: Ag) => join(homeOf(ag), ".claude", "settings.json")
const json = (path: string) => JSON.parse(readFileSync(path, "utf8"))

/** What Claude Code does with a hook: its command in a shell, the payload on stdin. */
async function runHook(command: string, payload: object, env: Record<string, string> = {}): Promise<Ended> {
  const child = spawn("sh", ["-c", command], { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "pipe"] })
  child.stdin.end(JSON.stringify(payload))
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")])
  return { stdout, stderr, code: code as number }
}

function installed(ag: Ag, event: string): string {
  return json(userSettings(ag)).hooks[event].at(-1).hooks[0].command
}

describe("ag hooks", () => {
  it("shows a Claude Code that was started by hand, and answers what a rule says of its calls", async () => {
    const policy = join(temporary("policy"), "policy.yaml")
    writeFileSync(policy, "version: 1\nrules: [{ id: no-rm, decision: deny, match: { command: rm * } }]\n")
    const ag = home({ AEGIS_POLICY: policy })
    await ag.run("server", "start")
    const { stderr } = await ag.run("hooks", "install")
    expect(stderr).toContain(`Changed ${userSettings(ag)}\n`)
    const secret = readFileSync(join(ag.stateDir, "hook-secret"), "utf8").trim()
    expect(readFileSync(userSettings(ag), "utf8")).not.toContain(secret)
    const cwd = temporary("project")
    const told = { session_id: "by-hand", cwd }
    const silent = { code: 0, stdout: "", stderr: "" }
    // Nothing of Claude's own environment is needed.
    expect(await runHook(installed(ag, "SessionStart"), { ...told, source: "startup" })).toEqual(silent)
    const call = { ...told, tool_name: "Bash", tool_input: { command: "rm a.txt" }, tool_use_id: "t" }
    const denied = await runHook(installed(ag, "PreToolUse"), call)
    expect(JSON.parse(denied.stdout).hookSpecificOutput).toEqual({
      hookEventName: "PreToolUse",
      permissionDecision: "deny",
      permissionDecisionReason: "no-rm: Denied by the rule no-rm.",
    })
    const [session] = await ag.json("sessions")
    expect(session).toMatchObject({ agent: "external", workDir: cwd, status: "working" })
    expect((await ag.run("sessions")).stdout).toMatch(/working +external/)
    await runHook(installed(ag, "Stop"), { ...told, last_assistant_message: "Done as told." })
    await runHook(installed(ag, "SessionEnd"), told)
    const tail = await ag.run("tail", session.id)
    expect(tail.stdout).toBe("Done as told.\n")
    expect(tail.stderr).toContain("no-rm: deny. Denied by the rule no-rm.")
    const sent = await ag.run("send", session.id, "Hello")
    expect([sent.code, sent.stderr]).toEqual([1, expect.stringContaining("only observed")])
  })

  it("puts them into the settings beside what is there, once, and takes them out again", async () => {
    const ag = home()
    const real = join(temporary("dotfiles"), "claude.json")
    const before = { model: "opus", hooks: { Stop: [{ hooks: [{ type: "command", command: "say done" }] }] } }
    writeFileSync(real, JSON.stringify(before))
    chmodSync(real, 0o640)
    mkdirSync(dirname(userSettings(ag)), { recursive: true })
    symlinkSync(real, userSettings(ag))
    await ag.run("hooks", "install")
    const once = readFileSync(real, "utf8")
    expect(JSON.parse(once)).toMatchObject({ model: "opus", hooks: { Stop: [before.hooks.Stop[0], {}] } })
    expect(statSync(real).mode & 0o777).toBe(0o640)
    expect((await ag.run("hooks", "install")).stderr).toContain("is so already")
    expect(readFileSync(real, "utf8")).toBe(once)
    await ag.run("hooks", "uninstall")
    expect(json(real)).toEqual(before)
  })

  it("prints them, and changes nothing; of one folder alone they are in its settings that nobody shares", async () => {
    const ag = home()
    const printed = await ag.run("hooks", "install", "--print")
    expect(Object.keys(JSON.parse(printed.stdout).hooks)).toHaveLength(9)
    expect(() => statSync(userSettings(ag))).toThrow()
    const project = temporary("project")
    const { command, args, env } = ag.command("hooks", "install", "--project")
    await once(spawn(command, args, { env, cwd: project, stdio: "ignore" }), "close")
    expect(Object.keys(json(join(project, ".claude", "settings.local.json")).hooks)).toHaveLength(9)
    expect(() => statSync(userSettings(ag))).toThrow()
  })

  it("leaves settings alone that it cannot read", async () => {
    const ag = home()
    mkdirSync(dirname(userSettings(ag)), { recursive: true })
    for (const text of ['{ "hooks": // mine', "[]", '{ "hooks": { "Stop": "x" } }', '{ "hooks": 7 }']) {
      writeFileSync(userSettings(ag), text)
      const { code, stderr } = await ag.run("hooks", "install")
      expect([text, code, stderr]).toEqual([text, 1, expect.stringContaining("stays as it is")])
      expect(readFileSync(userSettings(ag), "utf8")).toBe(text)
    }
  })
})

describe("a hook", () => {
  it("says nothing and ends well where no server is, or what it gets is nonsense", async () => {
    const ag = home()
    await ag.run("hooks", "install")
    const silent = { code: 0, stdout: "", stderr: "" }
    const stop = installed(ag, "Stop")
    expect(await runHook(stop, {})).toEqual(silent)
    await ag.run("server", "start")
    expect(await runHook(stop, { nonsense: true })).toEqual(silent)
    expect(await runHook(stop.replace("Stop", "Tomorrow"), {})).toEqual(silent)
    // To Claude, the exit code of wrong usage would be a no.
    expect(await runHook(stop.replace("--state", "--stat"), {})).toEqual(silent)
    await ag.run("server", "stop")
    expect(await runHook(stop, {})).toEqual(silent)
  })

  it("tells its secret to nobody but the server that lives", async () => {
    const ag = home()
    await ag.run("server", "start")
    await ag.run("server", "stop")
    await ag.run("hooks", "install")
    const seen: unknown[] = []
    const stranger = createServer((request, response) => {
      seen.push(request.headers)
      response.end("{}")
    }).listen(0, "127.0.0.1")
    await once(stranger, "listening")
    const url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`
    // A process that has ended: its number is nobody's.
    const gone = spawn("true")
    await once(gone, "close")
    writeFileSync(join(ag.stateDir, "server.json"), JSON.stringify({ url, pid: gone.pid, startedAt: "" }))
    expect(await runHook(installed(ag, "Stop"), {})).toEqual({ code: 0, stdout: "", stderr: "" })
    stranger.close()
    expect(seen).toEqual([])
  })

  it("of an agent of ours, which may run nothing else of ag, is told with its run", async () => {
    const ag = home()
    await ag.run("server", "start")
    await ag.run("hooks", "install")
    const marked = { AEGIS_AGENT_RUN: "host:some-run" }
    const told = { session_id: "driven", cwd: "/" }
    expect(await runHook(installed(ag, "Stop"), told, marked)).toEqual({ code: 0, stdout: "", stderr: "" })
    // That run is nobody's here, so nothing is made of it.
    expect(await ag.json("sessions")).toEqual([])
    await runHook(installed(ag, "Stop"), told)
    expect(await ag.json("sessions")).toHaveLength(1)
  })
})

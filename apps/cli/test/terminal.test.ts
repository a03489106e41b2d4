import { existsSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { script, useAg } from "./ag-harness.ts"

const { home, temporary } = useAg()
type Home = ReturnType<ReturnType<typeof useAg>["home"]>

// A terminal of its own comes from `script` of util-linux.
describe.skipIf(process.platform !== "linux")("in a terminal", () => {
  it("ag run asks, shows all of it, decides nothing by a slip, and takes answers by their number", async () => {
    const ag = home()
    const cwd = temporary("work")
    const terminal = ag.terminal("run", script("write a.txt hi", "ask Which? | Red | Blue", "say Done."), "--cwd", cwd)
    await terminal.until("Allow? [Y/n/a=always/d=details]")
    terminal.type("d\r")
    await terminal.until("SHA-256 ")
    terminal.type("maybe\r")
    await terminal.until("nothing was decided")
    expect(existsSync(join(cwd, "a.txt"))).toBe(false)
    terminal.type("y\r")
    await terminal.until("Which?")
    await terminal.until("1-2, empty declines")
    expect(existsSync(join(cwd, "a.txt"))).toBe(true)
    terminal.type("2\r")
    await terminal.until("Done.")
    expect(await terminal.ended).toBe(0)
    const [{ id }] = await ag.json("sessions")
    await ag.run("kill", id)
    expect((await ag.run("tail", id, "--json")).stdout).toContain('"content":{"choice":"Blue"}')
  })

  it("ag run asks once about what is allowed always", async () => {
    const ag = home()
    const terminal = ag.terminal("run", script("run echo hi", "run echo hi", "say Done."), "--cwd", temporary("work"))
    await terminal.until("Allow? [Y/n/a=always/d=details]")
    terminal.type("a\r")
    await terminal.until("Done.")
    expect(await terminal.ended).toBe(0)
  })

  it("ag demo lets its person decide, and says how to stop the server that stays, and where the dashboard is", async () => {
    const ag = home()
    const terminal = ag.terminal("demo")
    await terminal.until("fresh sample folder: ")
    await terminal.until("Write AEGIS-DEMO.md")
    await terminal.until("Allow?")
    terminal.type("\r")
    await terminal.until("What shall I look at next?")
    await terminal.until("empty declines")
    terminal.type("1\r")
    await terminal.until("The server stays. To stop it: ")
    await terminal.until("/dashboard/#code=")
    expect(await terminal.ended).toBe(0)
    expect(await ag.json("server", "status")).toMatchObject({ running: true, sessions: { idle: 1 } })
    const [, folder = ""] = /fresh sample folder: (\S+)/.exec(terminal.seen) ?? []
    expect(readFileSync(join(folder, "AEGIS-DEMO.md"), "utf8")).toContain("What the demo agent saw")
    rmSync(folder, { recursive: true })
  })

  it("ag run gives way when another door answers, and says who did", async () => {
    const ag = home()
    const terminal = ag.terminal(
      "run",
      script("write a.txt hi", "say Done."),
      "--cwd",
      temporary("work"),
      "--name",
      "here",
    )
    await terminal.until("Allow?")
    await ag.run("approve", "here")
    await terminal.until("approved by local (rest)")
    await terminal.until("Done.")
    expect(await terminal.ended).toBe(0)
  })

  it("Ctrl+C at a prompt interrupts the turn, which takes the question back", async () => {
    const ag = home()
    const cwd = temporary("work")
    const terminal = ag.terminal("run", script("write a.txt hi"), "--cwd", cwd)
    await terminal.until("Allow?")
    terminal.type("\u0003")
    await terminal.until("Interrupting.")
    await terminal.until("withdrawn")
    expect(await terminal.ended).toBe(130)
    expect((await ag.json("sessions"))[0].status).toBe("idle")
    expect(existsSync(join(cwd, "a.txt"))).toBe(false)
  })

  it("Ctrl+C twice leaves, and the turn goes on without it", async () => {
    const ag = home()
    const terminal = ag.terminal("run", script("say Working", "wait"), "--cwd", temporary("work"), "--name", "deaf")
    await terminal.until("Working")
    for await (const { type, data } of ag.events("tail", "deaf")) {
      if (type !== "agent.started") continue
      // It hears nothing any more, not even that it is cancelled.
      process.kill(data.pid as number, "SIGSTOP")
      break
    }
    terminal.type("\u0003")
    await terminal.until("once more leaves")
    terminal.type("\u0003")
    expect(await terminal.ended).toBe(130)
    expect((await ag.json("sessions"))[0].status).toBe("working")
  })

  it.each([
    ["was killed", (_: Home, pid: number) => void process.kill(pid, "SIGKILL")],
    ["was told to keep its agents", (ag: Home) => ag.run("server", "stop", "--keep-agents")],
  ] as const)("ag run says that a server that %s is gone and back, and the agent goes on", async (_, end) => {
    const ag = home()
    const cwd = temporary("work")
    const terminal = ag.terminal("run", script("say Working", "write a.txt x", "say Done."), "--cwd", cwd)
    await terminal.until("Allow?")
    const { pid, url } = await ag.json("server", "status")
    await end(ag, pid)
    await terminal.until("The server is gone")
    await ag.with({ AEGIS_PORT: new URL(url).port }).run("server", "start")
    await terminal.until("The server is back.")
    terminal.type("y\r")
    await terminal.until("Done.")
    expect([await terminal.ended, readFileSync(join(cwd, "a.txt"), "utf8")]).toEqual([0, "x"])
  })
})

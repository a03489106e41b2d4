import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { ada, bo, demo, demoArgs, text } from "./aegis-callers.ts"
import { isType, script, textOf, until, useAegis } from "./aegis-harness.ts"

const { open, temporary } = useAegis()

/** The demo agent, which notes how its sessions are opened. */
function listening(...flags: string[]) {
  const file = join(temporary("heard"), "frames")
  const words = [process.execPath, ...demoArgs(...flags)].map((word) => `'${word}'`).join(" ")
  const agents = { listening: { command: "sh", args: ["-c", `tee -a '${file}' | ${words}`] } }
  const opened = () =>
    readFileSync(file, "utf8")
      .split("\n")
      .flatMap((line) => (line.includes('"session/') ? [JSON.parse(line) as Frame] : []))
      .filter(({ method }) => /^session\/(new|fork|resume|load)$/.test(method))
      .map(({ method, params }) => [method, params.sessionId])
  return { agents, opened }
}

interface Frame {
  readonly method: string
  readonly params: { readonly sessionId?: string }
}

async function readyOf(aegis: Awaited<ReturnType<typeof open>>, id: string) {
  const entries = await until(aegis, id, isType("session.ready"))
  const [ready] = entries.flatMap(({ event }) => (event.type === "session.ready" ? [event.data] : []))
  return ready
}

describe("a fork", () => {
  it("goes on from what its source's agent knows, as it was set, and from then on by itself", async () => {
    const stateDir = temporary("state")
    const { agents, opened } = listening()
    const aegis = await open({ stateDir, agents })
    const wish = { agent: "listening", permissionMode: "acceptEdits", labels: { team: "a" }, name: "first" }
    const set = { model: "demo-large", options: { effort: "high" } }
    const { session } = await aegis.createSession(ada, demo(temporary("work"), script("say one"), { ...wish, ...set }))
    await until(aegis, session.id, isType("turn.ended"))
    const source = await readyOf(aegis, session.id)
    const once = { ...bo, idempotency: { key: "bo fork", fingerprint: "f" } }
    const forked = await aegis.forkSession(once, session.id, { prompt: script("options") })
    expect(forked).toMatchObject({
      reused: false,
      session: {
        ...wish,
        ...set,
        name: "first (fork)",
        workDir: session.workDir,
        forkedFrom: session.id,
        owner: { userId: "bo" },
      },
    })
    const { id } = forked.session
    expect(textOf(await until(aegis, id, isType("turn.ended")))).toContain("model demo-large, thinking high")
    const own = await readyOf(aegis, id)
    expect(own).toMatchObject({ restored: "forked" })
    expect(own?.agentSessionId).not.toBe(source?.agentSessionId)
    expect(opened()).toEqual([
      ["session/new", undefined],
      ["session/fork", source?.agentSessionId],
    ])
    expect((await aegis.forkSession(once, session.id, {})).session.id).toBe(id)
    await aegis.close()
    // What it has said itself it goes on from, and nobody else's.
    const next = await open({ stateDir, agents })
    await next.send(bo, id, text(script("say two")))
    await until(next, id, isType("turn.ended"), 2)
    expect(opened().at(-1)).toEqual(["session/resume", own?.agentSessionId])
    const { session: third } = await next.forkSession(ada, id, { name: "third" })
    await readyOf(next, third.id)
    expect(opened().at(-1)).toEqual(["session/fork", own?.agentSessionId])
  })

  it("that has had no prompt is forked anew by its next process, and is no source itself", async () => {
    const { agents, opened } = listening()
    const stateDir = temporary("state")
    const aegis = await open({ stateDir, agents })
    const { session } = await aegis.createSession(
      ada,
      demo(temporary("work"), script("say one"), { agent: "listening" }),
    )
    await until(aegis, session.id, isType("turn.ended"))
    const { session: forked } = await aegis.forkSession(ada, session.id, {})
    await readyOf(aegis, forked.id)
    await expect(aegis.forkSession(ada, forked.id, {})).rejects.toMatchObject({ code: "not-forkable" })
    await aegis.close()
    const next = await open({ stateDir, agents })
    await next.send(ada, forked.id, text(script("say two")))
    const entries = await until(next, forked.id, isType("turn.ended"))
    expect(opened().map(([method]) => method)).toEqual(["session/new", "session/fork", "session/fork"])
    // Nothing of it was lost: there was nothing.
    expect(entries.some(({ event }) => event.type === "session.recovered")).toBe(false)
  })

  it("is made of one that has ended, and not of one that works, waits, or whose agent cannot", async () => {
    const { agents } = listening("--no-fork")
    const aegis = await open({ agents })
    const begin = (prompt?: string, agent = "demo") =>
      aegis.createSession(ada, demo(temporary("work"), prompt, { agent })).then(({ session }) => session.id)
    const busy = await begin(script("wait"))
    await until(aegis, busy, isType("turn.started"))
    await expect(aegis.forkSession(ada, busy, {})).rejects.toMatchObject({ code: "turn-busy" })
    const silent = await begin()
    await until(aegis, silent, isType("session.ready"))
    await expect(aegis.forkSession(ada, silent, {})).rejects.toMatchObject({ code: "not-forkable" })
    const unable = await begin(script("say one"), "listening")
    await until(aegis, unable, isType("turn.ended"))
    await expect(aegis.forkSession(ada, unable, {})).rejects.toMatchObject({
      code: "not-forkable",
      message: expect.stringContaining("cannot begin a session"),
    })
    await expect(aegis.forkSession(ada, "nothing", {})).rejects.toMatchObject({ code: "session-not-found" })
    const ended = await begin(script("say one"))
    await until(aegis, ended, isType("turn.ended"))
    await aegis.kill(ada, ended)
    const { session } = await aegis.forkSession(ada, ended, {})
    expect(await readyOf(aegis, session.id)).toMatchObject({ restored: "forked" })
  })
})

import { describe, expect, it } from "vitest"
import { optionWishes } from "../src/agent-options.ts"
import { ada, demo, demoArgs, text } from "./aegis-callers.ts"
import { isType, script, textOf, until, useAegis } from "./aegis-harness.ts"
import { PlayedSession, ready, started } from "./session-moves.ts"

const { open, temporary } = useAegis()
const told = script("options")
const before = "model demo-small, thinking medium, terse false"

/** A session that has said what its agent's options are. */
async function spoken(aegis: Awaited<ReturnType<typeof open>>, wish: Parameters<typeof demo>[2] = {}) {
  const { session } = await aegis.createSession(ada, demo(temporary("work"), told, wish))
  const entries = await until(aegis, session.id, isType("turn.ended"))
  const say = async (turns: number) => {
    await aegis.send(ada, session.id, text(told))
    return textOf(await until(aegis, session.id, isType("turn.ended"), turns))
  }
  const set = (options: Readonly<Record<string, string | boolean>>, wish = {}) =>
    aegis.setOptions(ada, session.id, { options, mayChangeAll: true, ...wish })
  return { id: session.id, said: textOf(entries), say, set }
}

describe("a session's options", () => {
  it("are its agent's from the next turn on, and after a restart of the server", async () => {
    const stateDir = temporary("state")
    const aegis = await open({ stateDir })
    const { id, said, say, set } = await spoken(aegis)
    expect(said).toBe(before)
    expect((await aegis.getOptions(id)).options).toEqual({})
    const changed = await set({ terse: true, effort: "high", model: "demo-large" })
    expect(changed).toMatchObject({ version: 2, model: "demo-large", options: { terse: true, effort: "high" } })
    const after = "model demo-large, thinking high, terse true"
    expect(await say(2)).toBe(before + after)
    expect(await aegis.getOptions(id)).toMatchObject({
      options: { model: "demo-large", effort: "high", terse: true },
      offered: [
        { id: "model", current: "demo-large" },
        { id: "thinking", current: "high" },
        { id: "terse", current: true },
      ],
    })
    await aegis.close()
    const next = await open({ stateDir })
    await next.send(ada, id, text(told))
    expect(textOf(await until(next, id, isType("turn.ended"), 3))).toBe(before + after + after)
    // What is not named is as the agent has it by itself.
    expect(await next.setOptions(ada, id, { options: {}, mayChangeAll: true })).not.toHaveProperty("model")
    await next.send(ada, id, text(told))
    expect(textOf(await until(next, id, isType("turn.ended"), 4))).toBe(before + after + after + before)
    expect((await next.listSessions({ tenantId: "home", limit: 1 }))[0]).toMatchObject({ model: null })
  })

  it("that are what they were change nothing, and the agent stays", async () => {
    const aegis = await open()
    const { id, set, say } = await spoken(aegis, { options: { effort: "low" } })
    expect(await set({ effort: "low" })).toMatchObject({ version: 1, parked: false })
    await say(2)
    const entries = await until(aegis, id, isType("turn.ended"), 2)
    expect(entries.filter(({ event }) => event.type === "agent.started")).toHaveLength(1)
  })

  it("are one agent's as it offers them, and its mode is none of them", async () => {
    const { set } = await spoken(await open())
    const refusals: readonly (readonly [Readonly<Record<string, string | boolean>>, string])[] = [
      [{ model: "huge" }, 'no model "huge"; it offers demo-small, demo-large'],
      [{ effort: true }, 'no effort "true"; it offers low, medium, high'],
      [{ terse: "yes" }, '"terse" is true or false, and not "yes"'],
      [{ speed: "high" }, 'no option "speed"; it has model, thinking, terse'],
      [{ effort: "low", thinking: "high" }, '"thinking" names an option that another name stands for'],
    ]
    for (const [options, message] of refusals)
      await expect(set(options)).rejects.toMatchObject({
        code: "option-not-allowed",
        message: expect.stringContaining(message),
      })
    await expect(set({ mode: "acceptEdits" })).rejects.toMatchObject({ code: "option-not-allowed" })
  })

  it("of which nobody knows what they lead to are only for who may approve", async () => {
    const { set } = await spoken(await open())
    const some = { mayChangeAll: false }
    await expect(set({ terse: true }, some)).rejects.toMatchObject({ code: "option-restricted" })
    await set({ terse: true })
    // To take it away is to change it.
    await expect(set({}, some)).rejects.toMatchObject({ code: "option-restricted" })
    expect(await set({ terse: true, thinking: "low" }, some)).toMatchObject({
      options: { terse: true, thinking: "low" },
    })
  })

  it("are set for who has read what they are, once", async () => {
    const aegis = await open()
    const { id, set } = await spoken(aegis)
    const once = { ...ada, idempotency: { key: "ada options", fingerprint: "f" } }
    const wish = { options: { terse: true }, mayChangeAll: true, ifVersion: 1 }
    await aegis.setOptions(once, id, wish)
    await set({ effort: "low" })
    // Whatever they may do by now.
    expect(await aegis.setOptions(once, id, { ...wish, mayChangeAll: false })).toMatchObject({
      version: 3,
      options: { effort: "low" },
    })
    await expect(set({ effort: "medium" }, { ifVersion: 1 })).rejects.toMatchObject({ code: "version-mismatch" })
    await aegis.kill(ada, id)
    await expect(set({ effort: "medium" })).rejects.toMatchObject({ code: "session-ended" })
  })

  it("stay with an agent that could not come back", async () => {
    const forgetful = {
      command: process.execPath,
      args: ["--conditions=@aegis/source", ...demoArgs("--no-resume", "--no-load")],
    }
    const { set } = await spoken(await open({ agents: { forgetful } }), { agent: "forgetful" })
    await expect(set({ effort: "high" })).rejects.toMatchObject({ code: "options-fixed" })
  })

  it("that its agent does not offer after all are what its start says", async () => {
    const aegis = await open()
    const { session } = await aegis.createSession(
      ada,
      demo(temporary("work"), told, { options: { effort: "extreme" } }),
    )
    await until(aegis, session.id, isType("agent.exited"))
    expect(await aegis.getSession(session.id)).toMatchObject({
      status: "error",
      failure: { code: "option-refused", message: 'The agent has no effort "extreme"; it offers low, medium, high.' },
    })
    const set = (options: Readonly<Record<string, string>>) =>
      aegis.setOptions(ada, session.id, { options, mayChangeAll: false })
    await set({ effort: "high" })
    await aegis.send(ada, session.id, text(told))
    expect(textOf(await until(aegis, session.id, isType("turn.ended"), 2))).toContain("thinking high")
  })

  it("of another model nobody knows yet: its start says so", async () => {
    const aegis = await open()
    const { id, set } = await spoken(aegis)
    await set({ model: "demo-large", effort: "extreme" })
    await aegis.send(ada, id, text(told))
    await until(aegis, id, isType("agent.exited"), 2)
    expect(await aegis.getSession(id)).toMatchObject({ failure: { code: "option-refused" } })
  })

  it("are another session's where somebody asks for others", async () => {
    const aegis = await open()
    const workDir = temporary("work")
    const begin = (options?: Readonly<Record<string, string>>) =>
      aegis.createSession(ada, demo(workDir, undefined, { options }))
    const { session } = await begin({ effort: "high" })
    await until(aegis, session.id, isType("session.ready"))
    expect((await begin()).session.id).not.toBe(session.id)
    expect((await begin({ effort: "high" })).session.id).toBe(session.id)
  })

  it("that its agent offers anew are the ones that there are", () => {
    const session = new PlayedSession()
    session.play(started("run-1"))
    session.say(ready)
    const option = { id: "speed", name: "Speed", type: "boolean", choices: [] }
    session.say({ type: "options", options: [option] })
    expect(session.now.offered).toEqual([option])
  })

  it("are told with the model first: what is offered may depend on it", () => {
    expect(optionWishes({ effort: "high", model: "m" }).map(({ id }) => id)).toEqual(["model", "effort"])
  })
})

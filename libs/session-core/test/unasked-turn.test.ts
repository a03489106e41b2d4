import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { ada, demo } from "./aegis-callers.ts"
import { isType, script, textOf, until, useAegis } from "./aegis-harness.ts"

const { open, temporary } = useAegis()

describe("an agent that works without a prompt", () => {
  it("has a turn of its own, is not taken for idle, asks as ever, and is idle when it has been quiet", async () => {
    const aegis = await open({ settings: { quietMs: 50 } })
    const workDir = temporary("work")
    const prompt = script("say At once.", "later", "write late.txt Late!", "say That was it.")
    const { session } = await aegis.createSession(ada, demo(workDir, prompt))
    const asked = await until(aegis, session.id, isType("approval.requested"))
    expect(asked.filter(({ type }) => type === "turn.started").map(({ event }) => event.data)).toMatchObject([
      { origin: "prompt" },
      { origin: "agent" },
    ])
    const other = await aegis.createSession(ada, demo(workDir, script("say Mine.")))
    expect(other.reused).toBe(false)
    await aegis.vote(ada, session.id, { choice: "approve" })
    const entries = await until(aegis, session.id, isType("turn.ended"), 2)
    expect(textOf(entries)).toMatch(/^At once[.].*That was it[.]$/)
    expect(readFileSync(join(workDir, "late.txt"), "utf8")).toBe("Late!")
    expect(await aegis.getSession(session.id)).toMatchObject({ status: "idle" })
  })

  it("gives way to the next prompt at once", async () => {
    const aegis = await open({ settings: { quietMs: 60_000, deliveryWaitMs: 60_000 } })
    const { session } = await aegis.createSession(ada, demo(temporary("work"), script("later", "say Humming.")))
    await until(aegis, session.id, isType("message.delta"))
    const sent = await aegis.send(ada, session.id, { content: [{ type: "text", text: script("say Yes?") }] })
    expect(sent).toMatchObject({ queued: false, delivered: true })
    const entries = await until(aegis, session.id, isType("turn.ended"), 3)
    expect(entries.filter(({ type }) => type === "turn.ended").map(({ event }) => event.turnId)).toContain(sent.turnId)
  })

  it("is stopped when it does not heed an interrupt", async () => {
    const aegis = await open({ settings: { quietMs: 60_000, interruptGraceMs: 100 } })
    const { session } = await aegis.createSession(ada, demo(temporary("work"), script("later", "say Humming.")))
    await until(aegis, session.id, isType("message.delta"))
    await aegis.interrupt(ada, session.id)
    const entries = await until(aegis, session.id, isType("agent.exited"))
    expect(entries.at(-2)?.event).toMatchObject({ type: "turn.ended", data: { stopReason: "cancelled" } })
  })
})

import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { ada, demo } from "./aegis-callers.ts"
import { isType, markedProcesses, script, until, useAegis } from "./aegis-harness.ts"

const { open, temporary } = useAegis()

describe("a prompt that may be repeated", () => {
  it("goes to the next process when the first one dies in the middle of it", async () => {
    const aegis = await open({ settings: { agentRestart: { max: 3, backoffMs: 1 } } })
    const { session } = await aegis.createSession(ada, demo(temporary("work"), script("say Ready.")))
    await until(aegis, session.id, isType("turn.ended"))
    const workDir = session.workDir
    const content = [{ type: "text", text: script("write once.txt x", "say Done.") }]
    await aegis.send(ada, session.id, { content, retryTurn: true })
    await until(aegis, session.id, isType("approval.requested"))
    const [run] = (await until(aegis, session.id, isType("agent.started"))).slice(-1)
    if (run?.event.type !== "agent.started") throw new Error("No agent was started.")
    for (const pid of markedProcesses(run.event.data.runId)) process.kill(Number(pid), "SIGKILL")
    await until(aegis, session.id, isType("approval.requested"), 2)
    await aegis.vote(ada, session.id, { choice: "approve" })
    const entries = await until(aegis, session.id, isType("turn.ended"), 3)
    expect(entries.filter(({ type }) => type === "turn.ended").map(({ event }) => event.data)).toMatchObject([
      { stopReason: "end_turn" },
      { error: { code: "agent_crashed" } },
      { stopReason: "end_turn" },
    ])
    expect(readFileSync(join(workDir, "once.txt"), "utf8")).toBe("x")
  })
})

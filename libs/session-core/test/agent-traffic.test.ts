import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { toCassetteLine } from "@aegis/acp-runtime/node"
import { describe, expect, it } from "vitest"
import type { OpenedAegis } from "../src/node.ts"
import { ada, demo, text } from "./aegis-callers.ts"
import { isType, script, textOf, until, useAegis } from "./aegis-harness.ts"

const { open, temporary } = useAegis()

const prompts = [script("say One.", "later", "say Unasked."), script("say Two.")]

/** Two prompts, with work that nobody asked for after the first; parked between them where that is soon. */
async function work(aegis: OpenedAegis, workDir: string, { agent, isParked }: { agent: string; isParked: boolean }) {
  const { session } = await aegis.createSession(ada, demo(workDir, prompts[0], { agent }))
  await until(aegis, session.id, isType(isParked ? "agent.exited" : "turn.ended"), isParked ? 1 : 2)
  await aegis.send(ada, session.id, text(prompts[1] ?? ""))
  const entries = await until(aegis, session.id, isType("turn.ended"), 3)
  return { id: session.id, said: textOf(entries) }
}

describe("what a session and its agent have said", () => {
  it("is kept run by run, and played again: parked where it was, or not at all", async () => {
    const workDir = temporary("work")
    const parks = { settings: { quietMs: 20, parkAfterMs: 300 } }
    const aegis = await open({ recordTraffic: true, ...parks })
    const { id, said } = await work(aegis, workDir, { agent: "demo", isParked: true })
    const { runs, ready, lines } = await aegis.readTraffic(id)
    expect(runs[0]).toEqual({ ended: "stopped" })
    expect([runs.length, ready]).toMatchObject([2, { agentName: "aegis-demo", restored: "resumed" }])
    const at = "2026-01-02T03:04:05.678Z"
    const transcript = { messages: 0, sha256: "0".repeat(64) }
    const header = {
      format: "aegis-cassette",
      version: 1,
      at,
      agent: { name: "demo" },
      protocolVersion: 1,
      transcript,
      runs,
    }
    const cassette = [JSON.stringify(header)]
    for await (const { run, from, text } of lines) cassette.push(toCassetteLine({ run, at, from }, text))
    writeFileSync(join(workDir, "it.jsonl"), cassette.join("\n"))
    for (const [isParked, settings] of [
      [true, parks.settings],
      [false, { quietMs: 20 }],
    ] as const) {
      const other = await open({ settings })
      expect(await work(other, workDir, { agent: "cassette:it.jsonl", isParked })).toMatchObject({ said })
    }
  })
})

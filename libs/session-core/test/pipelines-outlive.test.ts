import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"
import type { PipelineStage } from "../src/events.ts"
import type { PipelineEvent } from "../src/pipeline-state.ts"
import { ada } from "./aegis-callers.ts"
import { script, useAegis } from "./aegis-harness.ts"

const { open, temporary } = useAegis()

interface Seen {
  readonly seq: number
  readonly event: PipelineEvent
}

/** A core in a process of its own, killed with -9 at the `count`th event that it prints. */
async function killAt(count: number, words: readonly string[]) {
  const program = fileURLToPath(new URL("fixtures/pipeline-until-killed.ts", import.meta.url))
  const flags = ["--conditions=@aegis/source", "--disable-warning=ExperimentalWarning"]
  const child = spawn(process.execPath, [...flags, program, ...words], { stdio: ["ignore", "pipe", "inherit"] })
  const seen: Seen[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    seen.push(JSON.parse(line) as Seen)
    if (seen.length === count) child.kill("SIGKILL")
  }
  if (child.signalCode === null) await once(child, "exit")
  expect(child.signalCode).toBe("SIGKILL")
  return seen
}

it("of 20 stages that is killed five times with -9 is done in the end, and each stage ran once", async () => {
  const [stateDir, workDir] = [temporary("state"), temporary("work")]
  const stages = Array.from({ length: 20 }, (_, index): PipelineStage => {
    const before = index < 2 ? [] : [`s${index - 2}`]
    const said = before.map((name) => `{{stages.${name}.output}}`).join("")
    return {
      name: `s${index}`,
      prompt: script(`say ${said}.${index}`),
      dependsOn: before,
      onFailure: "stop",
      retries: 0,
      agent: "demo",
      permissionMode: "default",
      workDir,
    }
  })
  let wish = [JSON.stringify({ name: "long", stages })]
  let after = 0
  const seen: Seen[] = []
  for (const count of [2, 7, 6, 5, 8]) {
    const more = await killAt(count, [stateDir, String(after), ...wish])
    seen.push(...more)
    after = more.at(-1)?.seq ?? after
    wish = []
  }
  const pipelineId = seen[0]?.event.data.pipelineId ?? ""

  const aegis = await open({ stateDir, agentHost: "detached" })
  for await (const page of aegis.tail({ after: 0 }))
    if (page.some(({ event }) => event.type === "pipeline.ended")) break
  const pipeline = await aegis.pipelines.get(pipelineId)
  expect(pipeline.status).toBe("completed")
  const said = (index: number): string => `${index < 2 ? "" : said(index - 2)}.${index}`
  expect(pipeline.stages.map(({ output, attempts }) => [output, attempts])).toEqual(
    stages.map((_, index) => [said(index), 1]),
  )
  const sessions = await aegis.listSessions({ ...ada.owner, limit: 50 })
  expect(sessions).toHaveLength(20)
  for (const { sessionId } of sessions) {
    const events = await aegis.readEvents({ stream: sessionId, after: 0, limit: 1000 })
    const types = events.map(({ event }) => event.type)
    for (const type of ["session.created", "turn.requested", "turn.ended", "session.completed"] as const)
      expect([type, types.filter((each) => each === type).length]).toEqual([type, 1])
  }
})

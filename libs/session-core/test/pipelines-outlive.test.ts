import { expect, it } from "vitest"
import type { PipelineStage } from "../src/events.ts"
import { isPipelineEvent } from "../src/pipeline-state.ts"
import { ada } from "./aegis-callers.ts"
import { script, useAegis } from "./aegis-harness.ts"
import { killAt } from "./kill-at.ts"

const { open, temporary } = useAegis()

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
  let after = 0
  let pipelineId = ""
  for (const count of [2, 7, 6, 5, 8]) {
    const begun = after === 0 ? { pipeline: { name: "long", stages } } : {}
    const seen = await killAt((_, index) => index + 1 === count, { stateDir, after, ...begun })
    after = seen.at(-1)?.seq ?? after
    pipelineId = seen.map(({ event }) => event).find(isPipelineEvent)?.data.pipelineId ?? pipelineId
  }

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

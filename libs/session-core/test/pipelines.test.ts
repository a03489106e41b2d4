import { rmSync, writeFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import type { PipelineStage } from "../src/events.ts"
import type { Aegis } from "../src/index.ts"
import { ada } from "./aegis-callers.ts"
import { isType, script, until, useAegis } from "./aegis-harness.ts"

const { open, temporary } = useAegis()

function stage(name: string, prompt: string, more: Partial<PipelineStage> = {}): PipelineStage {
  const place = { agent: "demo", permissionMode: "default", workDir: temporary("work") }
  return { name, prompt, ...place, dependsOn: [], onFailure: "stop", retries: 0, ...more }
}

async function ended(aegis: Aegis, pipelineId: string) {
  for await (const page of aegis.tail({ after: 0 }))
    if (page.some(({ event }) => event.type === "pipeline.ended" && event.data.pipelineId === pipelineId))
      return aegis.pipelines.get(pipelineId)
  throw new Error("The log ended before the pipeline.")
}

const statuses = (pipeline: Awaited<ReturnType<typeof ended>>) =>
  Object.fromEntries(pipeline.stages.map(({ name, status }) => [name, status]))

describe("a pipeline", () => {
  it("begins each stage when those before it are done, with what they have said, and is done when all are", async () => {
    const aegis = await open()
    const { pipelineId, stages } = await aegis.pipelines.create(ada, {
      name: "diamond",
      stages: [
        stage("end", script("say {{stages.left.output}}+{{ stages.right.output }}"), { dependsOn: ["left", "right"] }),
        stage("left", script("say {{stages.start.output}}L"), { dependsOn: ["start"] }),
        stage("right", script("say {{stages.start.output}}R"), { dependsOn: ["start"] }),
        stage("start", script("say S")),
      ],
    })
    expect(stages.map(({ status, attempts }) => [status, attempts])).toEqual(stages.map(() => ["pending", 0]))
    const pipeline = await ended(aegis, pipelineId)
    expect(pipeline).toMatchObject({ name: "diamond", status: "completed", reason: "Its stages are done." })
    expect(pipeline.stages.map(({ name, output, attempts }) => [name, output, attempts])).toEqual([
      ["end", "SL+SR", 1],
      ["left", "SL", 1],
      ["right", "SR", 1],
      ["start", "S", 1],
    ])
    for (const { name, sessionId = "" } of pipeline.stages) {
      const session = await aegis.getSession(sessionId)
      expect(session).toMatchObject({
        name: `diamond / ${name}`,
        status: "completed",
        owner: ada.owner,
        pipeline: { pipelineId, stage: name, attempt: 1 },
      })
    }
  })

  it("is over when a stage fails: the others that run end, and no other begins", async () => {
    const aegis = await open()
    const [prompt, late] = [script("say out", "exit 3"), script("ask Go on? | yes | no", "say done")]
    const { pipelineId, stages } = await aegis.pipelines.create(ada, {
      name: "failing",
      stages: [stage("a", prompt), stage("b", late), stage("c", script("say c"), { dependsOn: ["a"] })],
    })
    expect(stages).toHaveLength(3)
    await expect
      .poll(async () => statuses(await aegis.pipelines.get(pipelineId)))
      .toMatchObject({ a: "failed", c: "skipped" })
    const running = await aegis.pipelines.get(pipelineId)
    expect([running.status, running.stages[1]?.status]).toEqual(["running", "running"])
    const sessionId = running.stages[1]?.sessionId ?? ""
    await until(aegis, sessionId, isType("question.asked"))
    await aegis.answer(ada, sessionId, { action: "decline" })
    const pipeline = await ended(aegis, pipelineId)
    expect([pipeline.status, pipeline.reason, statuses(pipeline)]).toEqual([
      "failed",
      "Failed: a.",
      { a: "failed", b: "completed", c: "skipped" },
    ])
    expect(pipeline.stages[0]).toMatchObject({ output: "out", error: { code: "agent_crashed" } })
  })

  it("goes on after a failure where the stage says so, and tries again as often as it says", async () => {
    const aegis = await open()
    const { pipelineId } = await aegis.pipelines.create(ada, {
      name: "patient",
      stages: [
        stage("shrug", script("say half", "exit 3"), { onFailure: "continue" }),
        stage("after", script("say [{{stages.shrug.output}}]"), { dependsOn: ["shrug"] }),
        stage("retry", script("exit 3"), { onFailure: "retry", retries: 2 }),
      ],
    })
    const pipeline = await ended(aegis, pipelineId)
    expect([pipeline.status, statuses(pipeline)]).toEqual([
      "failed",
      { shrug: "failed", after: "completed", retry: "failed" },
    ])
    expect(pipeline.stages.map(({ attempts, output }) => [attempts, output])).toMatchObject([
      [1, "half"],
      [1, "[half]"],
      [3, undefined],
    ])
    const tries = await aegis.listSessions({ ...ada.owner, limit: 50 })
    const attempts = await Promise.all(tries.map(async ({ sessionId }) => (await aegis.getSession(sessionId)).pipeline))
    expect(attempts.filter((each) => each?.stage === "retry").map((each) => each?.attempt)).toEqual([3, 2, 1])
  })

  it("takes a stage that cannot be begun for failed", async () => {
    const aegis = await open()
    const gone = temporary("work")
    const prompt = script("ask Go on? | yes | no")
    const { pipelineId, stages } = await aegis.pipelines.create(ada, {
      name: "homeless",
      stages: [stage("a", prompt), stage("b", script("say b"), { dependsOn: ["a"], workDir: gone })],
    })
    rmSync(gone, { recursive: true })
    writeFileSync(gone, "")
    expect(stages[1]?.status).toBe("pending")
    await expect.poll(async () => (await aegis.pipelines.get(pipelineId)).stages[0]?.sessionId).toBeDefined()
    const sessionId = (await aegis.pipelines.get(pipelineId)).stages[0]?.sessionId ?? ""
    await until(aegis, sessionId, isType("question.asked"))
    await aegis.answer(ada, sessionId, { action: "decline" })
    const pipeline = await ended(aegis, pipelineId)
    expect(pipeline.stages[1]).toMatchObject({ status: "failed", attempts: 1, error: { code: "workdir-invalid" } })
    expect(pipeline.stages[1]?.sessionId).toBeUndefined()
  })

  it("that is cancelled ends what runs, begins nothing more, and stays as it is", async () => {
    const aegis = await open()
    const { pipelineId } = await aegis.pipelines.create(ada, {
      name: "unwanted",
      stages: [stage("a", script("say a", "wait")), stage("b", script("say b"), { dependsOn: ["a"] })],
    })
    await expect.poll(async () => (await aegis.pipelines.get(pipelineId)).stages[0]?.status).toBe("running")
    const cancelled = await aegis.pipelines.cancel(ada, pipelineId, { reason: "Not today." })
    expect([cancelled.status, cancelled.reason, statuses(cancelled)]).toEqual([
      "cancelled",
      "Not today.",
      { a: "cancelled", b: "cancelled" },
    ])
    expect((await aegis.getSession(cancelled.stages[0]?.sessionId ?? "")).status).toBe("killed")
    expect(await aegis.pipelines.cancel(ada, pipelineId, { reason: "Again." })).toEqual(cancelled)
  })

  it.each([
    ["two stages are called a", [stage("a", "x"), stage("a", "y")]],
    ["stage a depends on b, and there is no such stage", [stage("a", "x", { dependsOn: ["b"] })]],
    ["depends on itself", [stage("a", "x", { dependsOn: ["b"] }), stage("b", "x", { dependsOn: ["a"] })]],
    ["then it has to depend on it", [stage("a", "x"), stage("b", "{{stages.a.output}}")]],
    ["and there is no such stage", [stage("a", "{{stages.c.output}}")]],
  ])("is refused where %s", async (reason, stages) => {
    const aegis = await open()
    const created = aegis.pipelines.create(ada, { name: "no", stages })
    await expect(created).rejects.toMatchObject({ code: "pipeline-invalid", message: expect.stringContaining(reason) })
    expect((await aegis.pipelines.list({ ...ada.owner, limit: 5 })).items).toEqual([])
  })

  it("is refused where a stage could have no session, and says which stage", async () => {
    const aegis = await open()
    const created = aegis.pipelines.create(ada, { name: "no", stages: [stage("a", "x", { agent: "nobody" })] })
    await expect(created).rejects.toMatchObject({
      code: "agent-unknown",
      message: expect.stringContaining("Stage a: "),
    })
  })

  it("keeps 32,768 characters of what a stage has said, and refuses a prompt that comes to too much", async () => {
    const aegis = await open()
    const long = "x".repeat(40_000)
    const four = "{{stages.long.output}}".repeat(4)
    const { pipelineId } = await aegis.pipelines.create(ada, {
      name: "talkative",
      stages: [
        stage("trick", script("say {{stages.long.output}}"), { dependsOn: ["long"] }),
        stage("long", script(`say ${long}`)),
        stage("much", script(`say ${four}`), { dependsOn: ["long"], onFailure: "continue" }),
      ],
    })
    const { stages } = await ended(aegis, pipelineId)
    const of = (name: string) => stages.find((each) => each.name === name)
    expect([of("long")?.output?.length, of("long")?.isShortened, of("trick")?.output?.length]).toEqual([
      32_768,
      true,
      32_768,
    ])
    expect(of("much")).toMatchObject({ status: "failed", error: { code: "prompt-too-long" } })
  })

  it("has sessions that are done when their stage is: killed, restarted and reused they are not", async () => {
    const aegis = await open()
    const workDir = temporary("work")
    const caller = { ...ada, actor: { kind: "key", id: "k1", via: "test" } } as const
    const wait = script("ask Go on? | yes | no")
    const { pipelineId } = await aegis.pipelines.create(caller, {
      name: "own",
      stages: [stage("a", script("say a"), { workDir }), stage("b", wait, { workDir, dependsOn: ["a"] })],
    })
    await expect.poll(async () => (await aegis.pipelines.get(pipelineId)).stages[1]?.sessionId).toBeDefined()
    const [a = "", b = ""] = (await aegis.pipelines.get(pipelineId)).stages.map(({ sessionId }) => sessionId)
    expect((await aegis.kill(ada, a)).status).toBe("completed")
    await expect(aegis.restart(ada, a)).rejects.toMatchObject({ code: "session-ended" })
    const asked = await until(aegis, b, isType("question.asked"))
    const requested = asked.find(({ event }) => event.type === "turn.requested")?.event
    expect(requested).toMatchObject({ actor: { kind: "system", id: "pipelines" }, data: { by: "ada", key: "k1" } })
    await aegis.interrupt(ada, b)
    const { stages } = await ended(aegis, pipelineId)
    expect(stages[1]).toMatchObject({ status: "failed", error: { code: "cancelled" } })
    expect((await aegis.getSession(b)).status).toBe("idle")
    const made = await aegis.createSession(ada, { workDir, agent: "demo", permissionMode: "default", name: "own / b" })
    expect(made.reused).toBe(false)
  })

  it("waits while all work is stopped, and goes on afterwards", async () => {
    const aegis = await open()
    await aegis.stopAll(ada, "Wait.")
    const { pipelineId } = await aegis.pipelines.create(ada, { name: "held", stages: [stage("a", script("say a"))] })
    await aegis.liftStopAll(ada, "Go on.")
    expect((await ended(aegis, pipelineId)).status).toBe("completed")
  })

  it("lists those of its owner, newest first, by status", async () => {
    const aegis = await open()
    const names = ["one", "two", "three"]
    for (const name of names) {
      const { pipelineId } = await aegis.pipelines.create(ada, { name, stages: [stage("a", script("say a"))] })
      await ended(aegis, pipelineId)
    }
    const first = await aegis.pipelines.list({ ...ada.owner, limit: 2 })
    expect(first.items.map(({ name }) => name)).toEqual(["three", "two"])
    const rest = await aegis.pipelines.list({ ...ada.owner, limit: 2, after: first.next })
    expect([rest.items.map(({ name }) => name), rest.next]).toEqual([["one"], undefined])
    expect((await aegis.pipelines.list({ ...ada.owner, status: "running", limit: 2 })).items).toEqual([])
    expect((await aegis.pipelines.list({ tenantId: "other", limit: 2 })).items).toEqual([])
  })
})

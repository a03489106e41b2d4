import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "vitest"
import { startDemo, temporaryFolder } from "./fixtures/demo-run.ts"

test("a session is resumed by another process", async () => {
  const cwd = await temporaryFolder()
  const first = await startDemo({ cwd })
  const { agentSessionId } = await first.next("ready")
  await first.link.stop()
  const second = await startDemo({ cwd, resume: { agentSessionId } })
  const ready = await second.next("ready")
  await second.prompt("#script\nwrite a.txt Hello\\n")
  await second.decide(await second.next("permission"), "approve")
  await second.next("turn.ended")

  expect(ready).toMatchObject({ agentSessionId, restored: "resumed" })
  expect(await readFile(join(cwd, "a.txt"), "utf8")).toBe("Hello\n")
})

test("an agent that can only load replays its history, and none of it is told again", async () => {
  const run = await startDemo({ args: ["--no-resume"], resume: { agentSessionId: "demo-1" } })
  expect(await run.next("ready")).toMatchObject({ agentSessionId: "demo-1", restored: "loaded" })
  await run.prompt("#script\nsay Only this")
  await run.next("turn.ended")

  expect(run.facts.filter(({ type }) => type === "message.delta")).toHaveLength(1)
  expect(run.facts.filter(({ type }) => type === "unknown")).toEqual([])
})

test("an agent that can neither resume nor load begins anew and says so", async () => {
  const run = await startDemo({ args: ["--no-resume", "--no-load"], resume: { agentSessionId: "demo-1" } })

  expect(await run.next("ready")).toMatchObject({
    restored: "none",
    agentSessionId: expect.not.stringMatching(/^demo-1$/),
  })
})

test("a session that the agent does not know is lost", async () => {
  const run = await startDemo({ resume: { agentSessionId: "of-somebody-else" } })

  expect(await run.next("start-failed")).toMatchObject({ step: "open", code: "agent-session-lost" })
})

test("mode and options are set before the session is ready", async () => {
  const run = await startDemo({
    mode: "plan",
    optionValues: [
      { id: "model", value: "demo-large" },
      { id: "effort", value: "high" },
      { id: "terse", value: true },
    ],
  })

  expect(await run.next("ready")).toMatchObject({
    modes: { current: "plan" },
    options: [
      { id: "model", current: "demo-large" },
      { id: "thinking", current: "high" },
      { id: "terse", current: true },
    ],
  })
})

test("an agent without modes gets none", async () => {
  const run = await startDemo({ args: ["--no-modes"] })

  expect(await run.next("ready")).not.toHaveProperty("modes")
})

test("a model that the agent does not have fails the start", async () => {
  const run = await startDemo({ optionValues: [{ id: "model", value: "demo-huge" }] })

  expect(await run.next("start-failed")).toMatchObject({
    code: "option-refused",
    message: 'The agent has no model "demo-huge"; it offers demo-small, demo-large.',
  })
})

test("an agent that ends at its start leaves its reason in the exit", async () => {
  const run = await startDemo({ args: ["--fail-start"] })

  expect(await run.link.exited).toMatchObject({
    code: 3,
    stderrTail: "The demo agent was told to fail at its start.\n",
  })
  await expect(run.next("ready")).rejects.toThrow("ended without")
})

test("an agent that never answers can be stopped", async () => {
  const run = await startDemo({ args: ["--hang-initialize"] })

  expect(await run.link.stop()).toMatchObject({ signal: "SIGTERM" })
  expect(run.facts).toEqual([])
})

test("an edit that is always allowed is not asked about again", async () => {
  const run = await startDemo()
  await run.next("ready")
  await run.prompt("#script\nwrites 1\nwrites 2")
  const permission = await run.next("permission")
  await run.decide(permission, {
    optionId: permission.options.find(({ kind }) => kind === "allow_always")?.optionId ?? "",
  })
  await run.next("turn.ended")

  expect(run.said).toBe("Allowed 1 of 1.Allowed 2 of 2.")
})

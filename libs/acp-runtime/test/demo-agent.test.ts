import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "vitest"
import { programPath } from "../src/node.ts"
import { startDemo, temporaryFolder } from "./fixtures/demo-run.ts"

test("a prompt is answered with a tour, and an approved edit is written", async () => {
  const cwd = await temporaryFolder()
  await writeFile(join(cwd, "README.md"), "# A small thing\n")
  await writeFile(join(cwd, "main.ts"), "")
  const run = await startDemo({ cwd })
  const ready = await run.next("ready")
  await run.prompt("What is here?")
  const permission = await run.next("permission")
  await run.decide(permission, "approve")
  const question = await run.next("question")
  await run.answer(question, { action: "accept", content: { choice: "Tests" } })
  const ended = await run.next("turn.ended")

  expect(ready).toMatchObject({ agentName: "aegis-demo", restored: "new", modes: { current: "default" } })
  expect(permission.toolCall).toMatchObject({ kind: "edit", name: "Write", content: [{ type: "diff" }] })
  expect(question.schema).toMatchObject({ properties: { choice: { oneOf: [{ const: "Tests" }, {}, {}] } } })
  expect(ended).toEqual({ type: "turn.ended", turnId: "turn-1", stopReason: "end_turn" })
  expect(await readFile(join(cwd, "AEGIS-DEMO.md"), "utf8")).toContain(
    '2 files: 1 .md, 1 .ts. README.md begins with "A small thing"',
  )
  expect(run.said).toContain('You chose "Tests"')
  expect(new Set(run.facts.map(({ type }) => type))).toEqual(
    new Set(
      "ready commands message.delta plan tool.started tool.updated usage permission question turn.ended".split(" "),
    ),
  )
  const costs = run.facts.flatMap((fact) => (fact.type === "usage" ? [fact.cost?.amount] : []))
  expect(costs).toEqual([0.00125, 0.0025, 0.00375])
})

test("rejecting the edit and declining the question ends the turn politely, with nothing written", async () => {
  const run = await startDemo()
  await run.next("ready")
  await run.prompt("What is here?")
  await run.decide(await run.next("permission"), "reject")
  await run.answer(await run.next("question"), { action: "decline" })
  await run.next("turn.ended")

  expect(run.said).toContain("I leave the folder as it is")
  expect(run.said).toContain("Then that is all")
  await expect(readFile(join(run.cwd, "AEGIS-DEMO.md"))).rejects.toThrow("ENOENT")
  expect(run.facts.filter((fact) => fact.type === "tool.updated").at(-1)).toMatchObject({ status: "failed" })
})

test("a turn that is cancelled while it waits ends as cancelled", async () => {
  const run = await startDemo()
  await run.next("ready")
  await run.prompt("#script\nsay Waiting\nwait")
  await run.next("message.delta")
  await run.cancel()

  expect(await run.next("turn.ended")).toMatchObject({ stopReason: "cancelled" })
})

test("a turn that is cancelled with a permission open withdraws it", async () => {
  const run = await startDemo()
  await run.next("ready")
  await run.prompt("#script\nrun make all")
  const permission = await run.next("permission")
  await run.cancel()

  expect(await run.next("withdrawn")).toEqual({ type: "withdrawn", requestId: permission.requestId })
  expect(await run.next("turn.ended")).toMatchObject({ stopReason: "cancelled" })
  expect(run.dialogue.openRequests).toEqual([])
})

test("many permissions can be open at once, and are answered in any order", async () => {
  const run = await startDemo()
  await run.next("ready")
  await run.prompt("#script\naskmany 3")
  const open = [await run.next("permission"), await run.next("permission"), await run.next("permission")]
  await run.decide(open[2] ?? expect.fail(), "approve")
  await run.decide(open[0] ?? expect.fail(), "reject")
  await run.decide(open[1] ?? expect.fail(), "cancelled")
  await run.next("turn.ended")

  expect(run.said).toBe("Allowed 1 of 3.")
})

test("every script step shows up as the fact it stands for", async () => {
  const run = await startDemo()
  await run.next("ready")
  const steps = [
    "say Hello\\nthere",
    "think Hm",
    "chunks 3 10",
    "tool Grep search Look for it",
    "plan a; b",
    "usage 10 100 0.5",
    "commands",
    "mode plan",
    "title A title",
    "retry 2 1500",
    'raw {"jsonrpc":"2.0","method":"strange/thing"}',
    "stderr not an error",
    "env",
    "pause 1",
    "stop refusal",
  ]
  await run.prompt(["#script", ...steps].join("\n"))

  expect(await run.next("message.delta")).toMatchObject({ role: "assistant", text: "Hello\nthere" })
  expect(await run.next("message.delta")).toMatchObject({ role: "thought", text: "Hm" })
  expect((await run.next("message.delta")).text).toBe("1 xxxxxxxx")
  expect(await run.next("tool.started")).toMatchObject({ name: "Grep", kind: "search", title: "Look for it" })
  expect((await run.next("plan")).entries).toMatchObject([{ content: "a", status: "in_progress" }, { content: "b" }])
  expect(await run.next("usage")).toMatchObject({ used: 10, size: 100, cost: { amount: 0.5, currency: "USD" } })
  expect((await run.next("commands")).commands).toHaveLength(1)
  expect(await run.next("mode")).toMatchObject({ modeId: "plan" })
  expect(await run.next("title")).toMatchObject({ title: "A title" })
  expect(await run.next("retry")).toMatchObject({ attempt: 2, retryDelayMs: 1500, status: 429, error: "rate_limit" })
  expect((await run.next("unknown")).frame).toBe('{"jsonrpc":"2.0","method":"strange/thing"}')
  expect(JSON.parse((await run.next("message.delta")).text)).toEqual(["AEGIS_AGENT_RUN", "PATH"])
  expect(await run.next("turn.ended")).toMatchObject({ stopReason: "refusal" })
})

test("a prompt that fails is a failed turn with the agent's code", async () => {
  const run = await startDemo()
  await run.next("ready")
  await run.prompt("#script\nfail -32603 It broke")

  expect(await run.next("turn.failed")).toMatchObject({ turnId: "turn-1", code: -32603, message: "It broke" })
})

test("a script with an unknown step fails with its line", async () => {
  const run = await startDemo()
  await run.next("ready")
  await run.prompt("#script\nsay a\nconstructor")

  expect((await run.next("turn.failed")).message).toContain('Line 3 of the script: "constructor" is no step')
})

test("a write outside the folder is never asked for", async () => {
  const run = await startDemo()
  await run.next("ready")
  await run.prompt("#script\nwrite ../escaped.txt no")
  await run.next("turn.ended")

  expect(run.said).toContain("outside the folder")
  expect(run.facts.some(({ type }) => type === "permission")).toBe(false)
})

test("the agent exits with the code that it was told", async () => {
  const run = await startDemo()
  await run.next("ready")
  await run.prompt("#script\nexit 7")

  expect(await run.link.exited).toMatchObject({ code: 7 })
})

test("the agent exits with 0 at the end of its input", async () => {
  const agent = spawn(process.execPath, [programPath("demo-agent")], { stdio: ["pipe", "ignore", "ignore"] })
  agent.stdin.end()

  expect(await once(agent, "exit")).toEqual([0, null])
})

import type { Policy } from "@aegis/policy"
import { PolicySchema } from "@aegis/policy/schema"
import { describe, expect, it } from "vitest"
import { isSystemEvent, SYSTEM_STREAM } from "../src/events.ts"
import { ada, bo, demo } from "./aegis-callers.ts"
import { isType, script, until, useAegis } from "./aegis-harness.ts"
import { runAndKill } from "./run-and-kill.ts"

// Budgets of a policy with a real agent process (spec/policy.md).

const { open, temporary } = useAegis()
const policy = (...budgets: object[]): Policy => PolicySchema.parse({ version: 1, budgets })
const text = (...lines: string[]) => ({ content: [{ type: "text", text: script(...lines) }] })
const spend = (usd: number) => `usage 10 100 ${usd}`

it("a session works until its budget is used up; then its prompts wait until somebody allows more", async () => {
  const aegis = await open({ policy: policy({ scope: "session", usd: 1 }) })
  const { session } = await aegis.createSession(ada, demo(temporary("work"), script(spend(0.6), "say one")))
  await until(aegis, session.id, isType("turn.ended"))
  // It is taken to cost as much as the first one.
  const sent = await aegis.send(ada, session.id, text(spend(1.1), "say two"))
  expect(sent).toMatchObject({
    delivered: false,
    queued: true,
    exceeded: { account: "session", measure: "cost", spent: { cost: 600_000 }, needed: { cost: 600_000 } },
  })
  expect(await aegis.getSession(session.id)).toMatchObject({
    status: "idle",
    queuedPrompts: 1,
    exceeded: sent.exceeded,
  })
  const extended = await aegis.extendBudget(bo, session.id, { usd: 0.5, reason: "It is worth it." })
  expect(extended.exceeded).toBeUndefined()
  const entries = await until(aegis, session.id, isType("turn.ended"), 2)
  expect(entries.find(({ event }) => event.type === "budget.extended")?.event).toMatchObject({
    actor: bo.actor,
    data: { account: "session", cost: 500_000, reason: "It is worth it." },
  })
  expect(entries.at(-1)?.event).toMatchObject({ data: { stopReason: "end_turn" } })
  const settled = await until(aegis, session.id, isType("budget.settled"), 2)
  expect(settled.at(-1)?.event.data).toMatchObject({ cost: 500_000 })
})

it("a turn that uses up its budget is interrupted, and says why", async () => {
  const aegis = await open({ policy: policy({ scope: "session", usd: 1 }) })
  const { session } = await aegis.createSession(ada, demo(temporary("work"), script(spend(1.5), "say more", "wait")))
  const entries = await until(aegis, session.id, isType("turn.ended"))
  expect(entries.at(-1)?.event.data).toMatchObject({ stopReason: "cancelled" })
  const reason = 'Budget "session" of $1.00 is used up: $0.00 spent, $1.50 of this turn.'
  expect(entries.find(({ event }) => event.type === "turn.cancel_requested")?.event.data).toMatchObject({ reason })
})

describe("a budget that sessions share", () => {
  const shared = policy({ scope: "server", usd: 1, estimate: { usd: 0.6 } })

  it("lets no two turns begin at once that it has room for one of, and the other when there is room again", async () => {
    const aegis = await open({ policy: shared })
    const workDir = temporary("work")
    const create = () =>
      aegis.createSession(ada, demo(workDir, script("write a.txt 1", spend(0.2), "say done"), { reuse: false }))
    const ids = (await Promise.all([create(), create()])).map(({ session }) => session.id)
    const begun = async () => {
      for await (const page of aegis.tail({ after: 0 }))
        for (const { event } of page) if (event.type === "approval.requested") return event.sessionId
      throw new Error("No turn has begun.")
    }
    const first = await begun()
    const second = ids.find((id) => id !== first) ?? ""
    await until(aegis, second, isType("budget.exceeded"))
    expect((await aegis.getSession(second)).exceeded).toMatchObject({
      account: "server",
      reserved: { cost: 600_000 },
      needed: { cost: 600_000 },
    })
    await aegis.vote(ada, first, { choice: "approve" })
    await until(aegis, second, isType("approval.requested"))
    await aegis.vote(ada, second, { choice: "approve" })
    await until(aegis, second, isType("turn.ended"))
    const told = (await aegis.readEvents({ stream: SYSTEM_STREAM })).map(({ event }) => event).filter(isSystemEvent)
    expect(told.map(({ type }) => type)).toEqual([
      "system.opened",
      "policy.updated",
      "ledger.reserved",
      "ledger.settled",
      "ledger.reserved",
      "ledger.settled",
    ])
    expect(told.at(-1)).toMatchObject({ data: { account: "server", sessionId: second, cost: 200_000 } })
  })

  it("has room for as many as it says, when prompts come in the same moment", async () => {
    const aegis = await open({ policy: policy({ scope: "server", usd: 1, estimate: { usd: 0.3 } }) })
    const workDir = temporary("work")
    const ids: string[] = []
    for (let count = 0; count < 6; count++) {
      const { session } = await aegis.createSession(ada, demo(workDir, script("say ready"), { reuse: false }))
      await until(aegis, session.id, isType("turn.ended"))
      ids.push(session.id)
    }
    const sent = await Promise.all(ids.map((id) => aegis.send(ada, id, text("write a.txt 1"))))
    const held = sent.filter(({ exceeded }) => exceeded !== undefined)
    expect(held.map(({ exceeded }) => exceeded?.reserved.cost)).toEqual([900_000, 900_000, 900_000])
    // Whichever session it is asked for, it is for all of them.
    const running = ids[sent.findIndex(({ exceeded }) => exceeded === undefined)] ?? ""
    await aegis.extendBudget(ada, running, { usd: 0.8, account: "server", isForAll: true })
    for (const id of ids) await until(aegis, id, isType("approval.requested"))
  })

  it("is what it was after a kill -9, and what ran then is counted", async () => {
    const [stateDir, workDir] = [temporary("state"), temporary("work")]
    const prompt = script(spend(0.3), "write a.txt 1", spend(0.7), "say done")
    const policyText = JSON.stringify(shared)
    const seen = await runAndKill({
      stateDir,
      workDir,
      prompt,
      agentHost: "detached",
      policyText,
      at: isType("approval.requested"),
    })
    const sessionId = seen[0]?.event.sessionId ?? ""
    const aegis = await open({ stateDir, agentHost: "detached", policy: shared })
    const other = await aegis.createSession(ada, demo(workDir, script("say hi"), { reuse: false }))
    expect(other.session.exceeded).toMatchObject({ reserved: { cost: 600_000 } })
    await aegis.vote(ada, sessionId, { choice: "approve" })
    await until(aegis, sessionId, isType("budget.settled"))
    expect((await aegis.getSession(other.session.id)).exceeded).toMatchObject({
      spent: { cost: 700_000 },
      reserved: { cost: 0 },
    })
    await aegis.extendBudget(ada, other.session.id, { usd: 1, isForAll: true })
    await until(aegis, other.session.id, isType("turn.ended"))
  })
})

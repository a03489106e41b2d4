import { describe, expect, it } from "vitest"
import { explore } from "./model/explore.ts"
import { type Step, stepsFrom, type World } from "./model/world.ts"
import { proveInShort } from "./prove-in-short.ts"
import { proveModel } from "./prove-model.ts"

const none = { prompts: 1, asks: 1, unasked: 0, parks: 0, interrupts: 0, stops: 0, kills: 0 }
const budget = { ...none, unasked: 1, parks: 1, agentDeaths: 1, serverDeaths: 1 }

it("pnpm prove model, in short: no order of a small world breaks a promise", async () => {
  const said = await proveInShort(proveModel)
  expect(Number(/^(\d+) states/.exec(said)?.[1])).toBeGreaterThan(5000)
})

describe("a world whose", () => {
  const changed =
    (change: (world: World) => World) =>
    (world: World): readonly Step[] =>
      stepsFrom(change(world))

  it.each([
    ["people never answer", ["approve", "reject"]],
    ["server never starts again", ["start"]],
    ["doings are never written down", ["record"]],
    ["dead agents are never told", ["exit"]],
    ["agents never grow quiet", ["quiet"]],
  ])("%s waits for something that never comes", (_, missing) => {
    const { problems } = explore(budget, (world) => stepsFrom(world).filter(({ label }) => !missing.includes(label)))
    expect(problems.map(({ message }) => message)).toContain("Something is waited for that never comes.")
  })

  it("stop of all work is never lifted waits for something that never comes", () => {
    const stopping = { ...none, stops: 1, agentDeaths: 0, serverDeaths: 1 }
    const { problems } = explore(stopping, (world) => stepsFrom(world).filter(({ label }) => label !== "lift"))
    expect(problems.map(({ message }) => message)).toContain("Something is waited for that never comes.")
  })

  it("host writes a frame as often as it is sent has prompts that run twice, and shows how", () => {
    const forgetful = changed((world) => (world.agent ? { ...world, agent: { ...world.agent, written: [] } } : world))
    const [problem] = explore(budget, forgetful).problems
    expect(problem?.message).toMatch(/^prompt:t1 happened twice/)
    expect(problem?.path).toContain("server dies")
  })
})

import { explore } from "./model/explore.ts"
import type { Budget } from "./model/world.ts"
import type { ProofOptions } from "./prove.ts"

const none: Budget = {
  prompts: 2,
  asks: 0,
  unasked: 0,
  parks: 0,
  interrupts: 0,
  stops: 0,
  kills: 0,
  agentDeaths: 0,
  serverDeaths: 0,
}
const short: readonly Budget[] = [
  { ...none, asks: 1, unasked: 1, parks: 1, kills: 1, agentDeaths: 1, serverDeaths: 1 },
  { ...none, asks: 1, stops: 1, serverDeaths: 1 },
]
// All at once would be more than memory holds.
const full: readonly Budget[] = [
  { ...none, asks: 2, interrupts: 1, kills: 1, agentDeaths: 1, serverDeaths: 2 },
  { ...none, asks: 1, unasked: 1, parks: 1, interrupts: 1, kills: 1, agentDeaths: 1, serverDeaths: 1 },
  { ...none, asks: 1, unasked: 1, interrupts: 1, stops: 2, kills: 1, agentDeaths: 1, serverDeaths: 1 },
  { ...none, prompts: 1, asks: 2, unasked: 2, parks: 2, interrupts: 1, agentDeaths: 1, serverDeaths: 1 },
]

/** The core's rules in a small world, in every order: two prompts, approvals, deaths of agent and server between any two steps. */
export async function proveModel({ isFull, print }: ProofOptions): Promise<boolean> {
  return (isFull ? full : short).map((budget) => proveWorld(budget, print)).every(Boolean)
}

function proveWorld(budget: Budget, print: ProofOptions["print"]) {
  const { states, steps, depth, atRest, problems } = explore(budget)
  for (const { message, path } of problems) print(`✗ ${message}\n  ${path.join(", ")}`)
  const bounds = Object.entries(budget)
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${count} ${what}`)
  print(
    `${states} states and ${steps} steps, up to ${depth} deep, with at most ${bounds.join(", ")}; ${atRest} at rest.`,
  )
  print(`${problems.length} problems: what happens twice, says a wrong state, or is waited for and never comes.`)
  return problems.length === 0
}

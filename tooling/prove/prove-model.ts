import { explore } from "./model/explore.ts"
import type { Budget } from "./model/world.ts"
import type { ProofOptions } from "./prove.ts"

const short: Budget = {
  prompts: 2,
  asks: 1,
  unasked: 1,
  parks: 1,
  interrupts: 0,
  kills: 1,
  agentDeaths: 1,
  serverDeaths: 1,
}
const full: Budget = {
  prompts: 2,
  asks: 2,
  unasked: 1,
  parks: 1,
  interrupts: 1,
  kills: 1,
  agentDeaths: 1,
  serverDeaths: 2,
}

/** The core's rules in a small world, in every order: two prompts, approvals, deaths of agent and server between any two steps. */
export async function proveModel({ isFull, print }: ProofOptions): Promise<boolean> {
  const budget = isFull ? full : short
  const { states, steps, depth, atRest, problems } = explore(budget)
  for (const { message, path } of problems) print(`✗ ${message}\n  ${path.join(", ")}`)
  const bounds = Object.entries(budget).map(([what, count]) => `${count} ${what}`)
  print(
    `${states} states and ${steps} steps, up to ${depth} deep, with at most ${bounds.join(", ")}; ${atRest} at rest.`,
  )
  print(`${problems.length} problems: what happens twice, says a wrong state, or is waited for and never comes.`)
  return problems.length === 0
}

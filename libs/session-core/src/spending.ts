import type { Spending } from "@aegis/policy"

export const NOTHING: Spending = { cost: 0, tokens: 0 }

/** Both together. */
export function addSpending(one: Spending, other: Spending): Spending {
  return { cost: one.cost + other.cost, tokens: one.tokens + other.tokens }
}

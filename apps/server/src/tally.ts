import type { TriedRequest } from "@aegis/session-core"

interface Outcome {
  readonly before: TriedRequest["before"]["decision"]
  readonly after: TriedRequest["after"]["decision"]
  count: number
  changed: number
  readonly examples: Pick<TriedRequest, "approvalId" | "sessionId" | "before" | "after">[]
}

/** How often a policy that is tried would have said the same, and how often what else. */
export class Tally {
  readonly #outcomes = new Map<string, Outcome>()
  readonly #mostExamples: number

  constructor(mostExamples: number) {
    this.#mostExamples = mostExamples
  }

  get count() {
    return this.outcomes.reduce((sum, { count }) => sum + count, 0)
  }

  /** Most frequent first. */
  get outcomes() {
    return [...this.#outcomes.values()].toSorted((one, other) => other.count - one.count)
  }

  add({ isChanged, ...example }: TriedRequest) {
    const [before, after] = [example.before.decision, example.after.decision]
    const key = `${before} ${after}`
    const outcome = this.#outcomes.get(key) ?? { before, after, count: 0, changed: 0, examples: [] }
    this.#outcomes.set(key, outcome)
    outcome.count += 1
    if (!isChanged) return
    outcome.changed += 1
    if (outcome.examples.length < this.#mostExamples) outcome.examples.push(example)
  }
}

import type { CompiledPolicy } from "./compile-policy.ts"
import { judge } from "./evaluate.ts"
import { byDefault, type PolicyJudgement } from "./policy-judgement.ts"
import type { PolicyRequest } from "./policy-request.ts"
import { prepareRequest } from "./prepare-request.ts"
import type { Decision } from "./words.ts"

/** A request that was judged once, under the id by which a person finds it again. */
export interface RecordedRequest {
  readonly id: string
  readonly request: PolicyRequest
}

export interface SimulatedChange {
  readonly id: string
  readonly before: PolicyJudgement
  readonly after: PolicyJudgement
}

/** All requests that the one policy decides in one way and the other in another, or in the same. */
export interface SimulatedOutcome {
  readonly before: Decision
  readonly after: Decision
  readonly count: number
  /** How many of them are answered otherwise: another decision, or the same with other approvers or another end. */
  readonly changed: number
  /** The first of those. */
  readonly examples: readonly SimulatedChange[]
}

export interface SimulateOptions {
  readonly candidate: CompiledPolicy
  /** At most so many examples for each outcome. */
  readonly examples?: number
}

/** What a candidate would have said to recorded requests, beside what the current policy says; most frequent first. */
export function simulate(
  current: CompiledPolicy,
  requests: Iterable<RecordedRequest>,
  options: SimulateOptions,
): readonly SimulatedOutcome[] {
  const simulation = new Simulation(current, options)
  for (const request of requests) simulation.add(request)
  return simulation.outcomes
}

/** The same, of requests that come one after the other. */
export class Simulation {
  readonly #current: CompiledPolicy
  readonly #options: SimulateOptions
  readonly #outcomes = new Map<string, SimulatedOutcome>()

  constructor(current: CompiledPolicy, options: SimulateOptions) {
    this.#current = current
    this.#options = options
  }

  /** Most frequent first. */
  get outcomes(): readonly SimulatedOutcome[] {
    return [...this.#outcomes.values()].toSorted((one, other) => other.count - one.count)
  }

  /** Whether it has become one of the examples. */
  add({ id, request }: RecordedRequest): boolean {
    const { candidate, examples = 10 } = this.#options
    const prepared = prepareRequest(request)
    const before = judge(this.#current, prepared) ?? byDefault("ask")
    const after = judge(candidate, prepared) ?? byDefault("ask")
    const key = `${before.decision} ${after.decision}`
    const outcome = this.#outcomes.get(key) ?? { before: before.decision, after: after.decision, ...nothing }
    const counted = count(outcome, { id, before, after }, examples)
    this.#outcomes.set(key, counted)
    return counted.examples.length > outcome.examples.length
  }
}

const nothing = { count: 0, changed: 0, examples: [] }

function count(outcome: SimulatedOutcome, change: SimulatedChange, limit: number): SimulatedOutcome {
  const isChanged = !isSameAnswer(change.before, change.after)
  return {
    ...outcome,
    count: outcome.count + 1,
    changed: outcome.changed + (isChanged ? 1 : 0),
    examples: isChanged && outcome.examples.length < limit ? [...outcome.examples, change] : outcome.examples,
  }
}

/** Whether people would notice nothing: the same decision, by the same approvers, until the same end. */
export function isSameAnswer(before: PolicyJudgement, after: PolicyJudgement) {
  return (
    before.decision === after.decision &&
    before.expiresAfterMs === after.expiresAfterMs &&
    before.approvers?.count === after.approvers?.count &&
    before.approvers?.notRequester === after.approvers?.notRequester &&
    before.approvers?.roles?.toSorted().join() === after.approvers?.roles?.toSorted().join()
  )
}

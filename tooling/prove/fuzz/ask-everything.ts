import fc from "fast-check"
import type { Canary } from "./canaries.ts"
import { judgeAnswer, type Measure } from "./judge-answer.ts"
import { describePlan, PLACE_OF_THING, type RequestPlan, requestArbitrary } from "./request-plan.ts"
import { type Things, viewerOf } from "./things.ts"
import type { Answer, Wire } from "./wire.ts"

export interface AskEverythingOptions extends Measure {
  readonly wire: Wire
  readonly things: Things
  readonly guesses: readonly Canary[]
  readonly seed: number
  /** After every so many requests. */
  readonly progress: (asked: number) => void
}

/** Requests that come again with one seed. */
const CHUNK = 250
const LANES = 8
/** Things are looked after once in so many chunks. */
const TEND_EVERY = 8
/** From then on an answer hangs (spec/threats.md, C1); one that was only slow is not slow three times. */
const HANG_MS = 2000
const TRIES = 3
/** Until it answers, what reads the whole log takes longer the longer that is; in milliseconds. */
const LONGER: Readonly<Record<string, number>> = { verifyAudit: 45_000 }
const READS_ALL: ReadonlySet<string | undefined> = new Set(["verifyAudit", "exportAudit"])
/** And is asked seldom after the first times: the log grows by what is asked, and all the time would go into reading it. */
const OFTEN_READ = 20
const SELDOM = 2000
/** A finding that was told so often is known. */
const MOST_ALIKE = 2
const SHRINK_MS = 5000

/** Asks a server all that its document allows, nearly allows and does not allow, and judges each answer. */
export class Fuzzer {
  readonly problems: string[] = []
  readonly #options: AskEverythingOptions
  readonly #arbitrary: fc.Arbitrary<RequestPlan>
  readonly #alike = new Map<string, number>()
  readonly #statuses = new Map<number, number>()
  readonly #operations = new Set<string>()
  #asked = 0
  #chunks = 0
  #slow = 0
  #slowest = 0
  #readAll = 0

  constructor(options: AskEverythingOptions) {
    this.#options = options
    const { contract, things, guesses } = options
    this.#arbitrary = requestArbitrary({ contract, workDirs: things.workDirs, guesses })
  }

  get asked() {
    return this.#asked
  }

  async run(count: number) {
    let left = count
    const lane = async () => {
      while (left > 0) {
        const runs = Math.min(CHUNK, left)
        left -= runs
        const chunk = this.#chunks++
        if (chunk % TEND_EVERY === TEND_EVERY - 1) await this.#options.things.tend()
        await this.#runChunk(this.#options.seed + chunk, runs)
      }
    }
    await Promise.all(Array.from({ length: LANES }, lane))
  }

  /** Secrets where they do not belong: in paths and queries, which whoever asks writes into logs. */
  async guessInAddresses() {
    const { guesses, wire, things } = this.#options
    for (const { text } of guesses)
      for (const target of [
        `/v1/${encodeURIComponent(text)}`,
        `/v1/sessions/${encodeURIComponent(text)}`,
        `/v1/sessions?q=${encodeURIComponent(text)}`,
      ]) {
        const answer = await wire.ask({ method: "GET", target, headers: things.credentialOf("admin", 0) })
        const asked = { operation: undefined, method: "GET", body: undefined }
        for (const problem of judgeAnswer(asked, answer, { ...this.#options, viewer: {} }))
          this.problems.push(`GET ${target} ${problem}`)
      }
  }

  figures() {
    const { contract } = this.#options
    const counts = [...this.#statuses]
      .sort(([a], [b]) => a - b)
      .map(([status, times]) => `${times.toLocaleString("en")} × ${status}`)
    return [
      `${this.#asked.toLocaleString("en")} requests of ${this.#operations.size} of ${contract.operations.length} operations: ${counts.join(", ")}.`,
      `The slowest answer took ${Math.round(this.#slowest)} ms; ${this.#slow} took more than ${HANG_MS / 1000} s once, and not again.`,
    ]
  }

  /** What every request of the document is to be asked at least once. */
  unasked() {
    return this.#options.contract.operations.filter(({ operationId }) => !this.#operations.has(operationId))
  }

  async #runChunk(seed: number, numRuns: number) {
    const property = fc.asyncProperty(this.#arbitrary, async (plan) => {
      const [problem] = await this.#try(plan)
      if (problem !== undefined && (this.#alike.get(nameOf(plan, problem)) ?? 0) < MOST_ALIKE)
        throw new Finding(plan, problem)
    })
    const options = { seed, numRuns, interruptAfterTimeLimit: SHRINK_MS + numRuns * HANG_MS, endOnFailure: false }
    const { failed, errorInstance, counterexample } = await fc.check(property, options)
    if (!failed) return
    if (!(errorInstance instanceof Finding)) throw errorInstance
    const [plan = errorInstance.plan] = counterexample ?? []
    const name = nameOf(plan, errorInstance.problem)
    const times = (this.#alike.get(name) ?? 0) + 1
    this.#alike.set(name, times)
    if (times > MOST_ALIKE) return
    this.problems.push(
      `${nameOfOperation(plan)} ${errorInstance.problem}\n    asked by ${describePlan(plan)}\n    again: pnpm prove fuzz --seed ${seed} --count ${numRuns}`,
    )
  }

  async #try(plan: RequestPlan): Promise<readonly string[]> {
    if (READS_ALL.has(plan.operation?.operationId)) {
      if (this.#readAll > OFTEN_READ + this.#asked / SELDOM) return []
      this.#readAll += 1
    }
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#ask(plan)
      if (typeof answer === "string") return [answer]
      this.#slowest = Math.max(this.#slowest, answer.ms)
      const most = LONGER[plan.operation?.operationId ?? ""] ?? HANG_MS
      if (answer.ms > most && attempt < TRIES) continue
      if (answer.ms > most) return [`hangs: ${TRIES} times it was answered after more than ${most / 1000} s`]
      if (attempt > 1) this.#slow += 1
      return judgeAnswer(plan, answer, { ...this.#options, viewer: viewerOf(plan.role) })
    }
  }

  async #ask(plan: RequestPlan): Promise<Answer | string> {
    const { wire, things } = this.#options
    const { operation, method, path, id, query, headers, role, body } = plan
    const thing = typeof id === "string" ? id : things.thingOf(path, id)
    const search = query.length === 0 ? "" : `?${new URLSearchParams([...query])}`
    const credential = things.credentialOf(role, this.#asked)
    this.#asked += 1
    if (this.#asked % 10_000 === 0) this.#options.progress(this.#asked)
    if (operation) this.#operations.add(operation.operationId)
    try {
      const target = `${path.replace(PLACE_OF_THING, thing)}${search}`
      const answer = await wire.ask({ method, target, headers: { ...credential, ...headers }, body })
      this.#statuses.set(answer.status, (this.#statuses.get(answer.status) ?? 0) + 1)
      return answer
    } catch (error) {
      return `has no answer: ${error instanceof Error ? error.message : String(error)}`
    }
  }
}

/** Makes fast-check look for a smaller one. */
class Finding extends Error {
  override readonly name = "Finding"
  readonly plan: RequestPlan
  readonly problem: string

  constructor(plan: RequestPlan, problem: string) {
    super(problem)
    this.plan = plan
    this.problem = problem
  }
}

function nameOfOperation({ operation, method, path }: RequestPlan) {
  return operation?.operationId ?? `${method} ${path.slice(0, 60)}`
}

/** Findings that are alike: of one operation, in the same words but for what differs each time. */
function nameOf(plan: RequestPlan, problem: string) {
  return `${plan.operation?.operationId ?? ""} ${problem.slice(0, 60).replaceAll(/[0-9a-f-]{8,}|\d+/g, "#")}`
}

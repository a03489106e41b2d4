import type { PipelineStage, SystemEventData } from "./events.ts"
import { evolvePipeline, type PipelineState, type PipelineStatus, type StageState } from "./pipeline-state.ts"
import { SessionError } from "./session-error.ts"
import type { PipelineChange } from "./system-change.ts"

/** How a stage's try has ended. */
export interface StageEnd extends Pick<StageEnded, "output" | "isShortened" | "error"> {
  readonly stage: string
  readonly status: "completed" | "failed"
}

type StageEnded = SystemEventData<"pipeline.stage_ended">

export interface PipelineStep {
  readonly changes: readonly PipelineChange[]
  /** The stages that are to be begun now; the changes do not say so yet. */
  readonly starts: readonly StageState[]
}

/** Why stages cannot be a pipeline's, or undefined. Pure. */
export function refuseStages(stages: readonly Pick<PipelineStage, "name" | "dependsOn" | "prompt">[]) {
  const names = new Set(stages.map(({ name }) => name))
  if (names.size < stages.length)
    return refusal(`two stages are called ${firstTwice(stages)}: each needs a name of its own`)
  for (const { name, dependsOn } of stages)
    for (const other of dependsOn)
      if (!names.has(other)) return refusal(`stage ${name} depends on ${other}, and there is no such stage`)
  const above = ancestorsOf(stages)
  for (const { name, prompt } of stages) {
    const before = above.get(name)
    if (before === undefined || before.has(name)) return refusal(`stage ${name} depends on itself, by way of others`)
    for (const other of stagesNamedIn(prompt))
      if (!before.has(other))
        return refusal(
          names.has(other)
            ? `the prompt of stage ${name} takes the output of ${other}: then it has to depend on it`
            : `the prompt of stage ${name} takes the output of ${other}, and there is no such stage`,
        )
  }
  return undefined
}

function refusal(what: string) {
  return new SessionError("pipeline-invalid", `This is no pipeline: ${what}.`)
}

function firstTwice(stages: readonly Pick<PipelineStage, "name">[]) {
  return stages.find(({ name }, index) => stages.findIndex((other) => other.name === name) < index)?.name
}

/** All that have to be over before a stage, by its name; of those in a circle, themselves too. */
function ancestorsOf(stages: readonly Pick<PipelineStage, "name" | "dependsOn">[]) {
  const direct = new Map(stages.map(({ name, dependsOn }) => [name, dependsOn]))
  return new Map(
    stages.map(({ name, dependsOn }) => {
      const found = new Set<string>()
      const waiting = [...dependsOn]
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        if (found.has(next)) continue
        found.add(next)
        waiting.push(...(direct.get(next) ?? []))
      }
      return [name, found]
    }),
  )
}

const OUTPUT_OF = /\{\{ ?stages\.([^{}\n]{1,100}?)\.output ?\}\}/g

/** The stages whose output a prompt takes. */
function stagesNamedIn(prompt: string): readonly string[] {
  return [...new Set([...prompt.matchAll(OUTPUT_OF)].map(([, stage = ""]) => stage))]
}

/** In characters: no prompt may be longer. */
const LONGEST = 100_000

/** With what the stages before have said. What they said is taken as it is: nothing in it is filled in again. */
export function fillStagePrompt(prompt: string, outputs: ReadonlyMap<string, string>): string {
  const said = (stage: string) => outputs.get(stage) ?? ""
  const more = [...prompt.matchAll(OUTPUT_OF)].map(([place, stage = ""]) => said(stage).length - place.length)
  const length = more.reduce((sum, each) => sum + each, prompt.length)
  if (length > LONGEST)
    throw new SessionError(
      "prompt-too-long",
      `With what the stages before have said the prompt has ${length.toLocaleString("en")} characters, and may have ${LONGEST.toLocaleString("en")}.`,
    )
  return prompt.replaceAll(OUTPUT_OF, (_, stage: string) => said(stage))
}

/** What follows from the ends of tries, and what is to be begun next. Pure. */
export function advancePipeline(
  before: PipelineState,
  { ends, isStopped }: { readonly ends: readonly StageEnd[]; readonly isStopped: boolean },
): PipelineStep {
  if (before.status !== "running") return { changes: [], starts: [] }
  const making = new Making(before)
  for (const end of ends) making.end(end)
  if (making.isHalted) making.skipRest()
  const starts = making.isHalted || isStopped ? [] : making.state.stages.filter((stage) => isReady(stage, making.state))
  if (!making.state.stages.some(({ status }) => status === "pending" || status === "running")) making.endAll()
  return { changes: making.changes, starts }
}

/** What follows when somebody wants no more of it. Twice is fine. Pure. */
export function cancelPipeline(before: PipelineState, reason: string): readonly PipelineChange[] {
  if (before.status !== "running") return []
  const making = new Making(before)
  for (const { name, status, attempts, sessionId } of before.stages) {
    const session = status === "running" && sessionId !== undefined ? { sessionId } : {}
    if (status === "pending" || status === "running")
      making.record("pipeline.stage_ended", { stage: name, attempt: attempts, ...session, status: "cancelled" })
  }
  making.record("pipeline.ended", { status: "cancelled", reason })
  return making.changes
}

class Making {
  readonly changes: PipelineChange[] = []
  state: PipelineState

  constructor(state: PipelineState) {
    this.state = state
  }

  record<T extends Exclude<PipelineChange["type"], "pipeline.created">>(
    type: T,
    own: Omit<SystemEventData<T>, "pipelineId" | "tenantId" | "userId">,
  ) {
    const { pipelineId, owner, creator, createdAt } = this.state
    const change = { type, data: { pipelineId, ...owner, ...own } } as unknown as PipelineChange
    this.changes.push(change)
    this.state = evolvePipeline(this.state, { ...change, actor: creator, at: createdAt }) ?? this.state
  }

  end({ stage, status, ...told }: StageEnd) {
    const found = this.state.stages.find(({ name }) => name === stage)
    if (!found) return
    const attempt = attemptOf(found)
    const session = found.status === "running" && found.sessionId !== undefined ? { sessionId: found.sessionId } : {}
    const isRetried = status === "failed" && attempt <= retriesOf(found)
    this.record("pipeline.stage_ended", {
      stage,
      attempt,
      ...session,
      status,
      ...told,
      ...(isRetried ? { isRetried } : {}),
    })
  }

  /** A stage has failed for good, and nothing else is to be begun. */
  get isHalted() {
    return this.state.stages.some(({ status, onFailure }) => status === "failed" && onFailure !== "continue")
  }

  /** What would be tried again is not. */
  skipRest() {
    for (const { name, status, attempts } of this.state.stages)
      if (status === "pending")
        this.record("pipeline.stage_ended", {
          stage: name,
          attempt: attempts,
          status: attempts > 0 ? "failed" : "skipped",
        })
  }

  endAll() {
    const failed = this.state.stages.filter(({ status, onFailure }) => status === "failed" && onFailure !== "continue")
    const status: PipelineStatus = failed.length > 0 ? "failed" : "completed"
    const names = failed.map(({ name }) => name).join(", ")
    this.record("pipeline.ended", { status, reason: names === "" ? "Its stages are done." : `Failed: ${names}.` })
  }
}

function retriesOf({ onFailure, retries }: Pick<StageState, "onFailure" | "retries">) {
  return onFailure === "retry" ? retries : 0
}

/** The try that runs, or the next one. */
function attemptOf({ status, attempts }: StageState) {
  return status === "running" ? attempts : attempts + 1
}

function isReady({ status, dependsOn }: StageState, { stages }: PipelineState) {
  if (status !== "pending") return false
  const over = new Set(stages.flatMap((stage) => (isOver(stage) ? [stage.name] : [])))
  return dependsOn.every((name) => over.has(name))
}

/** What depends on it may begin. */
function isOver({ status, onFailure }: StageState) {
  return status === "completed" || (status === "failed" && onFailure === "continue")
}

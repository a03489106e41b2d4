import type { AegisParts } from "./aegis-parts.ts"
import type { CommandExecutor, SessionCommand } from "./command-executor.ts"
import { advancePipeline, fillStagePrompt, type StageEnd } from "./decide-pipeline.ts"
import type { Actor, AegisEvent } from "./events.ts"
import { lastAnswer } from "./last-answer.ts"
import { Lookout } from "./lookout.ts"
import { toldOf } from "./pipeline-book.ts"
import { pipelinesTable } from "./pipeline-rows.ts"
import type { PipelineState, StageState } from "./pipeline-state.ts"
import { SessionError } from "./session-error.ts"
import type { SessionMaker } from "./session-maker.ts"
import type { PipelineChange } from "./system-change.ts"
import { workEnd } from "./work-end.ts"
import type { WorkRunner } from "./work-follower.ts"

export interface PipelineRunnerParts {
  readonly executor: CommandExecutor
  readonly maker: SessionMaker
}

/** Looks at pipelines whose stages have moved, and begins what is to be begun. */
export class PipelineRunner implements WorkRunner {
  readonly #parts: AegisParts
  readonly #executor: CommandExecutor
  readonly #maker: SessionMaker
  /** Pipelines by the sessions of their stages that run. */
  readonly #pipelines = new Map<string, string>()
  readonly #lookout: Lookout

  constructor(parts: AegisParts, { executor, maker }: PipelineRunnerParts) {
    this.#parts = parts
    this.#executor = executor
    this.#maker = maker
    const retryMs = parts.settings.fullDiskRetryMs
    this.#lookout = new Lookout((pipelineId) => this.#advance(pipelineId), { retryMs })
  }

  async start() {
    const running = await this.#parts.log.rows(pipelinesTable, { where: { status: "running" } })
    for (const { pipelineId } of running) this.#lookout.poke(pipelineId)
  }

  async take(event: AegisEvent) {
    if (event.type === "system.resumed") return this.start()
    if (event.type === "pipeline.created") return this.#lookout.poke(event.data.pipelineId)
    const pipelineId = this.#pipelines.get(event.sessionId ?? "")
    if (pipelineId !== undefined) this.#lookout.poke(pipelineId)
  }

  close() {
    return this.#lookout.close()
  }

  async #advance(pipelineId: string) {
    const look = async (state: PipelineState | undefined) =>
      state?.status === "running" ? this.#step(state) : { changes: [] }
    const events = await this.#executor.executePipeline(pipelineId, look, { actor: pipelines })
    for (const event of events)
      if (event.type === "pipeline.stage_ended" && event.data.sessionId !== undefined)
        this.#pipelines.delete(event.data.sessionId)
  }

  /** What has ended, and what is to be begun, in one. */
  async #step(state: PipelineState): Promise<Step> {
    const ends: StageEnd[] = []
    const completed: SessionCommand[] = []
    for (const { name, status, sessionId } of state.stages) {
      if (status !== "running" || sessionId === undefined) continue
      this.#pipelines.set(sessionId, state.pipelineId)
      const end = await endOf(this.#parts.log, { stage: name, sessionId })
      if (end) ends.push(end)
      if (end?.status === "completed") completed.push({ type: "complete", reason: "Its stage is done.", sessionId })
    }
    const isStopped = (await this.#executor.stop()) !== undefined
    for (;;) {
      const { changes, starts } = advancePipeline(state, { ends, isStopped })
      const begun = await this.#begin(state, starts, ends)
      if (begun.refused.length === 0)
        return { changes: [...changes, ...begun.changes], commands: [...completed, ...begun.commands] }
      // What cannot be begun has failed as well: it is looked again at what follows.
      ends.push(...begun.refused)
    }
  }

  async #begin(state: PipelineState, starts: readonly StageState[], ends: readonly StageEnd[]) {
    const changes: PipelineChange[] = []
    const commands: SessionCommand[] = []
    const refused: StageEnd[] = []
    if (starts.length === 0) return { changes, commands, refused }
    const { pipelineId, owner, name } = state
    const told = await toldOf(this.#parts.log, pipelineId)
    const outputs = new Map([...told.outputs, ...ends.map(({ stage, output = "" }) => [stage, output] as const)])
    for (const { name: stage, attempts } of starts) {
      const attempt = attempts + 1
      try {
        const { dependsOn: _after, onFailure: _then, retries: _often, ...wish } = told.stage(stage)
        const prompt = fillStagePrompt(wish.prompt, outputs)
        const input = { ...wish, prompt, name: `${name} / ${stage}`, pipeline: { pipelineId, stage, attempt } }
        const begun = await this.#maker.commandsFor({ actor: pipelines, owner }, input, state.key)
        // Before it is there: it may be over at once.
        this.#pipelines.set(begun.sessionId, pipelineId)
        const data = { pipelineId, ...owner, stage, attempt, sessionId: begun.sessionId }
        changes.push({ type: "pipeline.stage_started", data })
        commands.push(...begun.commands)
      } catch (error) {
        if (!SessionError.is(error)) throw error
        refused.push({ stage, status: "failed", error: { code: error.code, message: error.message } })
      }
    }
    return { changes, commands, refused }
  }
}

interface Step {
  readonly changes: readonly PipelineChange[]
  readonly commands: readonly SessionCommand[]
}

const pipelines: Actor = { kind: "system", id: "pipelines", via: "runner" }

/** How the stage's session has ended what it was asked for; undefined: it has not. */
async function endOf(
  log: AegisParts["log"],
  { stage, sessionId }: { readonly stage: string; readonly sessionId: string },
): Promise<StageEnd | undefined> {
  const end = await workEnd(log, sessionId)
  return end && { stage, ...end, ...(await saidLast(log, sessionId)) }
}

/** In characters: so much of what a stage says is kept for those that come after. */
const LONGEST = 32_768

async function saidLast(log: AegisParts["log"], sessionId: string) {
  const answer = await lastAnswer(log, sessionId)
  if (answer === undefined) return {}
  const isShortened = answer.text.length > LONGEST
  const output = isShortened ? answer.text.slice(0, LONGEST).toWellFormed() : answer.text
  return { output, ...(isShortened ? { isShortened } : {}) }
}

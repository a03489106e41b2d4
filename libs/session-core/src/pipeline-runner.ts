import type { AegisParts } from "./aegis-parts.ts"
import type { CommandExecutor, SessionCommand } from "./command-executor.ts"
import { advancePipeline, fillStagePrompt, type StageEnd } from "./decide-pipeline.ts"
import { type Actor, type AegisEvent, isSystemEvent } from "./events.ts"
import { lastAnswer } from "./last-answer.ts"
import { isFull } from "./log-refusal.ts"
import { turnsTable } from "./metrics-rows.ts"
import { pause } from "./pause.ts"
import { toldOf } from "./pipeline-book.ts"
import { pipelinesTable } from "./pipeline-rows.ts"
import type { PipelineState, StageState } from "./pipeline-state.ts"
import { SessionError } from "./session-error.ts"
import type { SessionMaker } from "./session-maker.ts"
import { sessionFold } from "./session-models.ts"
import { isEnded, isOccupied } from "./session-state.ts"
import type { PipelineChange } from "./system-change.ts"

export interface PipelineRunnerParts {
  readonly executor: CommandExecutor
  readonly maker: SessionMaker
}

/** Looks at pipelines whose stages have moved, and begins what is to be begun. All that it knows is in the log. */
export class PipelineRunner {
  readonly #parts: AegisParts
  readonly #executor: CommandExecutor
  readonly #maker: SessionMaker
  /** Pipelines by the sessions of their stages that run. */
  readonly #pipelines = new Map<string, string>()
  /** Those that are looked at, and whether they have to be once more. */
  readonly #looking = new Map<string, { isDue: boolean; done: Promise<void> }>()
  readonly #stop = new AbortController()
  #reading: Promise<void> | undefined

  constructor(parts: AegisParts, { executor, maker }: PipelineRunnerParts) {
    this.#parts = parts
    this.#executor = executor
    this.#maker = maker
  }

  /** Goes on with those that an earlier life left. */
  async start() {
    const after = this.#parts.log.head()
    await this.#pokeAll()
    this.#reading = this.#read(after)
  }

  async close() {
    this.#stop.abort()
    await this.#reading
    await Promise.all([...this.#looking.values()].map(({ done }) => done))
  }

  async #read(after: number) {
    for await (const page of this.#parts.log.tail({ after, signal: this.#stop.signal }))
      for (const entry of page) if (WAKING.has(entry.type)) await this.#take(entry.event)
  }

  async #take(event: AegisEvent) {
    if (event.type === "system.resumed") return this.#pokeAll()
    if (event.type === "pipeline.created") return this.#poke(event.data.pipelineId)
    if (isSystemEvent(event)) return
    const pipelineId = this.#pipelines.get(event.sessionId)
    if (pipelineId !== undefined) this.#poke(pipelineId)
  }

  async #pokeAll() {
    const running = await this.#parts.log.rows(pipelinesTable, { where: { status: "running" } })
    for (const { pipelineId } of running) this.#poke(pipelineId)
  }

  #poke(pipelineId: string) {
    if (this.#stop.signal.aborted) return
    const looking = this.#looking.get(pipelineId)
    if (looking) {
      looking.isDue = true
      return
    }
    const entry = { isDue: true, done: Promise.resolve() }
    this.#looking.set(pipelineId, entry)
    entry.done = this.#look(pipelineId, entry)
  }

  async #look(pipelineId: string, entry: { isDue: boolean }) {
    while (entry.isDue && !this.#stop.signal.aborted) {
      entry.isDue = false
      try {
        await this.#advance(pipelineId)
      } catch (error) {
        // What the log refuses for good is told to whoever writes next, and the next start goes on here.
        if (!isFull(error)) continue
        await pause(this.#parts.settings.fullDiskRetryMs, this.#stop.signal)
        entry.isDue = true
      }
    }
    this.#looking.delete(pipelineId)
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

/** Events after which something may have to be begun: of a pipeline, of all work, of a session whose stage may be over. */
const WAKING: ReadonlySet<string> = new Set<AegisEvent["type"]>([
  "pipeline.created",
  "system.resumed",
  "turn.ended",
  "approval.delivered",
  "approval.undeliverable",
  "question.delivered",
  "agent.exited",
  "session.killed",
  "session.crashed",
])

/** How the stage's session has ended what it was asked for; undefined: it works, waits or is asked. */
async function endOf(
  log: AegisParts["log"],
  { stage, sessionId }: { readonly stage: string; readonly sessionId: string },
): Promise<StageEnd | undefined> {
  const { state } = await log.fold(sessionFold, sessionId)
  if (!state) throw new Error(`Stage ${stage} has a session ${sessionId} that is not there.`)
  if (!isEnded(state) && isOccupied(state)) return undefined
  const [turn] = await log.rows(turnsTable, { where: { sessionId }, order: [["seq", "desc"]], limit: 1 })
  if (!turn) return undefined
  const said = await saidLast(log, sessionId)
  if (turn.stopReason === "end_turn") return { stage, status: "completed", ...said }
  const [ended] = await log.read({ stream: sessionId, after: turn.seq - 1, limit: 1 })
  const problem = ended?.event.type === "turn.ended" ? ended.event.data.error : undefined
  const code = turn.stopReason ?? "unknown"
  return { stage, status: "failed", ...said, error: problem ?? { code, message: `Its turn ended with ${code}.` } }
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

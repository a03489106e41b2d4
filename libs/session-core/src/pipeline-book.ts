import type { AegisParts } from "./aegis-parts.ts"
import type { Caller } from "./caller.ts"
import type { CommandExecutor } from "./command-executor.ts"
import { cancelPipeline, refuseStages } from "./decide-pipeline.ts"
import { type PipelineStage, pipelineStream } from "./events.ts"
import { withoutUndefined } from "./evolve.ts"
import type { Pipeline, PipelineItem, PipelineWish } from "./pipeline.ts"
import { pipelinesTable } from "./pipeline-rows.ts"
import { isPipelineEvent, type PipelineState, type PipelineStatus } from "./pipeline-state.ts"
import { SessionError } from "./session-error.ts"
import { pipelineFold } from "./session-models.ts"

export interface PipelinePageQuery {
  readonly tenantId: string
  readonly userId?: string | undefined
  readonly status?: PipelineStatus | undefined
  /** `next` of the page before. */
  readonly after?: number | undefined
  readonly limit: number
}

export interface PipelineBookParts {
  readonly executor: CommandExecutor
  /** What a session for the stage would come to. Rejects where there can be none. */
  readonly maker: { check(stage: PipelineStage): Promise<{ readonly workDir: string }> }
}

/** Pipelines, as the log has them. Who may see and change which is decided at the door. */
export class PipelineBook {
  readonly #parts: Pick<AegisParts, "log" | "newId" | "newSalt">
  readonly #executor: CommandExecutor
  readonly #maker: PipelineBookParts["maker"]

  constructor(parts: Pick<AegisParts, "log" | "newId" | "newSalt">, { executor, maker }: PipelineBookParts) {
    this.#parts = parts
    this.#executor = executor
    this.#maker = maker
  }

  /** Rejects with `pipeline-invalid`, and with what refuses a session as one of its stages wants it. */
  async create({ actor, owner, idempotency }: Caller, { name, stages }: PipelineWish): Promise<Pipeline> {
    const refusal = refuseStages(stages)
    if (refusal) throw refusal
    const checked: PipelineStage[] = []
    for (const stage of stages) checked.push({ ...stage, workDir: await this.#folderOf(stage) })
    const pipelineId = this.#parts.newId()
    const salt = this.#parts.newSalt()
    const key = actor.kind === "key" ? actor.id : undefined
    const data = { pipelineId, ...owner, salt, name, stages: checked, ...withoutUndefined({ key }) }
    const look = async () => ({ changes: [{ type: "pipeline.created", data } as const], salt })
    const events = await this.#executor.executePipeline(pipelineId, look, { actor, idempotency })
    return this.get(events.find(isPipelineEvent)?.data.pipelineId ?? pipelineId)
  }

  /** Rejects with `pipeline-not-found`. */
  async get(pipelineId: string): Promise<Pipeline> {
    const { creator: _creator, key: _key, stages, ...state } = await this.#stateOf(pipelineId)
    const told = await toldOf(this.#parts.log, pipelineId)
    return {
      ...state,
      seq: told.seq,
      stages: stages.map((stage) => ({ ...told.stage(stage.name), ...stage, ...told.said(stage.name) })),
    }
  }

  /** Whose it is; undefined: there is none. */
  async find(pipelineId: string) {
    return (await this.#fold(pipelineId))?.owner
  }

  /** Newest first. `next`: where there is more. */
  async list({ tenantId, userId, status, after, limit }: PipelinePageQuery) {
    const before = after === undefined ? {} : { createdSeq: { lt: after } }
    const where = { tenantId, ...withoutUndefined({ userId, status }), ...before }
    const rows = await this.#parts.log.rows(pipelinesTable, {
      where,
      order: [["createdSeq", "desc"]],
      limit: limit + 1,
    })
    const items: PipelineItem[] = []
    for (const { pipelineId, createdSeq } of rows.slice(0, limit)) {
      const { creator: _creator, key: _key, ...state } = await this.#stateOf(pipelineId)
      items.push({ ...state, seq: createdSeq })
    }
    return { items, next: rows.length > limit ? items.at(-1)?.seq : undefined }
  }

  /** Ends the sessions of its stages that run, and begins no other. Rejects with `pipeline-not-found`. */
  async cancel({ actor, idempotency }: Caller, pipelineId: string, { reason }: { readonly reason: string }) {
    const look = async (state: PipelineState | undefined) => {
      if (!state) throw unknown(pipelineId)
      const changes = cancelPipeline(state, reason)
      const running = changes.length > 0 ? state.stages.filter(({ status }) => status === "running") : []
      const commands = running.flatMap(({ sessionId }) =>
        sessionId === undefined ? [] : [{ type: "kill", reason, sessionId } as const],
      )
      return { changes, commands }
    }
    await this.#executor.executePipeline(pipelineId, look, { actor, idempotency })
    return this.get(pipelineId)
  }

  async #folderOf(stage: PipelineStage) {
    try {
      return (await this.#maker.check(stage)).workDir
    } catch (error) {
      if (SessionError.is(error)) throw new SessionError(error.code, `Stage ${stage.name}: ${error.message}`)
      throw error
    }
  }

  async #stateOf(pipelineId: string) {
    const state = await this.#fold(pipelineId)
    if (!state) throw unknown(pipelineId)
    return state
  }

  async #fold(pipelineId: string) {
    return (await this.#parts.log.fold(pipelineFold, pipelineStream(pipelineId))).state
  }
}

function unknown(pipelineId: string) {
  return new SessionError("pipeline-not-found", `There is no pipeline ${pipelineId}.`)
}

/** Begun 11 times at most, each of 50 stages ends as often. */
const MOST_EVENTS = 1000

/** What its stages were told, and what those that are over have said: too long to be kept in its state. */
export async function toldOf(log: AegisParts["log"], pipelineId: string) {
  const types = ["pipeline.created", "pipeline.stage_ended"]
  const entries = await log.read({ stream: pipelineStream(pipelineId), after: 0, limit: MOST_EVENTS, types })
  const events = entries.map(({ event }) => event)
  const wished = events.flatMap((event) => (event.type === "pipeline.created" ? event.data.stages : []))
  const ended = events.flatMap((event) => (event.type === "pipeline.stage_ended" ? [event.data] : []))
  const stages = new Map(wished.map((stage) => [stage.name, stage]))
  const said = new Map(
    ended.map(({ stage, output, isShortened }) => [stage, withoutUndefined({ output, isShortened })]),
  )
  return {
    seq: entries[0]?.seq ?? 0,
    stage(name: string): PipelineStage {
      const stage = stages.get(name)
      if (!stage) throw new Error(`Pipeline ${pipelineId} has a stage ${name} that nobody has wished for.`)
      return stage
    },
    said: (name: string) => said.get(name) ?? {},
    outputs: new Map([...said].map(([name, { output = "" }]) => [name, output])),
  }
}

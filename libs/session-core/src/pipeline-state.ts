import type { Actor, PipelineStage, SystemEvent } from "./events.ts"

/** A pipeline as its events give it, less what is long: prompts and outputs stay in the log. Survives JSON. */
export interface PipelineState {
  readonly pipelineId: string
  readonly owner: { readonly userId: string; readonly tenantId: string }
  readonly name: string
  readonly createdAt: string
  /** Who wanted it, and the key that its work is counted on. */
  readonly creator: Actor
  readonly key?: string
  readonly status: PipelineStatus
  readonly endedAt?: string
  /** Why it is over. */
  readonly reason?: string
  readonly stages: readonly StageState[]
}

export type PipelineStatus = "running" | "completed" | "failed" | "cancelled"
export type StageStatus = "pending" | "running" | "completed" | "failed" | "skipped" | "cancelled"

export interface StageState extends Pick<PipelineStage, "name" | "dependsOn" | "onFailure" | "retries"> {
  readonly status: StageStatus
  /** How often it was begun. */
  readonly attempts: number
  /** Of the last try, once there was one. */
  readonly sessionId?: string
  readonly startedAt?: string
  readonly endedAt?: string
  readonly error?: { readonly code: string; readonly message: string }
}

export type PipelineEvent = Extract<SystemEvent, { readonly type: `pipeline.${string}` }>

export function isPipelineEvent<E extends { readonly type: string }>(event: E): event is E & PipelineEvent {
  return event.type.startsWith("pipeline.")
}

/** The one place where a pipeline's state changes. Pure. */
export function evolvePipeline(state: PipelineState | undefined, event: PipelineEvent): PipelineState | undefined {
  if (event.type === "pipeline.created") return created(event)
  if (!state) return undefined
  switch (event.type) {
    case "pipeline.stage_started": {
      const { stage, attempt, sessionId } = event.data
      return withStage(state, stage, ({ error: _error, endedAt: _endedAt, ...before }) => ({
        ...before,
        status: "running",
        attempts: attempt,
        sessionId,
        startedAt: event.at,
      }))
    }
    case "pipeline.stage_ended": {
      const { stage, attempt, status, error, isRetried } = event.data
      return withStage(state, stage, (before) => ({
        ...before,
        status: isRetried ? "pending" : status,
        attempts: attempt,
        endedAt: event.at,
        ...(error ? { error } : {}),
      }))
    }
    case "pipeline.ended":
      return { ...state, status: event.data.status, reason: event.data.reason, endedAt: event.at }
  }
}

function created({ at, actor, data }: PipelineEvent & { readonly type: "pipeline.created" }): PipelineState {
  const { pipelineId, tenantId, userId, name, key, stages } = data
  return {
    pipelineId,
    owner: { tenantId, userId },
    name,
    createdAt: at,
    creator: actor,
    ...(key === undefined ? {} : { key }),
    status: "running",
    stages: stages.map(({ name: stage, dependsOn, onFailure, retries }) => ({
      name: stage,
      dependsOn,
      onFailure,
      retries,
      status: "pending",
      attempts: 0,
    })),
  }
}

function withStage(state: PipelineState, name: string, change: (stage: StageState) => StageState): PipelineState {
  return { ...state, stages: state.stages.map((stage) => (stage.name === name ? change(stage) : stage)) }
}

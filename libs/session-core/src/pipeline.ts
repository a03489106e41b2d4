import type { PipelineStage } from "./events.ts"
import type { PipelineState, StageState } from "./pipeline-state.ts"

/** A pipeline in a list. */
export interface PipelineItem extends Omit<PipelineState, "creator" | "key"> {
  /** Of its first event: who follows it begins there. */
  readonly seq: number
}

/** A pipeline with all that its stages were told and have said. */
export interface Pipeline extends Omit<PipelineItem, "stages"> {
  readonly stages: readonly Stage[]
}

export interface Stage extends StageState, PipelineStage {
  /** The agent's last words, of the last try that has ended. */
  readonly output?: string
  readonly isShortened?: boolean
}

export interface PipelineWish {
  readonly name: string
  readonly stages: readonly PipelineStage[]
}

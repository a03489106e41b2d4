import { join } from "node:path"
import { findRecording, readRecording } from "@aegis/acp-runtime/node"
import type { Recordings } from "./aegis-parts.ts"

/** What one run may have; then its recording is cut, and no cassette of its session can be made. */
const MOST_BYTES = 64 * 1024 * 1024

export interface RecordingsOptions {
  readonly stateDir: string
  readonly isOn: boolean
}

/** Recordings in the data directory, a file for each run. */
export function createRecordings({ stateDir, isOn }: RecordingsOptions): Recordings {
  const pathOf = (runId: string) => join(stateDir, "recordings", runId)
  return {
    placeOf: (runId) => (isOn ? { path: pathOf(runId), bytes: MOST_BYTES } : undefined),
    find: (runId) => findRecording(pathOf(runId)),
    read: (runId) => readRecording(pathOf(runId)),
  }
}

import type { EmergencyEntry, EmergencyFile } from "./emergency.ts"
import { isFull } from "./log-refusal.ts"

export interface KeptCommandsOptions {
  readonly file: EmergencyFile | undefined
  /** Brings one into the log. Rejects when the log refuses it. */
  readonly apply: (entry: EmergencyEntry) => Promise<unknown>
  /** After how long it is looked again whether a full disk has room: nobody tells. */
  readonly retryMs: number
}

/** What the log could not take and must not be lost: on disk beside it, until it can. */
export class KeptCommands {
  readonly #options: KeptCommandsOptions
  #merging: Promise<void> | undefined

  constructor(options: KeptCommandsOptions) {
    this.#options = options
  }

  get entries(): readonly EmergencyEntry[] {
    return this.#options.file?.entries ?? []
  }

  /** Whether it is on disk. Without a place at all, the log's own refusal is the answer. */
  keep(entry: EmergencyEntry) {
    try {
      this.#options.file?.add(entry)
    } catch {
      return false
    }
    void this.#mergeWhenPossible()
    return this.#options.file !== undefined
  }

  /** Brings what was kept into the log, before anything else. */
  merge(): Promise<void> {
    this.#merging ??= this.#mergeAll().finally(() => {
      this.#merging = undefined
    })
    return this.#merging
  }

  async #mergeAll() {
    const { file, apply } = this.#options
    for (const entry of this.entries) await apply(entry)
    file?.clear()
  }

  // Nobody tells when a disk has room again.
  async #mergeWhenPossible() {
    while (this.entries.length > 0) {
      await new Promise<void>((resolve) => setTimeout(resolve, this.#options.retryMs).unref())
      try {
        await this.merge()
      } catch (error) {
        // Failed or closed: the next start does it first thing.
        if (!isFull(error)) return
      }
    }
  }
}

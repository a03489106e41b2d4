import { closeSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs"
import { dirname } from "node:path"
import type { RecordingPlace } from "./agent-host.ts"
import { CUT_ENDING, recordHead } from "./recording-format.ts"

/**
 * What goes over an agent's two pipes, kept in a file for its owner alone. It is written into the system's memory, as the
 * spool is, and never in the agent's way: what cannot be kept cuts the recording, and its name says so.
 */
export class AgentRecording {
  readonly #path: string
  readonly #bound: number
  #descriptor: number | undefined
  #size = 0

  constructor({ path, bytes }: RecordingPlace) {
    this.#path = path
    this.#bound = bytes
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      this.#descriptor = openSync(path, "wx", 0o600)
    } catch {
      // A full disk, mostly: there is none, and whoever asks for it is told that.
    }
  }

  /** Bytes from the agent, as they come: a line may be in several pieces. */
  heard(bytes: Buffer) {
    this.#keep("agent", bytes)
  }

  /** A line to the agent, before it is written to the pipe: what the agent says to it comes after it here, too. */
  said(line: string) {
    if (this.#descriptor !== undefined) this.#keep("client", Buffer.from(line))
  }

  close() {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    this.#descriptor = undefined
  }

  #keep(from: "agent" | "client", bytes: Buffer) {
    const descriptor = this.#descriptor
    if (descriptor === undefined) return
    const record = Buffer.concat([recordHead({ from, at: Date.now(), length: bytes.length }), bytes])
    this.#size += record.length
    if (this.#size > this.#bound) return this.#cut()
    try {
      if (writeSync(descriptor, record) < record.length) this.#cut()
    } catch {
      // A full disk, mostly. The agent goes on.
      this.#cut()
    }
  }

  #cut() {
    this.close()
    try {
      renameSync(this.#path, `${this.#path}${CUT_ENDING}`)
    } catch {
      // Somebody took it away: there is none, then.
    }
  }
}

import { rmSync } from "node:fs"
import { AcpError } from "./acp-error.ts"
import type { AgentExit, AgentFrame, AgentLink } from "./agent-host.ts"
import { readEnd, readSpool } from "./read-spool.ts"

/** A run whose host is gone: what it said is still there to be read. */
export class SpooledAgentLink implements AgentLink {
  readonly runId: string
  readonly exited: Promise<AgentExit>
  readonly isLinked = false
  readonly #folder: string

  constructor(runId: string, folder: string) {
    this.runId = runId
    this.#folder = folder
    this.exited = Promise.resolve(readEnd(folder)?.exit ?? hostEnded)
  }

  async *frames({ after, signal }: { readonly after: number; readonly signal?: AbortSignal }) {
    for await (const page of readSpool(this.#folder, after) as AsyncIterable<readonly AgentFrame[]>) {
      if (signal?.aborted) return
      yield page
    }
  }

  watch() {
    // There is no way to it any more.
  }

  async send({ id }: { readonly id: string }): Promise<void> {
    throw new AcpError("agent-exited", `The agent is gone: frame ${id} was not delivered.`)
  }

  acknowledge() {
    // All of it goes when it is released.
  }

  stop() {
    return this.exited
  }

  release() {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

const hostEnded: AgentExit = {
  code: null,
  signal: null,
  stderrTail: "",
  reason: "The agent host ended, and the agent with it.",
}

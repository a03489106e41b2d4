import { writeFileSync } from "node:fs"
import { join } from "node:path"
import type { AgentSpawn, OutboundFrame } from "./agent-host.ts"
import type { AgentLimits } from "./agent-limits.ts"
import { AgentProcess } from "./agent-process.ts"
import { FileSpool } from "./file-spool.ts"
import type { EndedRun } from "./host-message.ts"
import { spawnAgent } from "./spawn-agent.ts"

export interface HostedAgentOptions {
  /** Of this run alone. */
  readonly folder: string
  readonly marker: string
  readonly limits: AgentLimits
}

/** Whoever reads a run's output, and how far. */
export interface OutputReader {
  readonly reader: number
  at: number
  upTo: number
  /** False: not now; `pump` is called when there is room again. */
  readonly hasRoom: () => boolean
  readonly send: (from: number, bytes: Buffer) => void
}

/** The file in a run's folder that says how it ended. */
export const END_FILE = "end.json"
const PAGE_BYTES = 256 * 1024

/** One agent in the host: its process, what it said, and who reads it. */
export class HostedAgent {
  /** Set when the process is gone. */
  ended: EndedRun | undefined
  /** Resolves after `ended` is set. */
  readonly whenEnded: Promise<EndedRun>
  readonly #agent: AgentProcess
  readonly #spool: FileSpool
  #reader: OutputReader | undefined

  static async start(wanted: AgentSpawn, { folder, marker, limits }: HostedAgentOptions) {
    let hosted: HostedAgent | undefined
    const spool = new FileSpool({
      folder,
      bound: limits.spoolBytes,
      onFull: (isFull) => hosted?.hold(isFull),
      onChange: () => hosted?.pump(),
    })
    // After the folder: a process that nobody could keep the words of is not begun.
    const child = await spawnAgent(wanted, marker).catch((error: unknown): never => {
      spool.remove()
      throw error
    })
    const agent = new AgentProcess(child, { ...wanted, marker, limits, output: spool })
    hosted = new HostedAgent(agent, spool, folder)
    return hosted
  }

  private constructor(agent: AgentProcess, spool: FileSpool, folder: string) {
    this.#agent = agent
    this.#spool = spool
    this.whenEnded = agent.exited.then((exit) => {
      this.ended = { exit, end: spool.end }
      try {
        // For whoever comes when this host is gone, too.
        writeFileSync(join(folder, END_FILE), JSON.stringify(this.ended), { mode: 0o600 })
      } catch {
        // A full disk: the server is told all the same.
      }
      return this.ended
    })
  }

  get pid() {
    return this.#agent.pid
  }

  hold(isFull: boolean) {
    this.#agent.hold(isFull)
  }

  send(frame: OutboundFrame) {
    return this.#agent.send(frame)
  }

  async stop(options: { readonly graceMs?: number }) {
    await this.#agent.stop(options)
    return this.whenEnded
  }

  acknowledge(offset: number) {
    this.#spool.acknowledge(offset)
  }

  /** Takes the place of an earlier reader. */
  read(reader: OutputReader) {
    reader.at = Math.max(reader.at, this.#spool.acknowledged)
    this.#reader = reader
    this.pump()
  }

  more(reader: number, upTo: number) {
    if (this.#reader?.reader !== reader) return
    this.#reader.upTo = upTo
    this.pump()
  }

  stopReading() {
    this.#reader = undefined
  }

  /** Sends what is there, as far as the reader wants it. */
  pump() {
    const reader = this.#reader
    while (reader?.hasRoom() && reader.at < reader.upTo) {
      const bytes = this.#spool.read(reader.at, Math.min(PAGE_BYTES, reader.upTo - reader.at))
      if (bytes.length === 0) return
      reader.send(reader.at, bytes)
      reader.at += bytes.length
    }
  }

  /** Of a run that has ended: takes away what is kept of it. */
  remove() {
    this.#spool.remove()
  }
}

import type { AgentExit, OutboundFrame, RecordingPlace } from "./agent-host.ts"
import type { AgentLimits } from "./agent-limits.ts"
import { AgentRecording } from "./agent-recording.ts"
import { AgentStdin } from "./agent-stdin.ts"
import { LineMeter } from "./line-meter.ts"
import { endMarked } from "./process-marker.ts"
import type { AgentChild } from "./spawn-agent.ts"
import { StderrTail } from "./stderr-tail.ts"

/** Where an agent's stdout goes, byte for byte. */
export interface AgentOutput {
  push(bytes: Buffer): void
  /** Nothing more will come. */
  close(): void
}

export interface AgentProcessOptions {
  readonly runId: string
  readonly marker: string
  readonly limits: AgentLimits
  readonly output: AgentOutput
  readonly recording?: RecordingPlace
}

/** One agent and all it started: leader of its own process group, found again by its marker. */
export class AgentProcess {
  readonly runId: string
  readonly pid: number
  readonly exited: Promise<AgentExit>
  readonly #child: AgentChild
  readonly #marker: string
  readonly #limits: AgentLimits
  readonly #stdin: AgentStdin
  readonly #output: AgentOutput
  readonly #lines = new LineMeter()
  readonly #stderr: StderrTail
  readonly #recording: AgentRecording | undefined
  #reasons: string[] = []
  #hasEnded = false

  constructor(child: AgentChild, { runId, marker, limits, output, recording }: AgentProcessOptions) {
    this.runId = runId
    this.pid = child.pid ?? 0
    this.#child = child
    this.#marker = marker
    this.#limits = limits
    this.#recording = recording && new AgentRecording(recording)
    this.#stdin = new AgentStdin(child.stdin, {
      bound: limits.stdinBytes,
      onWrite: (line) => this.#recording?.said(line),
    })
    this.#output = output
    this.#stderr = new StderrTail(limits.stderrBytes)
    child.stdout.on("data", (bytes: Buffer) => this.#hear(bytes))
    child.stderr.on("data", (bytes: Buffer) => this.#stderr.push(bytes))
    // A pipe that breaks is closed by it, which is what is waited for; unheard, the error would end this process too.
    for (const part of [child, child.stdout, child.stderr]) part.on("error", () => {})
    this.exited = this.#untilGone()
  }

  send(frame: OutboundFrame) {
    return this.#stdin.send(frame)
  }

  /** What is left in the pipe when the agent is gone is little, and is read whatever the bound. */
  hold(isFull: boolean) {
    if (isFull && !this.#hasEnded) this.#child.stdout.pause()
    else this.#child.stdout.resume()
  }

  /** End of input and SIGTERM to the group, SIGKILL after the grace; what carries the marker goes with the exit. */
  async stop({ graceMs = this.#limits.graceMs }: { readonly graceMs?: number } = {}): Promise<AgentExit> {
    this.#stdin.end()
    this.#signalGroup("SIGTERM")
    const timer = setTimeout(() => this.#signalGroup("SIGKILL"), graceMs)
    try {
      return await this.exited
    } finally {
      clearTimeout(timer)
    }
  }

  #hear(bytes: Buffer) {
    if (this.#lines.longest > this.#limits.frameBytes) return
    this.#lines.push(bytes)
    this.#recording?.heard(bytes)
    this.#output.push(bytes)
    if (this.#lines.longest <= this.#limits.frameBytes) return
    this.#reasons.push(`It sent a line of more than ${this.#limits.frameBytes} bytes and was ended.`)
    this.#signalGroup("SIGKILL")
  }

  async #untilGone(): Promise<AgentExit> {
    const closed = new Promise<void>((resolve) => this.#child.once("close", () => resolve()))
    const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
      this.#child.once("exit", (...how) => resolve(how))
    })
    this.#hasEnded = true
    this.#child.stdout.resume()
    this.#signalGroup("SIGKILL", { isLeaderGone: true })
    const isMarked = (marker: string) => marker === this.#marker
    await endMarked({ isMarked })
    // What still holds the pipes may have been missed: on a busy machine becoming another program takes its time.
    if (!(await this.#drained(closed))) await endMarked({ isMarked })
    this.#output.close()
    this.#recording?.close()
    return { code, signal, stderrTail: this.#stderr.text, ...this.#reason() }
  }

  /** A process that hid its marker and left the group may hold the pipes open: it is not waited for; then it is false. */
  async #drained(closed: Promise<void>) {
    let isDrained = true
    const timer = setTimeout(() => {
      isDrained = false
      this.#child.stdout.destroy()
      this.#child.stderr.destroy()
      this.#child.stdin.destroy()
    }, DRAIN_MS)
    await closed
    clearTimeout(timer)
    return isDrained
  }

  #reason() {
    const { pending } = this.#lines
    if (pending > 0) this.#reasons.push(`Its last line was not finished: ${pending} bytes were dropped.`)
    return this.#reasons.length === 0 ? {} : { reason: this.#reasons.join(" ") }
  }

  #signalGroup(signal: NodeJS.Signals, { isLeaderGone = false } = {}) {
    if (this.#hasEnded && !isLeaderGone) return
    try {
      // A negative pid is the whole group; Windows has none.
      if (process.platform === "win32") this.#child.kill(signal)
      else process.kill(-this.pid, signal)
    } catch {
      // Nobody is left in the group.
    }
  }
}

const DRAIN_MS = 2000

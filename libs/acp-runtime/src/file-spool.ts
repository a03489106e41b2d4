import { closeSync, mkdirSync, openSync, readSync, rmSync, unlinkSync, writeSync } from "node:fs"
import { join } from "node:path"
import type { AgentOutput } from "./agent-process.ts"

export interface FileSpoolOptions {
  /** Made by it; goes with `remove`. */
  readonly folder: string
  /** Unacknowledged bytes from which on the spool is full. */
  readonly bound: number
  readonly onFull: (isFull: boolean) => void
  /** There is more to read, or nothing more will come. */
  readonly onChange: () => void
  /** Size from which on a new file is begun. */
  readonly segmentBytes?: number
}

interface Segment {
  readonly start: number
  readonly descriptor: number
}

const MEGABYTE = 1024 * 1024
const RETRY_MS = 500

/** The name of a spool's file: the offset of its first byte. */
export function segmentName(start: number) {
  return `${start}.spool`
}

/**
 * An agent's output in files, so that it outlives whoever reads it. What was acknowledged goes, file by file. It is
 * written into the system's memory, not forced to disk: a machine that stops takes the agent with it.
 */
export class FileSpool implements AgentOutput {
  readonly #options: Required<FileSpoolOptions>
  #segments: Segment[] = []
  /** What a full disk did not take, and what came after it. */
  #unwritten: Buffer[] = []
  #written = 0
  #end = 0
  #acknowledged = 0
  #isFull = false
  #retry: NodeJS.Timeout | undefined

  constructor(options: FileSpoolOptions) {
    this.#options = { segmentBytes: 4 * MEGABYTE, ...options }
    mkdirSync(options.folder, { recursive: true, mode: 0o700 })
  }

  /** The offset after the last byte. */
  get end() {
    return this.#end
  }

  /** Everything before it is not kept. */
  get acknowledged() {
    return this.#acknowledged
  }

  push(bytes: Buffer) {
    this.#end += bytes.length
    this.#unwritten.push(bytes)
    this.#write()
  }

  close() {
    this.#options.onChange()
  }

  acknowledge(offset: number) {
    if (offset <= this.#acknowledged) return
    this.#acknowledged = Math.min(offset, this.#written)
    this.#trim()
    this.#changed()
  }

  /** At most so many bytes from the offset on; none where nothing is written yet. */
  read(from: number, limit: number): Buffer {
    const index = this.#segments.findLastIndex(({ start }) => start <= from)
    const segment = this.#segments[index]
    if (!segment || from >= this.#written) return Buffer.alloc(0)
    const end = this.#segments[index + 1]?.start ?? this.#written
    const bytes = Buffer.allocUnsafe(Math.min(limit, end - from))
    return bytes.subarray(0, readSync(segment.descriptor, bytes, 0, bytes.length, from - segment.start))
  }

  /** Ends it and takes all of it away. */
  remove() {
    clearTimeout(this.#retry)
    for (const { descriptor } of this.#segments) closeSync(descriptor)
    this.#segments = []
    rmSync(this.#options.folder, { recursive: true, force: true })
  }

  #write() {
    if (this.#retry) return
    try {
      for (let [bytes] = this.#unwritten; bytes; [bytes] = this.#unwritten) {
        const { start, descriptor } = this.#segment()
        const count = writeSync(descriptor, bytes, 0, bytes.length, this.#written - start)
        this.#written += count
        if (count === bytes.length) this.#unwritten.shift()
        else this.#unwritten[0] = bytes.subarray(count)
      }
    } catch {
      // A full disk, mostly: the agent is left waiting at its pipe until there is room again.
      this.#retry = setTimeout(() => {
        this.#retry = undefined
        this.#write()
      }, RETRY_MS)
    }
    this.#changed()
  }

  /** The file that is written to. */
  #segment(): Segment {
    const last = this.#segments.at(-1)
    if (last && this.#written - last.start < this.#options.segmentBytes) return last
    const start = this.#written
    const segment = { start, descriptor: openSync(join(this.#options.folder, segmentName(start)), "w+", 0o600) }
    this.#segments.push(segment)
    this.#trim()
    return segment
  }

  #trim() {
    for (let [first, second] = this.#segments; first && second; [first, second] = this.#segments) {
      if (second.start > this.#acknowledged) return
      this.#segments.shift()
      closeSync(first.descriptor)
      unlinkSync(join(this.#options.folder, segmentName(first.start)))
    }
  }

  #changed() {
    const isFull = this.#retry !== undefined || this.#end - this.#acknowledged >= this.#options.bound
    if (isFull !== this.#isFull) {
      this.#isFull = isFull
      this.#options.onFull(isFull)
    }
    this.#options.onChange()
  }
}

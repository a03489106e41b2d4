import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"

export interface Fault {
  /** Only in this file; in all of the log's when absent. */
  readonly file?: string
  readonly call: "fsync" | "pwrite64"
  readonly error: "ENOSPC" | "EIO"
  /** Which of the thread's calls fails, from 1 on. */
  readonly nth: number
  /** And all that come after it. */
  readonly lasts: boolean
}

/** The words for strace that make calls on these files fail. */
export function straceWords({ call, error, nth, lasts }: Fault, files: readonly string[]) {
  const inject = `inject=${call}:error=${error}:when=${nth}${lasts ? "+" : ""}`
  return ["-f", "-y", ...files.flatMap((file) => ["-P", file]), "-e", "trace=fsync,fdatasync,pwrite64", "-e", inject]
}

/** A fault that is put under a running process, until it is taken away. */
export class Strace {
  /** What the process asked of the files, one line a call. */
  readonly lines: string[] = []
  /** Resolves with the first call that was made to fail; with the end of strace otherwise. */
  readonly hit: Promise<unknown>
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>

  private constructor(child: ChildProcess, lines: AsyncIterable<string>, onAttached: () => void) {
    this.#child = child
    this.#ended = once(child, "close")
    const hit = Promise.withResolvers<void>()
    this.hit = Promise.race([hit.promise, this.#ended])
    const read = async () => {
      for await (const line of lines) {
        if (line.includes(" attached")) onAttached()
        if (/ (fsync|fdatasync|pwrite64)\(/.test(line)) this.lines.push(line)
        if (line.includes("(INJECTED)")) hit.resolve()
      }
    }
    void read()
  }

  static async attach(pid: number, fault: Fault, files: readonly string[]) {
    const child = spawn("strace", [...straceWords(fault, files), "-p", String(pid)], {
      stdio: ["ignore", "ignore", "pipe"],
    })
    const attached = Promise.withResolvers<void>()
    const strace = new Strace(child, createInterface({ input: child.stderr }), attached.resolve)
    await Promise.race([attached.promise, strace.#ended])
    return strace
  }

  /** The process goes on as if nothing had been. */
  async detach() {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill("SIGINT")
    await this.#ended
  }

  /** What was asked of the files after the first call that was made to fail. */
  afterHit() {
    const index = this.lines.findIndex((line) => line.includes("(INJECTED)"))
    return index < 0 ? [] : this.lines.slice(index + 1)
  }
}

/** Why no call can be made to fail on this machine; undefined where it can. */
export function whyNoStrace(): string | undefined {
  const { error, status, stderr } = spawnSync("strace", ["-qq", "-e", "inject=fsync:error=EIO", "true"], {
    encoding: "utf8",
  })
  if (error) return "strace is not installed: apt-get install strace"
  return status === 0 ? undefined : `strace may not watch processes here: ${stderr.trim()}`
}

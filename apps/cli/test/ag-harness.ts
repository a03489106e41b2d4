import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { once } from "node:events"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { createInterface } from "node:readline"
import { setTimeout as delay } from "node:timers/promises"
import { afterEach, inject } from "vitest"
import { readServerRecord } from "../src/server-record.ts"

const program = inject("agProgram")

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** `ag` with a home and data directory of its own; its server is stopped after the test. */
export function useAg() {
  const folders: string[] = []
  const temporary = (name: string) => {
    const folder = mkdtempSync(join(tmpdir(), `ag-${name}-`))
    folders.push(folder)
    return folder
  }
  const homes: Ag[] = []
  afterEach(async () => {
    for (const ag of homes.splice(0)) await ag.stopServer()
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
  })
  return {
    temporary,
    home(env: Record<string, string> = {}) {
      const ag = new Ag(temporary("home"), env)
      homes.push(ag)
      return ag
    },
  }
}

class Ag {
  readonly stateDir: string
  readonly #env: Record<string, string | undefined>
  readonly #own: Record<string, string>

  constructor(home: string, env: Record<string, string>) {
    this.stateDir = join(home, "state")
    this.#own = env
    const own = {
      HOME: home,
      AEGIS_STATE_DIR: this.stateDir,
      AEGIS_PORT: "0",
      AEGIS_AGENT: "demo",
      NO_COLOR: "1",
    }
    this.#env = { ...process.env, ...own, ...env }
  }

  /** How another program would start it. */
  command(...words: readonly string[]) {
    const set = Object.entries(this.#env).filter((entry): entry is [string, string] => entry[1] !== undefined)
    return { command: process.execPath, args: [program, ...words], env: Object.fromEntries(set) }
  }

  start(...words: readonly string[]) {
    const { command, args } = this.command(...words)
    return spawn(command, args, {
      env: this.#env,
      stdio: ["ignore", "pipe", "pipe"],
      cwd: tmpdir(),
    })
  }

  /** The same data directory with other settings. */
  with(env: Record<string, string>) {
    return new Ag(dirname(this.stateDir), { ...this.#own, ...env })
  }

  /** As `ag server stop` does it, which takes as long as many a test: tells its server, and waits until it has gone. */
  async stopServer() {
    const left = processesOf(this.stateDir)
    if (left.length === 0) return
    const pid = String(readServerRecord(this.stateDir)?.pid)
    // Of one that was killed agents may be left, and a number that is somebody else's by now.
    if (!left.includes(pid)) return void (await this.run("server", "stop"))
    process.kill(Number(pid), "SIGTERM")
    while (processesOf(this.stateDir).includes(pid)) await delay(50)
  }

  /** `ag` in a terminal of its own, 100 columns wide. */
  terminal(...words: readonly string[]) {
    const quoted = [process.execPath, program, ...words].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ")
    const child = spawn(
      "script",
      ["--quiet", "--flush", "--return", "--command", `stty cols 100; ${quoted}`, "/dev/null"],
      {
        env: this.#env,
        cwd: tmpdir(),
        stdio: ["pipe", "pipe", "pipe"],
      },
    )
    return new Terminal(child)
  }

  async run(...words: readonly string[]): Promise<Ended> {
    const child = this.start(...words)
    let [stdout, stderr] = ["", ""]
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()))
    const [code] = (await once(child, "close")) as [number]
    return { code, stdout, stderr }
  }

  async json(...words: readonly string[]) {
    const { stdout, stderr, code } = await this.run(...words, "--json")
    if (code !== 0) throw new Error(`ag ${words.join(" ")} ended with ${code}: ${stderr}`)
    return JSON.parse(stdout)
  }

  /** The events of a running `ag … --json`, as they come. */
  async *events(...words: readonly string[]) {
    const child = this.start(...words, "--json")
    try {
      for await (const line of createInterface({ input: child.stdout }))
        yield JSON.parse(line) as {
          seq: number
          type: string
          sessionId: string
          status: string
          hash: string
          data: Record<string, unknown>
        }
    } finally {
      // Whoever has seen enough leaves nothing running.
      child.kill()
    }
  }
}

/** What a person sees and types. */
class Terminal {
  readonly ended: Promise<number>
  readonly #child: ChildProcessWithoutNullStreams
  #seen = ""
  #from = 0

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child
    this.ended = once(child, "close").then(([code]) => code as number)
    child.stdout.on("data", (chunk: Buffer) => {
      this.#seen += chunk.toString()
    })
  }

  get seen() {
    return this.#seen
  }

  /** Resolves when the text has appeared, after what was waited for before. */
  async until(text: string) {
    let place = this.#seen.indexOf(text, this.#from)
    while (place === -1) {
      const isOver = await Promise.race([
        once(this.#child.stdout, "data").then(() => false),
        this.ended.then(() => true),
      ])
      place = this.#seen.indexOf(text, this.#from)
      if (isOver && place === -1) throw new Error(`"${text}" never came. What came: ${this.#seen.slice(this.#from)}`)
    }
    this.#from = place + text.length
  }

  type(keys: string) {
    this.#child.stdin.write(keys)
  }
}

export const script = (...lines: string[]) => ["#script", ...lines].join("\n")

/** Processes whose environment names the folder: the server of a test's data directory, and its agents. */
export function processesOf(stateDir: string) {
  const own = String(process.pid)
  const marker = `AEGIS_AGENT_RUN=${createHash("sha256").update(stateDir).digest("hex").slice(0, 16)}:`
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid) || pid === own) return false
    const [words, variables] = [read(`/proc/${pid}/cmdline`), read(`/proc/${pid}/environ`)]
    return words.includes(stateDir) || variables.includes(stateDir) || variables.includes(marker)
  })
}

function read(path: string) {
  try {
    return readFileSync(path, "utf8")
  } catch {
    // Gone meanwhile.
    return ""
  }
}

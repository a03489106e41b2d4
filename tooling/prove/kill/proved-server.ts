import { type ChildProcess, spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { once } from "node:events"
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import type { Readable } from "node:stream"
import { fileURLToPath } from "node:url"
import { AegisClient, type RawEvent } from "@aegis/client"
import { SMALL_NURSERY } from "@aegis/server/local"

const plainProgram = fileURLToPath(new URL("server-program.ts", import.meta.url))
const flags = ["--conditions=@aegis/source", "--disable-warning=ExperimentalWarning", SMALL_NURSERY]

export interface ProvedServerOptions {
  /** What is started instead of a plain server, with the same words. */
  readonly program?: string
  /** Variables that it has besides ours. */
  readonly env?: Readonly<Record<string, string>>
  /** A file that gets what it says on stderr, instead of us. */
  readonly log?: string
  /** A module that is loaded before the server. */
  readonly preload?: string
  /** What it runs under: a program and its words, before the server's own. */
  readonly under?: readonly string[]
  /** How long a reader may take nothing, in milliseconds. */
  readonly stuckMs?: number
}

/** A real server in a process of its own, that is killed and comes back at the same address. */
export class ProvedServer {
  readonly stateDir: string
  readonly #program: string
  readonly #env: Readonly<Record<string, string>>
  readonly #log: string | undefined
  readonly #flags: readonly string[]
  readonly #under: readonly string[]
  readonly #stuckMs: number
  /** What the last one said on stderr. */
  said = ""
  #child: ChildProcess | undefined
  #port = 0
  #client: AegisClient | undefined
  #token = ""
  #call: ((path: string, method: string) => Promise<Response>) | undefined

  constructor(
    stateDir: string,
    { program = plainProgram, env = {}, log, preload, under = [], stuckMs = 60_000 }: ProvedServerOptions = {},
  ) {
    this.stateDir = stateDir
    this.#program = program
    this.#env = env
    this.#log = log
    this.#under = under
    this.#stuckMs = stuckMs
    this.#flags = preload === undefined ? flags : [...flags, `--import=${preload}`]
  }

  /** A folder to work in; of that name it is the same one. Outside of the data directory, and gone with this process. */
  workFolder(name: string) {
    const root = `${this.stateDir}.work`
    if (!existsSync(root)) process.once("exit", () => rmSync(root, { recursive: true, force: true }))
    const folder = join(root, name)
    mkdirSync(folder, { recursive: true })
    return folder
  }

  get pid() {
    return this.#child?.pid ?? 0
  }

  get token() {
    return this.#token
  }

  get client() {
    if (!this.#client) throw new Error("The server was not started.")
    return this.#client
  }

  /** One request as it is, without what the client does about answers. */
  async call(path: string, method: "GET" | "POST" = "GET") {
    if (!this.#call) throw new Error("The server was not started.")
    const response = await this.#call(path, method)
    return { response, body: (await response.json()) as Readonly<Record<string, unknown>> }
  }

  /** The exit code of one that ends by itself; null for one that was ended. */
  async untilEnded() {
    const child = this.#child
    if (child && child.exitCode === null && child.signalCode === null) await once(child, "close")
    return child?.exitCode ?? null
  }

  /** How long it took to answer, in milliseconds. */
  async start() {
    const began = performance.now()
    const own = [process.execPath, ...this.#flags, this.#program]
    const words = [...this.#under, ...own, this.stateDir, String(this.#port), String(this.#stuckMs)]
    const child = this.#spawn(words)
    this.said = ""
    child.stderr?.on("data", (chunk: Buffer) => (this.said += chunk.toString()))
    this.#child = child
    const [line] = await Promise.race([
      once(createInterface({ input: child.stdout }), "line") as Promise<[string]>,
      once(child, "close").then((): never => {
        throw new Error(`The server did not start:\n${this.said}`)
      }),
    ])
    const { url, token } = JSON.parse(line) as { readonly url: string; readonly token: string }
    this.#call = (path, method) => fetch(`${url}${path}`, { method, headers: { Authorization: `Bearer ${token}` } })
    this.#port = Number(new URL(url).port)
    this.#token = token
    this.#client ??= new AegisClient(url, token)
    return performance.now() - began
  }

  #spawn([command = "", ...words]: readonly string[]) {
    const log = this.#log === undefined ? undefined : openSync(this.#log, "a")
    const env = { ...process.env, ...this.#env }
    const child = spawn(command, words, { stdio: ["ignore", "pipe", log ?? "pipe"], env })
    if (log !== undefined) closeSync(log)
    return child as ChildProcess & { readonly stdout: Readable }
  }

  /** At once, with all that runs on its behalf. */
  killAll() {
    for (const pid of [...this.processes(), ...this.agents().map((agent) => agent.pid)]) {
      try {
        process.kill(pid, "SIGKILL")
      } catch {
        // Gone meanwhile.
      }
    }
  }

  async end(signal: "SIGKILL" | "SIGTERM") {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await once(child, "close")
  }

  /** How many files and connections it holds open. */
  openFiles() {
    return readdirSync(`/proc/${this.pid}/fd`).length
  }

  /** The agent host's process, if there is one. */
  hostPid() {
    const folder = join(this.stateDir, "host")
    return pids().find((pid) => read(`/proc/${pid}/cmdline`).includes(`\0${folder}\0`))
  }

  /** The agents' processes, and which run each belongs to. */
  agents() {
    const marker = `AEGIS_AGENT_RUN=${createHash("sha256").update(this.stateDir).digest("hex").slice(0, 16)}:`
    return pids().flatMap((pid) => {
      const [, rest] = read(`/proc/${pid}/environ`).split(marker)
      return rest === undefined ? [] : [{ pid, runId: rest.split("\0")[0] ?? "" }]
    })
  }

  /** Every event up to the present end of the log. */
  async readAll() {
    const { items } = await this.client.listEvents({ limit: 1 })
    const head = items[0]?.seq ?? 0
    const kept: RawEvent[] = []
    if (head === 0) return kept
    for await (const item of this.client.rawEvents(undefined, { after: 0 })) {
      if (item.type === "event") kept.push(item)
      if (item.type === "event" && item.seq >= head) break
    }
    return kept
  }

  /** Whatever runs on behalf of the data directory. */
  processes() {
    return pids().filter((pid) => read(`/proc/${pid}/cmdline`).includes(this.stateDir))
  }
}

function pids() {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

function read(path: string) {
  try {
    return readFileSync(path, "utf8")
  } catch {
    // Gone meanwhile.
    return ""
  }
}

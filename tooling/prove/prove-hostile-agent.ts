import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { type AegisClient, AegisProblem } from "@aegis/client"
import { readRss } from "../bench/read-rss.ts"
import { ProvedServer } from "./kill/proved-server.ts"
import type { ProofOptions } from "./prove.ts"

const TRANSCRIPTS = { short: 40, full: 2000 }
const AT_ONCE = 3
const TURN_MS = 60_000
/** Resident memory that the server may have more of in the end. */
const MOST_BYTES = 100 * 1024 * 1024
const program = fileURLToPath(new URL("hostile/agent-program.ts", import.meta.url))

/** Agents that say what they should not: the server stays up and small, other sessions go on, and nothing is left. */
export async function proveHostileAgent({ isFull, seed, count, print }: ProofOptions): Promise<boolean> {
  const stateDir = realpathSync(mkdtempSync(join(tmpdir(), "prove-hostile-")))
  const proof = new HostileProof(new ProvedServer(stateDir), print)
  try {
    const transcripts = count ?? (isFull ? TRANSCRIPTS.full : TRANSCRIPTS.short)
    await proof.run({ transcripts, seed, floods: isFull ? ["endless", "flood"] : [] })
    for (const problem of proof.problems.slice(0, 50)) print(`✗ ${problem}`)
    print(proof.figures(seed))
    if (proof.problems.length > 0) print(`Again: pnpm prove hostile-agent --seed ${seed}`)
    return proof.problems.length === 0
  } finally {
    await proof.end()
    rmSync(stateDir, { recursive: true, force: true })
  }
}

interface RunOptions {
  readonly transcripts: number
  readonly seed: number
  readonly floods: readonly string[]
}

class HostileProof {
  readonly problems: string[] = []
  readonly #server: ProvedServer
  readonly #print: ProofOptions["print"]
  readonly #ends = new Map<string, number>()
  #rssBefore = 0
  #rssAfter = 0
  #left = 0

  constructor(server: ProvedServer, print: ProofOptions["print"]) {
    this.#server = server
    this.#print = print
  }

  async run({ transcripts, seed, floods }: RunOptions) {
    const { stateDir } = this.#server
    const flags = ["--disable-warning=ExperimentalWarning"]
    const agents = { hostile: { command: process.execPath, args: [...flags, program], modes: {} } }
    // What ends is not begun again: each is looked at once.
    const agent = { restart: { max: 0 } }
    writeFileSync(join(stateDir, "aegis.config.json"), JSON.stringify({ agents, agent }))
    await this.#server.start()
    // The first few bring in what is loaded once.
    for (let number = 0; number < 20; number++) await this.#play(`seed ${seed + number}`)
    this.#rssBefore = readRss(this.#server.pid)
    let next = 20
    const playing = Array.from({ length: AT_ONCE }, async () => {
      for (let number = next++; number < transcripts; number = next++) {
        await this.#play(`seed ${seed + number}`)
        if (number % 250 === 0) this.#print(`… ${number} of ${transcripts}, ${toMegabytes(readRss(this.#server.pid))}`)
      }
    })
    await Promise.all(playing)
    for (const flood of floods) {
      await this.#play(flood)
      this.#print(`… ${flood}, ${toMegabytes(readRss(this.#server.pid))}`)
    }
    await this.#checkOthers()
    this.#rssAfter = readRss(this.#server.pid)
    const grown = this.#rssAfter - this.#rssBefore
    if (grown > MOST_BYTES) this.problems.push(`the server has grown by ${toMegabytes(grown)}`)
    await this.#checkLeft()
  }

  figures(seed: number) {
    const ends = [...this.#ends].map(([how, count]) => `${count} ${how}`).join(", ")
    return [
      `Turns (seed ${seed}): ${ends}.`,
      `The server is resident with ${toMegabytes(this.#rssAfter)}, ${toMegabytes(this.#rssAfter - this.#rssBefore)} more than after the first 20. ${this.#left} processes left.`,
      `${this.problems.length} problems: a server that died or refused, a turn without an end, another session disturbed, memory, processes left.`,
    ].join("\n")
  }

  end() {
    return this.#server.end("SIGTERM")
  }

  get #client(): AegisClient {
    return this.#server.client
  }

  /** One prompt of one hostile agent, to its end. */
  async #play(prompt: string) {
    const workDir = this.#server.workFolder("work")
    try {
      const { id } = await this.#client.createSession({ workDir, agent: "hostile", prompt, reuse: false })
      const how = await this.#untilEnded(id)
      this.#ends.set(how, (this.#ends.get(how) ?? 0) + 1)
      if (how === "never ended") this.problems.push(`"${prompt}": its turn has no end after ${TURN_MS / 1000} s`)
      await this.#client.killSession(id)
    } catch (error) {
      this.problems.push(`"${prompt}": ${AegisProblem.is(error) ? `${error.status} ${error.code}` : String(error)}`)
    }
  }

  async #untilEnded(id: string) {
    const signal = AbortSignal.timeout(TURN_MS)
    for await (const event of this.#client.events(id, { signal })) {
      if (!("type" in event) || event.type !== "turn.ended") continue
      const { error, stopReason } = event.data as {
        readonly error?: { readonly code: string }
        readonly stopReason?: string
      }
      return error ? `failed (${error.code})` : stopReason === "end_turn" ? "ended well" : "ended with another reason"
    }
    return "never ended"
  }

  /** Sessions of good agents are as they were. */
  async #checkOthers() {
    const workDir = this.#server.workFolder("work")
    const { id } = await this.#client.createSession({ workDir, agent: "demo", prompt: "/hello", reuse: false })
    const how = await this.#untilEnded(id)
    if (how !== "ended well") this.problems.push(`a session of another agent: ${how}`)
    const { status } = await this.#client.getHealth()
    if (status !== "ok") this.problems.push(`the server's health is ${status}`)
  }

  async #checkLeft() {
    const deadline = performance.now() + 10_000
    await this.#server.end("SIGTERM")
    const left = () => [...this.#server.processes(), ...this.#server.agents()]
    while (left().length > 0 && performance.now() < deadline) await pause(20)
    this.#left = left().length
    if (this.#left > 0) this.problems.push(`${this.#left} processes are left`)
  }
}

function toMegabytes(bytes: number) {
  return `${Math.round(bytes / 1024 / 1024)} MB`
}

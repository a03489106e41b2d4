import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { asKnown } from "@aegis/client"
import { readRss } from "../bench/read-rss.ts"
import { ProvedServer } from "./kill/proved-server.ts"
import type { ProofOptions } from "./prove.ts"

const SESSIONS = { short: 16, full: 1000 }
const PROCESSES = { short: 4, full: 20 }
const CALLS_AT_ONCE = 40
const ROUND_MS = 15 * 60_000

/** Many more sessions than there may be agents: each answers, and answers again, and the agents stay as few as they may be. */
export async function proveSleepers({ isFull, seed, count, print }: ProofOptions): Promise<boolean> {
  const stateDir = realpathSync(mkdtempSync(join(tmpdir(), "prove-sleepers-")))
  const server = new ProvedServer(stateDir)
  const form = isFull ? "full" : "short"
  try {
    const agent = { default: "demo", maxAgentProcesses: PROCESSES[form] }
    writeFileSync(join(stateDir, "aegis.config.json"), JSON.stringify({ agent }))
    await server.start()
    const sleepers = new Sleepers(server, PROCESSES[form])
    await sleepers.round("first", await sleepers.create(count ?? SESSIONS[form]))
    await sleepers.round("second", sleepers.ids)
    for (const problem of sleepers.problems.slice(0, 50)) print(`✗ ${problem}`)
    print(sleepers.figures())
    if (sleepers.problems.length > 0) print(`Again: pnpm prove sleepers --seed ${seed}`)
    return sleepers.problems.length === 0
  } finally {
    await server.end("SIGTERM")
    rmSync(stateDir, { recursive: true, force: true })
  }
}

class Sleepers {
  readonly problems: string[] = []
  ids: readonly string[] = []
  readonly #server: ProvedServer
  readonly #limit: number
  readonly #rounds: string[] = []
  #most = 0

  constructor(server: ProvedServer, limit: number) {
    this.#server = server
    this.#limit = limit
  }

  async create(count: number) {
    const { client } = this.#server
    const workDir = this.#server.workFolder("work")
    this.ids = await inParallel(Array.from({ length: count }), async () => {
      const { id } = await client.createSession({ workDir, reuse: false })
      return id
    })
    return this.ids
  }

  /** Every session gets a prompt at about the same time, and has to answer it. */
  async round(name: string, ids: readonly string[]) {
    const { client } = this.#server
    const began = performance.now()
    const { items } = await client.listEvents({ limit: 1 })
    const after = items[0]?.seq ?? 0
    const answering = this.#untilAnswered(name, ids, after)
    await inParallel(ids, (id) => client.sendMessage(id, { text: `#script\nsay ${name} ${id}` }))
    await answering
    this.#rounds.push(`${name} ${((performance.now() - began) / 1000).toFixed(1)} s`)
  }

  async #untilAnswered(name: string, ids: readonly string[], after: number) {
    const open = new Map(ids.map((id) => [id, ""]))
    const signal = AbortSignal.timeout(ROUND_MS)
    for await (const event of this.#server.client.events(undefined, { after, signal })) {
      const known = "hash" in event ? asKnown(event) : undefined
      const id = known?.sessionId ?? ""
      if (known?.type === "agent.started") this.#count()
      if (known?.type === "message.delta") open.set(id, `${open.get(id) ?? ""}${known.data.text}`)
      if (known?.type !== "turn.ended") continue
      if (open.get(id) !== `${name} ${id}`) this.problems.push(`${id} said "${open.get(id)}" in its ${name} round`)
      open.delete(id)
      if (open.size === 0) return
    }
    this.problems.push(`${open.size} sessions have not answered in the ${name} round`)
  }

  /** What the system itself says runs: the log may not be believed about this. */
  #count() {
    this.#most = Math.max(this.#most, this.#server.agents().length)
    if (this.#most > this.#limit) this.problems.push(`${this.#most} agents ran at once`)
  }

  figures() {
    const memory = Math.round(readRss(this.#server.pid) / 1024 / 1024)
    return [
      `${this.ids.length} sessions answered twice with at most ${this.#most} agents alive (limit ${this.#limit}): ${this.#rounds.join(", ")}; the server is resident with ${memory} MB.`,
      `${this.problems.length} problems: a session that did not answer, or more agents than there may be.`,
    ].join("\n")
  }
}

async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const worker = async () => {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index] as T)
  }
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, worker))
  return results
}

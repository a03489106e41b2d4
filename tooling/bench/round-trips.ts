import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { Readable } from "node:stream"
import type { ReadableStream } from "node:stream/web"
import { fileURLToPath } from "node:url"
import { AegisClient } from "@aegis/client"
import type { ChunkOrder } from "./chunk-agent.ts"
import { ChunkCounter } from "./chunks.ts"
import { agentProgram, openBareSession, withHost } from "./relay-ways.ts"

/** For so many that count one before: what is compiled when it is first needed says nothing of what is usual. */
const COUNTED_PER_WARM_UP = 4
const ORDER: ChunkOrder = { count: 10, everyMs: 0 }

/** Milliseconds from each prompt to the last of its ten chunks, one prompt after the other in one session. */
export async function roundTripsOfServer(count: number): Promise<readonly number[]> {
  return withHost("server", async (host) => {
    const [line] = (await once(host.lines(), "line")) as [string]
    const { url, token } = JSON.parse(line) as { readonly url: string; readonly token: string }
    const client = new AegisClient(url, token)
    const { id } = await client.createSession({ workDir: tmpdir(), agent: "bench", reuse: false })
    const rounds = new Rounds(count)
    for await (const event of client.events(id)) {
      if (event.type === "message.delta") rounds.add((event as { data: { text: string } }).data.text)
      if (event.type !== "session.ready" && event.type !== "turn.ended") continue
      if (rounds.areOver) break
      rounds.begin()
      void client.sendMessage(id, JSON.stringify(ORDER))
    }
    return rounds.times
  })
}

/** The same through what it has to go through anyhow (`bare-steps.ts`). */
export async function roundTripsOfBareSteps(count: number): Promise<readonly number[]> {
  const folder = mkdtempSync(join(tmpdir(), "aegis-bench-"))
  const program = fileURLToPath(new URL("./bare-steps.ts", import.meta.url))
  const child = spawn(process.execPath, [program, join(folder, "said.db")], { stdio: ["pipe", "pipe", "inherit"] })
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string]
    const { url } = JSON.parse(line) as { readonly url: string }
    const prompt = () => fetch(url, { method: "POST", body: JSON.stringify(ORDER) }).then((answer) => answer.text())
    const { body } = await fetch(url)
    const frames = Readable.fromWeb(body as ReadableStream)
    const rounds = new Rounds(count)
    rounds.begin()
    void prompt()
    for await (const frame of createInterface({ input: frames })) {
      const { params } = JSON.parse(frame) as ChunkFrame
      if (params) rounds.add(params.update.content.text)
      else if (rounds.areOver) break
      else {
        rounds.begin()
        void prompt()
      }
    }
    frames.destroy()
    return rounds.times
  } finally {
    child.stdin.end()
    await once(child, "close")
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A chunk; without `params`, the turn's end. */
interface ChunkFrame {
  readonly params?: { readonly update: { readonly content: { readonly text: string } } }
}

/** The same with the SDK's client on the agent's pipe. */
export async function roundTripsOfBareClient(count: number): Promise<readonly number[]> {
  const agent = spawn(process.execPath, [agentProgram], { stdio: ["pipe", "pipe", "inherit"] })
  const rounds = new Rounds(count)
  const session = await openBareSession(agent, (text) => rounds.add(text))
  while (!rounds.areOver) {
    rounds.begin()
    await session.prompt(JSON.stringify(ORDER))
  }
  session.close()
  agent.stdin.end()
  await once(agent, "close")
  return rounds.times
}

class Rounds {
  readonly #warmUp: number
  readonly #all: number
  #times: number[] = []
  #counter = new ChunkCounter()
  #began = 0

  constructor(counted: number) {
    this.#warmUp = Math.ceil(counted / COUNTED_PER_WARM_UP)
    this.#all = this.#warmUp + counted
  }

  get areOver() {
    return this.#times.length >= this.#all
  }

  get times(): readonly number[] {
    return this.#times.slice(this.#warmUp)
  }

  begin() {
    this.#counter = new ChunkCounter()
    this.#began = performance.now()
  }

  add(text: string) {
    this.#counter.add(text)
    if (this.#counter.count === ORDER.count) this.#times.push(performance.now() - this.#began)
  }
}

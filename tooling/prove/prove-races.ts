import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { AegisClient, AegisProblem, asKnown } from "@aegis/client"
import { createMcpServer } from "@aegis/mcp"
import { Client } from "@modelcontextprotocol/sdk/client/index.js"
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js"
import { ProvedServer } from "./kill/proved-server.ts"
import type { ProofOptions } from "./prove.ts"
import { Random } from "./random.ts"
import { signIn } from "./sign-in.ts"
import { SocketClient } from "./socket-client.ts"

const RACES = { short: 100, full: 10_000 }
/** Open at once in one session. */
const AT_ONCE = 50
/** The command line is a process for each vote: one race in so many has it. */
const EVERY_CLI = 500
const ag = fileURLToPath(new URL("../../apps/cli/bin/ag.js", import.meta.url))

type Choice = "approve" | "reject"

/** What a voter was told. */
interface Told {
  readonly door: string
  readonly choice: Choice
  /** Its vote is the decision, or the same as the decision. */
  readonly isDecided: boolean
  readonly detail: string
}

type Door = (sessionId: string, approvalId: string, choice: Choice) => Promise<Told>

/** Many decide the same approval at the same moment, through every door: one wins, and the others are told who. */
export async function proveRaces({ isFull, seed, count, print }: ProofOptions): Promise<boolean> {
  const stateDir = realpathSync(mkdtempSync(join(tmpdir(), "prove-races-")))
  const server = new ProvedServer(stateDir)
  try {
    await server.start()
    // Where the command line finds it.
    const record = { url: server.client.baseUrl, pid: server.pid, startedAt: new Date().toISOString() }
    writeFileSync(join(stateDir, "server.json"), JSON.stringify(record), { mode: 0o600 })
    const races = new Races(server, new Random(seed))
    const wanted = count ?? (isFull ? RACES.full : RACES.short)
    for (let done = 0; done < wanted; done += AT_ONCE) {
      await races.run(Math.min(AT_ONCE, wanted - done))
      if (done > 0 && done % 1000 === 0) print(`… ${done} of ${wanted}`)
    }
    for (const problem of races.problems.slice(0, 50)) print(`✗ ${problem}`)
    print(races.figures(seed))
    if (races.problems.length > 0) print(`Again: pnpm prove races --seed ${seed}`)
    return races.problems.length === 0
  } finally {
    await server.end("SIGTERM")
    rmSync(stateDir, { recursive: true, force: true })
  }
}

class Races {
  readonly problems: string[] = []
  readonly #server: ProvedServer
  readonly #random: Random
  #doors: readonly Door[] | undefined
  #count = 0
  #votes = 0
  readonly #winners = new Map<string, number>()

  constructor(server: ProvedServer, random: Random) {
    this.#server = server
    this.#random = random
  }

  /** So many approvals, open at once in one session, and a race for each. */
  async run(count: number) {
    const { client } = this.#server
    this.#doors ??= await openDoors(this.#server)
    const workDir = this.#server.workFolder("work")
    const { id } = await client.createSession({ workDir, prompt: `#script\naskmany ${count}`, reuse: false })
    const asked: string[] = []
    const races: Promise<void>[] = []
    const resolved = new Map<string, number>()
    for await (const event of client.events(id)) {
      const known = "hash" in event ? asKnown(event) : undefined
      if (known?.type === "approval.requested" && asked.push(known.data.approvalId) === count) {
        // All at once: the races disturb each other, too.
        races.push(...asked.map((each) => this.#race(id, each)))
      }
      if (known?.type === "approval.resolved") {
        const { approvalId, status } = known.data
        resolved.set(approvalId, (resolved.get(approvalId) ?? 0) + 1)
        if (status === "withdrawn") this.problems.push(`${approvalId} was withdrawn`)
      }
      if (known?.type === "turn.ended") break
    }
    for (const approvalId of asked)
      if (resolved.get(approvalId) !== 1)
        this.problems.push(`${approvalId} has ${resolved.get(approvalId) ?? 0} decisions`)
    await Promise.all(races)
    await client.killSession(id)
  }

  async #race(sessionId: string, approvalId: string) {
    this.#count += 1
    const doors = [...(this.#doors ?? []), ...(this.#doors ?? [])]
    if (this.#count % EVERY_CLI === 1) doors.push(cliDoor(this.#server.stateDir))
    const votes = doors.map((door) => door(sessionId, approvalId, this.#random.next() < 0.5 ? "approve" : "reject"))
    this.#judge(approvalId, await Promise.all(votes))
  }

  #judge(approvalId: string, told: readonly Told[]) {
    this.#votes += told.length
    const choices = new Set(told.filter(({ isDecided }) => isDecided).map(({ choice }) => choice))
    if (choices.size !== 1) this.problems.push(`${approvalId}: ${choices.size} choices were told to be the decision`)
    const [winning] = choices
    this.#winners.set(winning ?? "none", (this.#winners.get(winning ?? "none") ?? 0) + 1)
    for (const { door, choice, isDecided, detail } of told)
      if (!isDecided && (choice === winning || !/already (approved|rejected) by \S+ \(\w+\) at /.test(detail)))
        this.problems.push(`${approvalId}: ${door} lost with "${choice}" and was told: ${detail}`)
  }

  figures(seed: number) {
    const won = [...this.#winners].map(([choice, count]) => `${count} times ${choice}`).join(", ")
    return [
      `${this.#count} races of ${this.#votes} votes (seed ${seed}) through REST, WebSocket, dashboard, MCP and the command line; decided ${won}.`,
      `${this.problems.length} problems: two decisions, none, or a loser that was not told who decided.`,
    ].join("\n")
  }
}

async function openDoors({ client, token }: ProvedServer): Promise<readonly Door[]> {
  const socket = await SocketClient.open(client.baseUrl, token)
  return [restDoor(client), socketDoor(socket), await dashboardDoor(client), await mcpDoor(client)]
}

function socketDoor(socket: SocketClient): Door {
  return async (sessionId, approvalId, choice) => {
    const { status, body } = await socket.ask({ type: choice, sessionId, approvalId })
    return { door: "WebSocket", choice, isDecided: status === 200, detail: body.detail ?? "" }
  }
}

function restDoor(client: AegisClient): Door {
  return async (sessionId, approvalId, choice) => {
    try {
      if (choice === "approve") await client.approvePermission(sessionId, { approvalId })
      else await client.rejectPermission(sessionId, { approvalId })
      return { door: "REST", choice, isDecided: true, detail: "" }
    } catch (error) {
      return { door: "REST", choice, isDecided: false, detail: AegisProblem.is(error) ? error.detail : String(error) }
    }
  }
}

/** The same as a page does it: with the login of a link. */
async function dashboardDoor(client: AegisClient): Promise<Door> {
  const login = await signIn((await client.createLoginCode()).url)
  const asPage: typeof fetch = (input, init) => {
    const request = new Request(input, init)
    for (const [name, value] of Object.entries(login)) request.headers.set(name, value)
    return fetch(request)
  }
  const rest = restDoor(new AegisClient(client.baseUrl, undefined, { fetch: asPage }))
  return async (...vote) => ({ ...(await rest(...vote)), door: "dashboard" })
}

async function mcpDoor(aegis: AegisClient): Promise<Door> {
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  const client = new Client({ name: "prove", version: "0" })
  await Promise.all([createMcpServer(aegis, { version: "0" }).connect(ours), client.connect(theirs)])
  return async (sessionId, approvalId, choice) => {
    const { isError, content } = await client.callTool({
      name: `${choice}_permission`,
      arguments: { sessionId, approvalId },
    })
    return { door: "MCP", choice, isDecided: isError !== true, detail: JSON.stringify(content) }
  }
}

function cliDoor(stateDir: string): Door {
  return async (sessionId, approvalId, choice) => {
    const child = spawn(process.execPath, [ag, choice, sessionId, approvalId], {
      env: { ...process.env, AEGIS_STATE_DIR: stateDir, NO_COLOR: "1" },
      stdio: ["ignore", "ignore", "pipe"],
    })
    const [detail, [code]] = await Promise.all([text(child.stderr), once(child, "close") as Promise<[number]>])
    return { door: "ag", choice, isDecided: code === 0, detail }
  }
}

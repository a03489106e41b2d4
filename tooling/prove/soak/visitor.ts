import { randomUUID } from "node:crypto"
import { setTimeout as pause } from "node:timers/promises"
import { AegisProblem, type KnownEvent } from "@aegis/client"
import type { Observer } from "../kill/observer.ts"
import type { ProvedServer } from "../kill/proved-server.ts"
import type { Random } from "../random.ts"
import { SocketClient } from "../socket-client.ts"

export interface VisitorOptions {
  readonly name: string
  readonly server: ProvedServer
  readonly observer: Observer
  readonly random: Random
  /** A life of a session takes at least so long, that the load stays the same. */
  readonly lifeMs: number
  readonly signal: AbortSignal
}

const script = (...lines: readonly string[]) => ["#script", ...lines].join("\n")
const WAIT_MS = 60_000

/** Somebody who makes a session, works with it, follows it through both kinds of streams, ends it, and begins anew. */
export class Visitor {
  readonly problems: string[] = []
  lives = 0
  prompts = 0
  readonly #options: VisitorOptions
  #parked = 0
  #sessionId = ""
  /** What comes after this index has happened in the present life. */
  #from = 0

  constructor(options: VisitorOptions) {
    this.#options = options
  }

  get parked() {
    return this.#parked
  }

  async run() {
    const { signal, lifeMs } = this.#options
    while (!signal.aborted) {
      const began = performance.now()
      try {
        await this.#live()
        this.lives += 1
      } catch (error) {
        this.problems.push(`${this.#sessionId}: ${error instanceof Error ? error.message : String(error)}`)
      }
      await pause(Math.max(0, began + lifeMs - performance.now()), undefined, { signal }).catch(() => undefined)
    }
  }

  async #live() {
    const { server, name, random } = this.#options
    const workDir = server.workFolder(name)
    this.#from = this.#options.observer.events.length
    this.#sessionId = (await server.client.createSession({ workDir, reuse: false })).id
    const leaving = new AbortController()
    const following = [this.#readEvents(leaving.signal), this.#readSocket(leaving.signal)]
    for (let count = random.between(1, 3); count > 0; count--) await this.#work(random.between(0, 6))
    leaving.abort()
    await Promise.all(following)
    if (random.next() < 0.2) await this.#sleepAndWake()
    await server.client.killSession(this.#sessionId)
    await this.#until((event) => event.type === "agent.exited")
  }

  /** One of the things that people do. */
  async #work(kind: number) {
    const { client } = this.#options.server
    const id = this.#sessionId
    switch (kind) {
      case 0:
        return this.#turn(script("chunks 200 30", "think Hm."))
      case 1:
        return this.#turn(script("tool Read read a.txt", "say done", "usage 10 100 0.01"))
      case 2:
        return this.#turn(script("write a.txt x"), "approval.requested", () => client.approvePermission(id))
      case 3:
        return this.#turn(script("run echo hi"), "approval.requested", () => client.rejectPermission(id))
      case 4:
        return this.#turn(script("ask Which? | One | Two"), "question.asked", () =>
          client.answerQuestion(id, { action: "decline" }),
        )
      case 5:
        return this.#turn(script("say waiting", "wait"), "message.delta", () => client.interruptSession(id))
      default:
        return this.#turn(script("write b.txt x"), "approval.requested", () => client.escapeSession(id))
    }
  }

  /** Asked for twice under the same key, and meant once. */
  async #turn(text: string, at?: KnownEvent["type"], act: () => Promise<unknown> = async () => {}) {
    const { server, observer } = this.#options
    const from = observer.events.length
    const idempotencyKey = randomUUID()
    const sent = await server.client.sendMessage(this.#sessionId, text, { idempotencyKey })
    const again = await server.client.sendMessage(this.#sessionId, text, { idempotencyKey })
    if (again.turnId !== sent.turnId) this.problems.push(`${this.#sessionId}: one key, two prompts`)
    this.prompts += 1
    if (at !== undefined) {
      await this.#until((event) => event.type === at, from)
      await act()
    }
    await this.#until((event) => event.type === "turn.ended" && event.data.turnId === sent.turnId, from)
  }

  /** Its process is saved while there is nothing to do, and comes back. */
  async #sleepAndWake() {
    await this.#until(({ type }) => type === "session.parked")
    this.#parked += 1
    await this.#turn(script("say back"))
  }

  async #readEvents(signal: AbortSignal) {
    const { client } = this.#options.server
    // Left in the middle, and joined again where it was.
    let after = 0
    for await (const event of client.events(this.#sessionId, { signal })) {
      if ("hash" in event) after = event.seq
      if ("hash" in event && event.type === "session.ready") break
    }
    for await (const _ of client.events(this.#sessionId, { after, signal })) if (signal.aborted) break
  }

  async #readSocket(signal: AbortSignal) {
    const { client, token } = this.#options.server
    const socket = await SocketClient.open(client.baseUrl, token)
    const reply = await socket.ask({ type: "subscribe", sessionId: this.#sessionId, after: 0 })
    if (reply.status !== 200) this.problems.push(`${this.#sessionId}: a subscription was answered ${reply.status}`)
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }))
    socket.close()
  }

  async #until(matches: (event: KnownEvent) => boolean, from = this.#from) {
    const signal = AbortSignal.timeout(WAIT_MS)
    const isOurs = (event: KnownEvent) => event.sessionId === this.#sessionId && matches(event)
    const found = await this.#options.observer.until(isOurs, { signal, from })
    if (!found) throw new Error("What was waited for did not come.")
  }
}

/** Ends what is not ended. */
export async function killAllSessions({ client }: ProvedServer) {
  for (let after: number | undefined; ; ) {
    const { items, nextCursor } = await client.listSessions({ limit: 200, ...(after === undefined ? {} : { after }) })
    const open = items.filter(({ status }) => status !== "killed")
    await Promise.all(open.map(({ id }) => client.killSession(id).catch(ignoreEnded)))
    if (nextCursor === undefined) return
    after = Number(nextCursor)
  }
}

function ignoreEnded(error: unknown) {
  if (!AegisProblem.is(error) || error.status !== 409) throw error
}

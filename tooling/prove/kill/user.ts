import { randomUUID } from "node:crypto"
import { AegisProblem, type KnownEvent } from "@aegis/client"
import type { Journal } from "./journal.ts"
import type { Observer } from "./observer.ts"
import type { ProvedServer } from "./proved-server.ts"

export interface UserOptions {
  readonly name: string
  readonly server: ProvedServer
  readonly observer: Observer
  readonly journal: Journal
  /** Resolves when a server answers again. */
  readonly untilUp: () => Promise<void>
  readonly signal: AbortSignal
}

const script = (...lines: readonly string[]) => ["#script", ...lines].join("\n")

/** The kinds of prompts; `id` stands where each differs from all others. */
export const prompts = [
  (id: string) => script("chunks 400 30", `say end-${id}`),
  (id: string) => script("think Hm.", `write f-${id}.txt x`, "chunks 50 30", `say end-${id}`),
  (id: string) => script("chunks 50 30", "ask Which? | One | Two", `say end-${id}`),
  (id: string) => script("tool Read read a.txt", "pause 150", `say one-${id}`, "pause 150", `say end-${id}`),
] as const

/** Somebody who sends one prompt after the other, and remembers what was acknowledged. */
export class User {
  readonly #options: UserOptions
  #sessionId: string | undefined
  #count = 0

  constructor(options: UserOptions) {
    this.#options = options
  }

  /** `expected`: what the agent says to each kind of prompt, with `CALM` for the id. */
  async run(expected: readonly string[]) {
    const { name, signal } = this.#options
    while (!signal.aborted) {
      const kind = this.#count % prompts.length
      const id = `${name}n${++this.#count}n`
      await this.#prompt(prompts[kind]?.(id) ?? "", (expected[kind] ?? "").replaceAll("CALM", id))
    }
  }

  async #prompt(text: string, expected: string) {
    const { server, journal, observer, signal, untilUp } = this.#options
    this.#sessionId ??= await this.#create()
    const sessionId = this.#sessionId
    if (sessionId === undefined) return
    const from = observer.events.length
    const sent = await persist(
      once((options) => server.client.sendMessage(sessionId, text, options)),
      untilUp,
    )
    if (sent === "refused") this.#sessionId = undefined
    if (sent === "refused") return
    journal.prompts.set(sent.turnId, { sessionId, expected })
    await observer.until((event) => event.type === "turn.ended" && event.data.turnId === sent.turnId, { signal, from })
  }

  async #create() {
    const { server, name, journal, untilUp } = this.#options
    const workDir = server.workFolder(`${name}-${this.#count}`)
    const creating = once((options) => server.client.createSession({ workDir, reuse: false }, options))
    const created = await persist(creating, untilUp)
    if (created === "refused") return undefined
    journal.sessions.add(created.id)
    return created.id
  }

  /** Allows and answers what the agents of all users ask. */
  static async decide({ server, observer, journal, signal, untilUp }: Omit<UserOptions, "name">) {
    const deciding: Promise<void>[] = []
    const isAsked = (event: KnownEvent) => event.type === "approval.requested" || event.type === "question.asked"
    for (let from = 0; ; ) {
      const event = await observer.until(isAsked, { signal, from })
      if (!event) break
      from = observer.events.indexOf(event, from) + 1
      deciding.push(decideOne(event))
    }
    await Promise.all(deciding)

    async function decideOne(event: KnownEvent) {
      const sessionId = event.sessionId ?? ""
      if (event.type === "approval.requested") {
        const { approvalId } = event.data
        const vote = once((options) => server.client.approvePermission(sessionId, { approvalId }, options))
        if (typeof (await persist(vote, untilUp)) !== "string") journal.approvals.add(approvalId)
      }
      if (event.type === "question.asked") {
        const { questionId, schema } = event.data
        const [field = ""] = Object.keys((schema as { readonly properties?: object }).properties ?? {})
        const content = { [field]: "One" }
        const answer = once((options) => server.client.answerQuestion(sessionId, { questionId, content }, options))
        if (typeof (await persist(answer, untilUp)) !== "string") journal.answers.add(questionId)
      }
    }
  }
}

/** The same write each time, whether an earlier try came through or not. */
function once<T>(write: (options: { readonly idempotencyKey: string }) => Promise<T>) {
  const idempotencyKey = randomUUID()
  return () => write({ idempotencyKey })
}

/** Until it is answered: with what was asked for, or with why not. */
async function persist<T>(call: () => Promise<T>, untilUp: () => Promise<void>): Promise<T | "refused"> {
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (!AegisProblem.mayPass(error)) return "refused"
      await untilUp()
    }
  }
}

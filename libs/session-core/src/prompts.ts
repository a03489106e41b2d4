import type { PromptDelivery, SendInput, SentPrompt } from "./aegis.ts"
import type { AegisParts } from "./aegis-parts.ts"
import type { Caller } from "./caller.ts"
import type { CommandExecutor } from "./command-executor.ts"
import type { ContentBlock } from "./events.ts"
import type { Runner } from "./runner.ts"
import { stateOf } from "./state-of.ts"

/** Accepts prompts, and knows what has become of them. */
export class Prompts {
  readonly #parts: Pick<AegisParts, "log" | "newId" | "settings">
  readonly #executor: CommandExecutor
  readonly #runner: Runner

  constructor(parts: Pick<AegisParts, "log" | "newId" | "settings">, executor: CommandExecutor, runner: Runner) {
    this.#parts = parts
    this.#executor = executor
    this.#runner = runner
  }

  /** Resolves when it is accepted; what has become of it then is asked for. */
  async send(caller: Caller, sessionId: string, input: SendInput): Promise<() => Promise<SentPrompt>> {
    const { actor, idempotency } = caller
    const { command, delivered } = await this.prepare(caller, input)
    const { turnId } = command
    const events = await this.#executor.execute(sessionId, command, { actor, idempotency })
    const requested = events.find((event) => event.type === "turn.requested")?.data.turnId ?? turnId
    return () => this.fate(sessionId, requested, requested === turnId ? delivered : undefined)
  }

  /** What is to be asked for, and its way to the agent, which is looked at from now on. */
  async prepare({ owner, agentOf }: Caller, { content, whenBusy = "queue", retryTurn, fence }: SendInput) {
    const turnId = this.#parts.newId()
    const delivered = this.#delivery(turnId)
    const key = agentOf === undefined ? undefined : await this.#keyBehind(agentOf)
    const command = {
      type: "request-turn",
      turnId,
      content,
      whenBusy,
      by: owner.userId,
      key,
      retryTurn,
      fence,
    } as const
    return { command, delivered }
  }

  /** Without `delivered` it was asked for before: what has become of it meanwhile. */
  async fate(sessionId: string, turnId: string, delivered?: Promise<PromptDelivery>): Promise<SentPrompt> {
    const state = await stateOf(this.#parts, sessionId)
    const { turn, queue } = state
    const place = queue.findIndex((queued) => queued.turnId === turnId)
    const stop = place >= 0 ? await this.#executor.stop() : undefined
    if (stop) return { ...pendingOf(turnId), queued: true, stop }
    const excess = place === 0 ? await this.#executor.excess(state) : undefined
    if (excess) return { ...pendingOf(turnId), queued: true, exceeded: excess }
    if (!delivered) return { ...(place >= 0 ? pendingOf(turnId) : deliveredOf(turnId)), queued: place >= 0 }
    const waits = (turn?.origin === "prompt" && turn.turnId !== turnId) || place > 0
    return { ...(waits ? pendingOf(turnId) : await delivered), queued: waits }
  }

  // What an agent has others do is counted where its own work is.
  async #keyBehind(sessionId: string) {
    const { turn, lastKey } = await stateOf(this.#parts, sessionId)
    return turn?.key ?? lastKey
  }

  async #delivery(turnId: string): Promise<PromptDelivery> {
    const delivered = await this.#runner.isDelivered(turnId, this.#parts.settings.deliveryWaitMs)
    return delivered ? deliveredOf(turnId) : pendingOf(turnId)
  }
}

export function textContent(text: string): ContentBlock[] {
  return [{ type: "text", text }]
}

function pendingOf(turnId: string): PromptDelivery {
  return { turnId, delivered: false, status: "pending" }
}

function deliveredOf(turnId: string): PromptDelivery {
  return { turnId, delivered: true, status: "delivered" }
}

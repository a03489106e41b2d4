import type { OptionsWish, SessionOptions } from "./aegis.ts"
import type { AegisParts } from "./aegis-parts.ts"
import { type AgentOptions, optionsOf, optionWishes } from "./agent-options.ts"
import type { Caller } from "./caller.ts"
import type { CommandExecutor } from "./command-executor.ts"
import type { Runner } from "./runner.ts"
import { SessionError } from "./session-error.ts"
import type { SessionState } from "./session-state.ts"
import { stateOf } from "./state-of.ts"

export interface OptionSetterOptions {
  readonly executor: CommandExecutor
  readonly runner: Pick<Runner, "renew">
}

/** Gives sessions' agents other options while they live: model, effort and what else an agent offers. */
export class OptionSetter {
  readonly #parts: AegisParts
  readonly #executor: CommandExecutor
  readonly #runner: Pick<Runner, "renew">

  constructor(parts: AegisParts, { executor, runner }: OptionSetterOptions) {
    this.#parts = parts
    this.#executor = executor
    this.#runner = runner
  }

  async get(sessionId: string): Promise<SessionOptions> {
    const state = await stateOf(this.#parts, sessionId)
    return { options: optionsOf(state), offered: this.#offeredBy(state) }
  }

  async set({ actor, idempotency }: Caller, sessionId: string, { options, mayChangeAll, ifVersion }: OptionsWish) {
    const state = await stateOf(this.#parts, sessionId)
    const isRepeated = idempotency && (await this.#executor.earlier(idempotency))
    if (!isRepeated) this.#refuse(state, options, mayChangeAll)
    await this.#executor.execute(sessionId, { type: "set-options", options, ifVersion }, { actor, idempotency })
    await this.#runner.renew(sessionId)
  }

  #refuse(state: SessionState, options: AgentOptions, mayChangeAll: boolean) {
    const present = optionsOf(state)
    const changed = [...new Set([...Object.keys(options), ...Object.keys(present)])].filter(
      (id) => options[id] !== present[id],
    )
    const restricted = changed.find((id) => !this.#isHarmless(state, id))
    if (restricted !== undefined && !mayChangeAll)
      throw new SessionError(
        "option-restricted",
        `What the agent's option "${restricted}" leads to is not known: to change it takes session.approve.`,
      )
    const refusal = this.#refusalOf(state, options)
    if (refusal !== undefined) throw new SessionError("option-not-allowed", refusal)
  }

  // No agent asks less because of them.
  #isHarmless(state: SessionState, id: string) {
    if (id === "model" || id === "effort") return true
    const { findOption } = this.#parts.wire
    const offered = this.#offeredBy(state) ?? []
    const option = findOption(offered, id)
    return option !== undefined && ["model", "effort"].some((name) => findOption(offered, name) === option)
  }

  // Of an agent that never ran it is not known what it offers: its start says so. With another model it may offer others.
  #refusalOf(state: SessionState, options: AgentOptions) {
    const { findOption, refuseOption } = this.#parts.wire
    const offered = this.#offeredBy(state)
    if (offered === undefined) return undefined
    const wishes = optionWishes(options)
    const named = wishes.map(({ id }) => findOption(offered, id))
    const twice = wishes.find((_wish, n) => named[n] !== undefined && named.indexOf(named[n]) !== n)
    if (twice) return `"${twice.id}" names an option that another name stands for here, too: give one of them.`
    const isOtherModel = options.model !== optionsOf(state).model
    for (const wish of isOtherModel ? wishes.filter(({ id }) => id === "model") : wishes) {
      const refusal = refuseOption(offered, wish)
      if (refusal !== undefined) return refusal
    }
    return undefined
  }

  #offeredBy({ offered }: SessionState) {
    return offered as SessionOptions["offered"]
  }
}

import type { ModeWish } from "./aegis.ts"
import type { AegisParts } from "./aegis-parts.ts"
import { toReadyFact } from "./agent-run.ts"
import type { Caller } from "./caller.ts"
import type { CommandExecutor } from "./command-executor.ts"
import type { Actor } from "./events.ts"
import type { Runner } from "./runner.ts"
import type { Session } from "./session.ts"
import { SessionError } from "./session-error.ts"
import { sessionsTable } from "./session-models.ts"
import type { SessionState } from "./session-state.ts"
import { stateOf } from "./state-of.ts"

export interface ModeSetterOptions {
  readonly executor: CommandExecutor
  readonly runner: Pick<Runner, "renew">
  /** A session as it is shown. */
  readonly look: (sessionId: string) => Promise<Session>
}

/** Gives sessions another mode while they live, and has their children ask no less. */
export class ModeSetter {
  readonly #parts: AegisParts
  readonly #executor: CommandExecutor
  readonly #runner: Pick<Runner, "renew">
  readonly #look: ModeSetterOptions["look"]

  constructor(parts: AegisParts, { executor, runner, look }: ModeSetterOptions) {
    this.#parts = parts
    this.#executor = executor
    this.#runner = runner
    this.#look = look
  }

  async set({ actor, idempotency }: Caller, sessionId: string, { permissionMode, ifVersion }: ModeWish) {
    const state = await stateOf(this.#parts, sessionId)
    const isRepeated = idempotency && (await this.#executor.earlier(idempotency))
    if (!isRepeated) await this.#refuseMode(state, permissionMode)
    const asksLess = (await this.#stricterAbove(state, permissionMode)) !== undefined
    const command = { type: "set-mode", permissionMode, asksLess, isInherited: false, ifVersion } as const
    await this.#executor.execute(sessionId, command, { actor, idempotency })
    await this.settle(sessionId, actor)
    return this.#look(sessionId)
  }

  async #refuseMode(state: SessionState, permissionMode: string) {
    const refusal =
      (await this.#parts.refuseMode(permissionMode, state.permissions?.policy?.document)) ??
      (await this.#unoffered(state, permissionMode))
    if (refusal !== undefined) throw new SessionError("mode-not-allowed", refusal)
  }

  // Of an agent that does not run it is not known what it offers: its start says so.
  async #unoffered(state: SessionState, permissionMode: string) {
    const { run } = state
    const offered = run?.ready && this.#parts.wire.offeredModes(toReadyFact(run.ready))
    if (offered === undefined) return undefined
    const launch = await this.#parts.resolveAgent(state).catch(() => undefined)
    const mode = launch?.mostAskingMode(permissionMode)
    if (mode === undefined || offered.includes(mode)) return undefined
    return `The session's agent has no mode "${mode}"; it offers ${offered.join(", ")}.`
  }

  /** The mode of a session above that asks more. */
  async #stricterAbove({ parentId }: SessionState, permissionMode: string): Promise<string | undefined> {
    if (parentId === undefined) return undefined
    const parent = await stateOf(this.#parts, parentId)
    if (this.#parts.asksLess(permissionMode, parent.permissionMode)) return parent.permissionMode
    return this.#stricterAbove(parent, permissionMode)
  }

  /**
   * Has a session ask no less than those above it, and those below no less than itself. By what the log has now: whoever is
   * above may have been given another mode meanwhile.
   */
  async settle(sessionId: string, actor: Actor) {
    const state = await stateOf(this.#parts, sessionId)
    const above = await this.#stricterAbove(state, state.permissionMode)
    if (above !== undefined) await this.#follow(sessionId, above, actor)
    await this.#runner.renew(sessionId)
    const { asksLess, log } = this.#parts
    const bound = above ?? state.permissionMode
    // Those below one that has ended live on, perhaps.
    for (const child of await log.rows(sessionsTable, { where: { parentId: sessionId } }))
      if (asksLess(child.permissionMode, bound)) await this.settle(child.sessionId, actor)
  }

  async #follow(sessionId: string, permissionMode: string, actor: Actor) {
    const command = {
      type: "set-mode",
      permissionMode,
      asksLess: false,
      isInherited: true,
      ifVersion: undefined,
    } as const
    try {
      await this.#executor.execute(sessionId, command, { actor })
    } catch (error) {
      // One that has ended for good asks nothing any more.
      if (!SessionError.is(error) || error.code !== "session-ended") throw error
    }
  }
}

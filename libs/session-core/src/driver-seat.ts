import type { AegisParts } from "./aegis-parts.ts"
import type { Caller } from "./caller.ts"
import type { CommandBody, CommandExecutor } from "./command-executor.ts"
import { type Driver, driverAt } from "./driver.ts"
import type { Actor, SessionEvent } from "./events.ts"
import type { Participant } from "./participants.ts"
import { stateOf } from "./state-of.ts"

export interface DriverWish {
  /** For how long. */
  readonly ttlSeconds?: number | undefined
  /** The number under which the caller drives already. */
  readonly fence?: number | undefined
}

export interface ReleaseWish extends Pick<DriverWish, "fence"> {
  /** Whether it may be taken away from somebody else. */
  readonly mayTakeAway?: boolean | undefined
}

export interface TransferWish extends DriverWish {
  readonly to: Pick<Actor, "kind" | "id">
}

/** Who has done something in a session, and who drives it. */
export interface Participants {
  readonly participants: readonly Participant[]
  readonly driver?: Driver | undefined
}

const DEFAULT_TTL_SECONDS = 300

/** Has one alone send to a session, for a time. Others may read, approve and interrupt as ever. */
export class DriverSeat {
  readonly #parts: Pick<AegisParts, "log" | "now">
  readonly #executor: CommandExecutor

  constructor(parts: Pick<AegisParts, "log" | "now">, executor: CommandExecutor) {
    this.#parts = parts
    this.#executor = executor
  }

  /**
   * The seat's number goes with what is sent under it: who has driven before is refused then, also with the same key.
   * Rejects with `driver-held`, `fence-stale`.
   */
  claim(caller: Caller, sessionId: string, { ttlSeconds = DEFAULT_TTL_SECONDS, fence }: DriverWish = {}) {
    return this.#seat(caller, sessionId, { type: "claim-driver", ttlMs: ttlSeconds * 1000, fence })
  }

  /** Fine where nobody drives. Rejects with `driver-held` where `mayTakeAway` is not given, `fence-stale`. */
  async release({ actor, idempotency }: Caller, sessionId: string, { fence, mayTakeAway = false }: ReleaseWish = {}) {
    const command = { type: "release-driver", fence, mayTakeAway } as const
    await this.#executor.execute(sessionId, command, { actor, idempotency })
  }

  /** Until when it was held before, if no time is given. Rejects with `driver-absent`, `driver-held`, `fence-stale`. */
  transfer(caller: Caller, sessionId: string, { to, ttlSeconds, fence }: TransferWish) {
    const ttlMs = ttlSeconds === undefined ? undefined : ttlSeconds * 1000
    return this.#seat(caller, sessionId, { type: "transfer-driver", to, ttlMs, fence })
  }

  async participants(sessionId: string): Promise<Participants> {
    const state = await stateOf(this.#parts, sessionId)
    return { participants: state.participants, driver: driverAt(state, this.#parts.now().toISOString()) }
  }

  async #seat({ actor, idempotency }: Caller, sessionId: string, command: CommandBody): Promise<Driver> {
    const events = await this.#executor.execute(sessionId, command, { actor, idempotency })
    const claimed = events.find((event: SessionEvent) => event.type === "driver.claimed")
    if (!claimed) throw new Error("The driver's seat was taken without an event.")
    return claimed.data
  }
}

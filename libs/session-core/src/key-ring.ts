import type { AccessKey } from "./access-key.ts"
import type { AegisParts } from "./aegis-parts.ts"
import type { Caller } from "./caller.ts"
import type { CommandExecutor } from "./command-executor.ts"
import type { KeyChanges, KeyName, KeyWish, MadeKey } from "./decide-key.ts"
import { SYSTEM_STREAM, type SystemEvent } from "./events.ts"
import { SessionError } from "./session-error.ts"
import { systemFold } from "./session-models.ts"

/** The keys of persons and programs, as the log has them. Who may do this is decided at the door. */
export class KeyRing {
  readonly #log: AegisParts["log"]
  readonly #executor: CommandExecutor

  constructor({ log }: Pick<AegisParts, "log">, executor: CommandExecutor) {
    this.#log = log
    this.#executor = executor
  }

  /** One that was not revoked; whether its time is over is the asker's to see. */
  async find(keyId: string): Promise<AccessKey | undefined> {
    const keys = await this.#all()
    return Object.hasOwn(keys, keyId) ? keys[keyId] : undefined
  }

  /** Whether somebody has signed out of that login; known as long as it would last. */
  async isLoggedOut(loginId: string): Promise<boolean> {
    const { state } = await this.#log.fold(systemFold, SYSTEM_STREAM)
    return Object.hasOwn(state?.logouts ?? {}, loginId)
  }

  /** Newest first; of one tenant, or of all. */
  async list(tenantId?: string): Promise<readonly AccessKey[]> {
    const keys = Object.values(await this.#all()).filter((key) => tenantId === undefined || key.tenantId === tenantId)
    return keys.sort((one, other) => (one.createdAt < other.createdAt ? 1 : -1))
  }

  create(caller: Caller, key: MadeKey) {
    return this.#change(caller, { type: "create-key", key })
  }

  /** Rejects with `key-not-found`, as the two after it. */
  update(caller: Caller, of: KeyName, changes: KeyChanges) {
    return this.#change(caller, { type: "update-key", of: nameOf(of), changes })
  }

  /** From now on it has another secret. */
  rotate(caller: Caller, of: KeyName, { digest, previousUntil }: Pick<Rotation, "digest" | "previousUntil">) {
    return this.#change(caller, { type: "rotate-key", of: nameOf(of), digest, previousUntil })
  }

  /** For good. */
  async revoke({ actor, idempotency }: Caller, of: KeyName, reason = "Revoked.") {
    const wish = { type: "revoke-key", of: nameOf(of), reason } as const
    await this.#executor.executeSystem(wish, { actor, idempotency })
  }

  async #change({ actor, idempotency }: Caller, wish: Exclude<KeyWish, { type: "revoke-key" }>): Promise<AccessKey> {
    const events = await this.#executor.executeSystem(wish, { actor, idempotency })
    const changed = events.findLast((event): event is KeyEvent => event.type.startsWith("key."))
    const keyId = changed?.data.keyId ?? (wish.type === "create-key" ? wish.key.keyId : wish.of.keyId)
    const key = await this.find(keyId)
    if (key) return key
    throw new SessionError("key-not-found", `Key ${keyId} was revoked meanwhile.`)
  }

  async #all() {
    const { state } = await this.#log.fold(systemFold, SYSTEM_STREAM)
    return state?.keys ?? {}
  }
}

type KeyEvent = Extract<SystemEvent, { readonly type: `key.${string}` }>
type Rotation = Extract<KeyWish, { readonly type: "rotate-key" }>

function nameOf({ keyId, tenantId }: KeyName): KeyName {
  return { keyId, tenantId }
}

import type { AccessChange, Aegis } from "@aegis/session-core"
import type { Logger } from "pino"
import { networkOf } from "./client-address.ts"
import type { Holder, Login } from "./credentials.ts"

export interface AccessNotesOptions {
  readonly aegis: Pick<Aegis, "tellAccess">
  readonly logger: Pick<Logger, "warn">
  readonly windowMs?: number
}

export type Via = "rest" | "dashboard" | "ws" | "mcp"

/** Names of each kind in a window; what comes after these is counted together. So nobody fills the disk by being kept out. */
const MOST_TOLD = 20

interface Counted {
  readonly kind: "failed" | "denied"
  readonly name: string
  /** What it is counted as when there are too many names. */
  readonly others: string
}

interface Told {
  /** Since it was told. */
  count: number
  tell(count: number): Promise<void>
}

/**
 * Tells the log who came in and who was kept out (spec/threats.md, I5). What is repeated is told once at once, and how often
 * it was when its minute is over. Never a secret, and never what was guessed.
 */
export class AccessNotes {
  readonly #options: AccessNotesOptions
  readonly #told = { failed: new Map<string, Told>(), denied: new Map<string, Told>() }
  #window: NodeJS.Timeout | undefined

  constructor(options: AccessNotesOptions) {
    this.#options = options
  }

  /** Rejects where the log cannot be written: then nobody comes in by it. */
  codeCreated({ principal }: Holder, via: Via) {
    const { keyId, tenantId } = principal
    return this.#tell(keyId, via, { type: "auth.code_created", data: { keyId, tenantId } })
  }

  loggedIn({ principal }: Holder, via: Via) {
    const { keyId, tenantId, userId } = principal
    return this.#tell(keyId, via, { type: "auth.login", data: { keyId, tenantId, userId } })
  }

  /** Rejects where the log cannot be written: then it is as good as before. */
  loggedOut({ principal }: Holder, { id: loginId, until }: Login, via: Via) {
    const { keyId, tenantId, userId } = principal
    const data = { keyId, tenantId, userId, loginId, until: new Date(until).toISOString() }
    return this.#tell(keyId, via, { type: "auth.logout", data })
  }

  /** A credential that is none. */
  async failed(from: string | undefined, via: Via) {
    const address = from === undefined ? "unknown" : networkOf(from)
    await this.#count({ kind: "failed", name: address, others: "others" }, (name, count) => {
      const actor = { kind: "system", id: "door", via } as const
      return this.#options.aegis.tellAccess(actor, { type: "auth.failed", data: { address: name, count } })
    })
  }

  /** What would change something, and its asker may not. */
  async denied({ principal }: Holder, { operation, via }: { readonly operation: string; readonly via: Via }) {
    const { keyId, tenantId, userId } = principal
    const others = `${keyId} others`
    await this.#count({ kind: "denied", name: `${keyId} ${operation}`, others }, (name, count) => {
      const data = { keyId, tenantId, userId, operation: name === others ? "others" : operation, count }
      return this.#tell(keyId, via, { type: "auth.denied", data })
    })
  }

  /** Tells what was counted. */
  async close() {
    clearTimeout(this.#window)
    await this.#endWindow()
  }

  #tell(keyId: string, via: Via, change: AccessChange) {
    return this.#options.aegis.tellAccess({ kind: "key", id: keyId, via }, change)
  }

  async #count({ kind, name: own, others }: Counted, tell: (name: string, count: number) => Promise<void>) {
    const told = this.#told[kind]
    const name = told.has(own) || told.size < MOST_TOLD ? own : others
    const known = told.get(name)
    if (known) {
      known.count += 1
      return
    }
    told.set(name, { count: 0, tell: (count) => tell(name, count) })
    this.#window ??= setTimeout(() => void this.#endWindow(), this.#options.windowMs ?? 60_000).unref()
    await this.#quietly(tell(name, 1))
  }

  async #endWindow() {
    this.#window = undefined
    const repeated = [...this.#told.failed.values(), ...this.#told.denied.values()].filter(({ count }) => count > 0)
    this.#told.failed.clear()
    this.#told.denied.clear()
    for (const { count, tell } of repeated) await this.#quietly(tell(count))
  }

  // Whoever is kept out is kept out, whether that can be written down or not.
  async #quietly(telling: Promise<void>) {
    await telling.catch((error: unknown) => {
      this.#options.logger.warn({ error }, "somebody was kept out, and the log could not take it")
    })
  }
}

import type { Principal } from "@aegis/policy"
import type { AccessChange, Aegis } from "@aegis/session-core"
import type { SystemEventData } from "@aegis/session-core/events"
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

const SERVER = { kind: "system", id: "server", via: "aegis" } as const

interface Exported {
  readonly via: Via
  readonly format: string
  readonly filter?: Record<string, unknown>
}

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
 * Tells the log who came in, who was kept out, and what was taken out, from the start to the end (spec/threats.md, I5). What
 * is repeated is told once at once, and how often it was when its minute is over. Never a secret, and never what was guessed.
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

  /** Rejects where the log cannot be written: then nothing is taken out. */
  exported({ principal }: Holder, { via, ...what }: Exported) {
    const { keyId, tenantId, userId } = principal
    return this.#tell(keyId, via, { type: "audit.exported", data: { keyId, tenantId, userId, ...what } })
  }

  /** That the server listens, and how it is set; that it ends. A server that cannot say so runs all the same. */
  async started({ tenantId }: Principal, what: Pick<SystemEventData<"server.started">, "version" | "settings">) {
    await this.#quietly(this.#options.aegis.tellAccess(SERVER, { type: "server.started", data: { tenantId, ...what } }))
  }

  async ended({ tenantId }: Principal, { keepAgents = false }: { readonly keepAgents?: boolean | undefined }) {
    const data = { tenantId, agents: keepAgents ? "kept" : "ended" } as const
    await this.#quietly(this.#options.aegis.tellAccess(SERVER, { type: "server.ended", data }))
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

  // It is as it is, whether that can be written down or not.
  async #quietly(telling: Promise<void>) {
    await telling.catch((error: unknown) => {
      this.#options.logger.warn({ error }, "the log could not take who was kept out, or that the server starts or ends")
    })
  }
}

import type { Policy } from "@aegis/policy"
import type { AegisParts } from "./aegis-parts.ts"
import type { Caller } from "./caller.ts"
import { canonical } from "./canonical.ts"
import type { CommandExecutor, SystemOptions } from "./command-executor.ts"
import type { Actor } from "./events.ts"
import { withoutUndefined } from "./evolve.ts"
import type { PolicyReader } from "./policy-reader.ts"
import type { KeptPolicy, PolicyKind } from "./policy-version.ts"
import { SessionError } from "./session-error.ts"
import { policiesTable } from "./session-models.ts"
import { type TriedRequestsQuery, triedRequests } from "./tried-requests.ts"

export interface SetPolicyOptions {
  /** The version that it is to take the place of, 0 where there was none ever; absent: whichever there is. */
  readonly ifVersion?: number | undefined
}

export interface PolicyBookOptions {
  readonly executor: CommandExecutor
  readonly reader: PolicyReader
  /** Makes agents that keep rules by themselves get those of now. */
  readonly renew: () => Promise<void>
}

/** What agents may do, and since when, as the log has it. Who may change it is decided at the door. */
export class PolicyBook {
  readonly #parts: Pick<AegisParts, "log" | "policy" | "sha256">
  readonly #executor: CommandExecutor
  readonly #reader: PolicyReader
  readonly #renew: () => Promise<void>

  constructor(parts: Pick<AegisParts, "log" | "policy" | "sha256">, { executor, reader, renew }: PolicyBookOptions) {
    this.#parts = parts
    this.#executor = executor
    this.#reader = reader
    this.#renew = renew
  }

  /** By which the server judges, and which one it tries. */
  inForce() {
    return this.#reader.inForce()
  }

  /**
   * From now on it is judged by, or tried; undefined: none is. Rejects with `version-mismatch`, and with
   * `policy-configured` where the configuration says which one it is.
   */
  async set(
    { actor, idempotency }: Caller,
    kind: PolicyKind,
    document: Policy | undefined,
    { ifVersion }: SetPolicyOptions = {},
  ): Promise<KeptPolicy | undefined> {
    if (kind === "current" && this.isConfigured)
      throw new SessionError(
        "policy-configured",
        "The configuration names the file of the policy: change that file, and start the server again.",
      )
    await this.#set(kind, document, { actor, idempotency }, ifVersion)
    if (kind === "current") await this.#renew()
    return (await this.inForce())[kind]
  }

  /** Makes the configuration's policy the one that is judged by, if it is not. */
  async adoptConfigured() {
    const { policy } = this.#parts
    if (policy !== undefined) await this.#set("current", policy, { actor: configuration })
  }

  /** On what a version was tried, and what it would have said; of an owner's sessions, oldest first. */
  tried(query: TriedRequestsQuery) {
    return triedRequests(this.#parts.log, query)
  }

  /** As it was; rejects with `policy-not-found`. */
  async version(version: number): Promise<KeptPolicy> {
    const [found] = await this.versions({ before: version + 1, limit: 1 })
    if (found?.version === version) return found
    throw new SessionError("policy-not-found", `The policy has no version ${version}.`)
  }

  /** Whether the configuration says which one it is. */
  get isConfigured() {
    return this.#parts.policy !== undefined
  }

  /** Newest first. */
  async versions({ before, limit }: { readonly before?: number | undefined; readonly limit: number }) {
    const where = { kind: "current", ...(before === undefined ? {} : { version: { lt: before } }) }
    const rows = await this.#parts.log.rows(policiesTable, { where, order: [["version", "desc"]], limit })
    return rows.map(
      ({ version, at, by, document }): KeptPolicy => ({
        version,
        at,
        by: by as Actor,
        ...withoutUndefined({ document: (document as Policy | null) ?? undefined }),
      }),
    )
  }

  #set(kind: PolicyKind, document: Policy | undefined, options: SystemOptions, ifVersion?: number) {
    const digest = document && this.#parts.sha256(canonical(document))
    return this.#executor.executeSystem({ type: "set-policy", kind, document, digest, ifVersion }, options)
  }
}

const configuration: Actor = { kind: "system", id: "configuration", via: "start" }

import type { Policy } from "@aegis/policy"
import type { AegisParts } from "./aegis-parts.ts"
import { SYSTEM_STREAM } from "./events.ts"
import type { KeptPolicy, PolicyKind, PolicyVersion, PolicyVersions } from "./policy-version.ts"
import { policiesTable, systemFold } from "./session-models.ts"

/** By which policy the server judges, and which one is tried. */
export type PoliciesInForce = { readonly [K in PolicyKind]?: KeptPolicy }

/** The policies as the log has them. Of those in force a document is read once, and stays the same object. */
export class PolicyReader {
  readonly #log: AegisParts["log"]
  readonly #documents = new Map<number, Policy>()

  constructor(log: AegisParts["log"]) {
    this.#log = log
  }

  async inForce(): Promise<PoliciesInForce> {
    const { state } = await this.#log.fold(systemFold, SYSTEM_STREAM)
    return this.of(state?.policies)
  }

  async of(versions: Partial<PolicyVersions> = {}): Promise<PoliciesInForce> {
    const { current, shadow } = versions
    for (const version of this.#documents.keys())
      if (version !== current?.version && version !== shadow?.version) this.#documents.delete(version)
    return {
      ...(current ? { current: await this.#whole(current) } : {}),
      ...(shadow ? { shadow: await this.#whole(shadow) } : {}),
    }
  }

  async #whole(kept: PolicyVersion): Promise<KeptPolicy> {
    const { version, digest } = kept
    if (digest === undefined) return kept
    const document = this.#documents.get(version) ?? (await this.#read(version))
    this.#documents.set(version, document)
    return { ...kept, document }
  }

  async #read(version: number) {
    const [row] = await this.#log.rows(policiesTable, { where: { version } })
    if (!row?.document) throw new Error(`The log has no policy of version ${version}.`)
    // What the log has was checked when it was written.
    return row.document as Policy
  }
}

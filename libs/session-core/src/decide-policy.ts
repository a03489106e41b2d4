import type { Policy } from "@aegis/policy"
import type { PolicyKind, PolicyVersions } from "./policy-version.ts"
import { SessionError } from "./session-error.ts"
import type { SystemChange } from "./system-change.ts"

/** Another policy is to be judged by, or to be tried. */
export interface PolicyWish {
  readonly type: "set-policy"
  readonly kind: PolicyKind
  /** Absent: none. */
  readonly document: Policy | undefined
  /** SHA-256 of the canonical document; absent with it. */
  readonly digest: string | undefined
  /** The version that it is to take the place of, 0 where there was none ever; absent: whichever there is. */
  readonly ifVersion: number | undefined
}

export function decidePolicy(
  versions: PolicyVersions | undefined,
  { kind, document, digest, ifVersion }: PolicyWish,
): SystemChange | SessionError | undefined {
  const present = versions?.[kind]
  const version = present?.version ?? 0
  if (ifVersion !== undefined && ifVersion !== version)
    return new SessionError(
      "version-mismatch",
      `The policy is at version ${version}, and not at ${ifVersion}: read it again, and decide anew.`,
    )
  if (present?.digest === digest) return undefined
  const type = kind === "current" ? "policy.updated" : "policy.shadow_updated"
  const data = { version: (versions?.last ?? 0) + 1, ...(document === undefined ? {} : { document, digest }) }
  return { type, data }
}

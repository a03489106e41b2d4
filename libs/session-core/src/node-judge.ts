import { homedir } from "node:os"
import { isAbsolute, sep } from "node:path"
import {
  type CompiledPolicy,
  defaultRule,
  evaluateScopes,
  isSameAnswer,
  judgeByMode,
  judgeCall,
  type Policy,
  type PolicyJudgement,
  type PolicyRequest,
  type RequiredApprovers,
  readCommand,
  readPathWords,
  type ScopedJudgement,
  type ScopedPolicy,
} from "@aegis/policy"
import { PermissionModeSchema } from "@aegis/policy/schema"
import type { CallJudgement, JudgeRequest } from "./aegis-parts.ts"
import { readCallFields } from "./call-fields.ts"
import type { ShadowJudgement } from "./judged-fact.ts"
import { findLinkedFiles, isOneIn } from "./linked-files.ts"
import { findNamedFiles, targetsOf } from "./node-named-files.ts"
import { isInside } from "./node-work-dir.ts"
import type { PolicyReader } from "./policy-reader.ts"
import type { KeptPolicy } from "./policy-version.ts"
import { realTarget } from "./real-target.ts"

export interface JudgeOptions {
  readonly policies: Pick<PolicyReader, "inForce">
  /** Called often with the same object. */
  readonly compile: (policy: Policy) => CompiledPolicy
  /** The data directory, links resolved: whatever policy and mode say, no call has to do with it. */
  readonly stateDir: string
  readonly now: () => Date
}

/** Judges calls by policy and mode. Both judge canonical fields only, so links are resolved here, where there is a disk. */
export function createJudge({ policies, compile, stateDir, now }: JudgeOptions) {
  return async (call: JudgeRequest): Promise<CallJudgement> => {
    const { session, remembered } = call
    const own = session.permissions?.policy
    const request = await toPolicyRequest(call, now().getTime())
    const { kind, paths, command, context } = request
    const words = readPathWords(command, { ...context, workDir: call.cwd ?? context.workDir })
    if (words === undefined) return { ...outOfBounds, reason: "The command has more words than can be looked at." }
    const { targets, mayLeadInto } = await findNamedFiles(words, stateDir)
    if (mayLeadInto || [...paths, ...targets].some((path) => isInside(path, stateDir))) return outOfBounds
    const linked = await findLinkedFiles(paths)
    if (await isOneIn(stateDir, [...linked, ...(await findLinkedFiles(targets))])) return outOfBounds
    const byMode = judgeByMode({ kind, paths, hasOtherNames: linked.length > 0 }, context)
    const { current, shadow } = await policies.inForce()
    const judgeBy = ({ document }: Pick<KeptPolicy, "document"> = {}) => {
      const policies: ScopedPolicy[] = [
        ...(document ? [{ scope: "server", policy: compile(document), mayLoosen: true } as const] : []),
        ...(own ? [{ scope: "session", policy: compile(own.document), mayLoosen: own.mayLoosen } as const] : []),
      ]
      const byPolicy = toNamed(evaluateScopes(policies, request))
      return judgeCall({ byPolicy, byMode, mode: context.mode, remembered })
    }
    const judged = judgeBy(current)
    const { decision, rule, reason, approvers, expiresAfterMs } = judged
    return {
      decision,
      rule,
      reason,
      ...(expiresAfterMs === undefined ? {} : { expiresAfterMs }),
      ...(approvers ? termsOf(approvers) : {}),
      ...(shadow?.document ? { shadow: compare(judged, { version: shadow.version, ...judgeBy(shadow) }) } : {}),
    }
  }
}

/** A rule of the session's own may have the name of one of the server's. */
function toNamed({ scope, ...judgement }: ScopedJudgement): PolicyJudgement {
  const isOwn = scope === "session" && judgement.rule !== defaultRule
  return isOwn ? { ...judgement, rule: `session:${judgement.rule}` } : judgement
}

function compare(judged: PolicyJudgement, tried: PolicyJudgement & Pick<KeptPolicy, "version">): ShadowJudgement {
  const { version, decision, rule, reason } = tried
  const before = { decision: judged.decision, rule: judged.rule }
  return { version, decision, rule, reason, before, isChanged: !isSameAnswer(judged, tried) }
}

/** A call in the fields that a policy judges, with links as they lead at this moment. */
export async function toPolicyRequest(
  { tool, session, cwd = session.workDir }: JudgeRequest,
  at: number,
): Promise<PolicyRequest> {
  const { workDir, permissionMode, agent, labels, owner } = session
  const mode = PermissionModeSchema.parse(permissionMode)
  const { command, hosts, ...named } = readCallFields(tool)
  const place = { workDir, home: await realHome() }
  const { files } = readCommand(command, { ...place, workDir: cwd })
  const targets = await Promise.all([...named.paths, ...files].map((path) => targetsOf(pathIn(cwd, path))))
  const paths = [...new Set(targets.flat())]
  const context = { ...place, mode, agent, labels, owner: owner.userId, at }
  return { tool: tool.name, kind: tool.kind, paths, command, hosts, context }
}

// Its `..` stay: where they lead depends on what is before them.
function pathIn(folder: string, path: string) {
  return isAbsolute(path) ? path : `${folder}${sep}${path}`
}

const outOfBounds = {
  decision: "deny",
  rule: "server:data-directory",
  reason: "What the server keeps for itself is not for agents.",
} as const

function termsOf({ count, roles, notRequester }: RequiredApprovers) {
  return { required: count, ...(roles ? { roles } : {}), ...(notRequester ? { notRequester } : {}) }
}

/** What `~` in a pattern stands for. */
export function realHome() {
  return realTarget(homedir())
}

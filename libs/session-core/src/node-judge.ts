import { homedir } from "node:os"
import { resolve } from "node:path"
import {
  type CompiledPolicy,
  evaluate,
  judgeByMode,
  judgeCall,
  type RequiredApprovers,
  redirectPaths,
} from "@aegis/policy"
import { PermissionModeSchema } from "@aegis/policy/schema"
import type { CallJudgement, JudgeRequest } from "./aegis-parts.ts"
import { readCallFields } from "./call-fields.ts"
import { realTarget } from "./real-target.ts"

export interface JudgeOptions {
  readonly policy: CompiledPolicy | undefined
  readonly now: () => Date
}

/** Judges calls by policy and mode. Both judge canonical fields only, so links are resolved here, where there is a disk. */
export function createJudge({ policy, now }: JudgeOptions) {
  return async ({ tool, session }: JudgeRequest): Promise<CallJudgement> => {
    const { workDir, permissionMode, agent, labels, owner } = session
    const mode = PermissionModeSchema.parse(permissionMode)
    const { command, hosts, ...named } = readCallFields(tool)
    const place = { workDir, home: await realHome() }
    const written = [...named.paths, ...(command === undefined ? [] : redirectPaths(command, place))]
    const paths = await Promise.all(written.map((path) => realTarget(resolve(workDir, path))))
    const byMode = judgeByMode({ kind: tool.kind, paths }, { mode, workDir })
    if (policy === undefined) return byMode
    const context = { ...place, mode, agent, labels, owner: owner.userId, at: now().getTime() }
    const byPolicy = evaluate(policy, { tool: tool.name, kind: tool.kind, paths, command, hosts, context })
    const { approvers, ...judgement } = judgeCall({ byPolicy, byMode, mode })
    return { ...judgement, ...(approvers ? termsOf(approvers) : {}) }
  }
}

function termsOf({ count, roles, notRequester }: RequiredApprovers) {
  return { required: count, ...(roles ? { roles } : {}), ...(notRequester ? { notRequester } : {}) }
}

/** What `~` in a pattern stands for. */
export function realHome() {
  return realTarget(homedir())
}

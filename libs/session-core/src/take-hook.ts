import type { AegisParts } from "./aegis-parts.ts"
import type { Caller } from "./caller.ts"
import { canonical } from "./canonical.ts"
import type { CommandExecutor } from "./command-executor.ts"
import { type Actor, OBSERVED_AGENT, type SessionEventData, type ToolCall } from "./events.ts"
import { withoutUndefined } from "./evolve.ts"
import { judgePermission } from "./judge-permission.ts"
import type { JudgedPermission } from "./judged-fact.ts"
import { isLogRefusal } from "./log-refusal.ts"
import type { ReceivedHook } from "./receive-hook.ts"
import { sessionFold, sessionsTable } from "./session-models.ts"
import { isObserved } from "./session-state.ts"
import { titleOfCall } from "./title-of-call.ts"

/** A hook as a Claude Code tells it. */
export interface HookInput extends Omit<ReceivedHook, "tool" | "judgement"> {
  /** Absolute: where the agent is at the moment. */
  readonly cwd: string
  /** Of PreToolUse and PostToolUse. */
  readonly tool?:
    | {
        /** Absent: an older Claude, which does not say. */
        readonly toolCallId?: string | undefined
        readonly name: string
        readonly input: unknown
        readonly output?: unknown
      }
    | undefined
  /** The run of an agent of this server that it comes from. */
  readonly runId?: string | undefined
  /** The session that it is of, where the caller knows. */
  readonly sessionId?: string | undefined
}

/** What a hook is told: what a rule says of its call. */
export interface HookAnswer {
  readonly decision: "allow" | "deny" | "ask"
  readonly rule: string
  readonly reason: string
}

type TakingParts = Pick<
  AegisParts,
  "log" | "judge" | "settings" | "sha256" | "newId" | "newSalt" | "realPath" | "headOf" | "toolKindOf"
>

/**
 * Writes a hook down on its session, which is made where it is the first of an agent that nobody here drives. Undefined:
 * nobody has an answer. A no is given even where the log cannot take it.
 */
export async function takeHook(
  { parts, executor }: { readonly parts: TakingParts; readonly executor: CommandExecutor },
  owner: Caller["owner"],
  { cwd, tool: call, runId, sessionId: named, ...told }: HookInput,
): Promise<HookAnswer | undefined> {
  const sessionId = named ?? (await findSession(parts, { runId, ...told }))
  if (sessionId === undefined) return undefined
  const { state } = await parts.log.fold(sessionFold, sessionId)
  // Of one that was never heard of before it ended there is nothing to tell.
  if (state === undefined && told.event === "SessionEnd") return undefined
  const tool = call && toToolCall(parts, call)
  const made = await newSession(parts, { cwd, owner, ...told })
  const session = state ?? made
  const isAsked = told.event === "PreToolUse" && tool !== undefined && isObserved(session)
  const judged: Pick<ReceivedHook, "judgement" | "shadow"> = isAsked
    ? await judgeCall(parts, { session, tool, cwd, mode: told.permissionMode })
    : {}
  const { judgement } = judged
  const hook = { ...told, tool, ...judged }
  const actor: Actor = { kind: "agent", id: session.agent, via: "hook" }
  const baseCommit = state === undefined ? await parts.headOf(made.workDir) : undefined
  const begun = { ...made, ...withoutUndefined({ baseCommit }) }
  const command = { type: "receive-hook", hook, session: begun, messageId: parts.newId() } as const
  try {
    const events = await executor.execute(sessionId, command, { actor })
    const decided = events.find((event) => event.type === "policy.decided")?.data
    return decided && { decision: decided.decision, rule: decided.rule, reason: decided.reason }
  } catch (error) {
    if (judgement?.decision !== "deny" || !isLogRefusal(error)) throw error
    return judgement
  }
}

type Told = Pick<HookInput, "runId" | "agentSessionId">
type FindingParts = Pick<TakingParts, "log" | "sha256">

/** Undefined: of an agent of ours that is gone. */
async function findSession(parts: FindingParts, { runId, agentSessionId }: Told) {
  if (runId === undefined) return findByName(parts, agentSessionId)
  const [row] = await parts.log.rows(sessionsTable, { where: { runId } })
  const { state } = row ? await parts.log.fold(sessionFold, row.sessionId) : {}
  if (state === undefined) return undefined
  // Until it is ready nobody else knows its name. With another name it is one that the agent has started itself: what that
  // one does is asked about nowhere else.
  const isItself = state.run?.ready === undefined || state.agentSessionId === agentSessionId
  return isItself ? state.sessionId : findByName(parts, agentSessionId)
}

async function findByName({ log, sha256 }: FindingParts, agentSessionId: string) {
  const rows = await log.rows(sessionsTable, { where: { agentSessionId }, order: [["createdSeq", "desc"]] })
  const known = rows.find(({ agent, status }) => agent === OBSERVED_AGENT || !ended.has(status))
  // Made of Claude's own, so that two hooks at once make one session.
  return known?.sessionId ?? toUuid(sha256(`claude ${agentSessionId}`))
}

/** Whoever goes on with such a session by hand is observed. */
const ended: ReadonlySet<string> = new Set(["killed", "crashed"])

/** Version 8 of RFC 9562: the rest is one's own. */
function toUuid(hex: string) {
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  )
}

async function newSession(
  { realPath, newSalt }: Pick<TakingParts, "realPath" | "newSalt">,
  { cwd, owner, permissionMode = "default" }: Pick<HookInput, "cwd" | "permissionMode"> & { owner: Caller["owner"] },
): Promise<SessionEventData<"session.created">> {
  const workDir = await realPath(cwd)
  const name = workDir.split(/[/\\]/).findLast((part) => part !== "") ?? workDir
  return { workDir, agent: OBSERVED_AGENT, permissionMode, name, labels: {}, owner, salt: newSalt() }
}

function toToolCall(
  { sha256, toolKindOf }: Pick<TakingParts, "sha256" | "toolKindOf">,
  { name, input, output, toolCallId = sha256(canonical([name, input])) }: NonNullable<HookInput["tool"]>,
): ToolCall {
  const title = titleOfCall(name, input)
  return withoutUndefined({ toolCallId, name, title, kind: toolKindOf(name), input, output })
}

interface JudgedCall {
  readonly session: Omit<SessionEventData<"session.created">, "salt">
  readonly tool: ToolCall
  readonly cwd: string
  readonly mode: string | undefined
}

/**
 * The same judge as for calls that are asked about over ACP; the agent's own mode decides what no rule does. Whom a rule
 * wants to be asked cannot be: there is one person, at the agent's own terminal.
 */
async function judgeCall(parts: TakingParts, { session, tool, cwd, mode = session.permissionMode }: JudgedCall) {
  const { judgement, terms, digest, shadow } = await judgePermission(
    { ...parts, judge: (request) => parts.judge({ ...request, cwd }), inspect: async () => [] },
    { ...session, permissionMode: mode },
    { type: "permission", requestId: tool.toolCallId, toolCall: tool as PermissionCall, options: [] },
  )
  return { judgement: answerTo({ judgement, terms, digest }), shadow: shadow && { ...shadow, digest } }
}

function answerTo({ judgement, terms, digest }: Pick<JudgedPermission, "judgement" | "terms" | "digest">) {
  const { decision, rule, reason } = judgement
  if (rule.startsWith("mode:")) return undefined
  const isForOthers = terms.required > 1 || terms.roles !== undefined || terms.notRequester === true
  if (decision !== "ask" || !isForOthers) return { decision, rule, reason, digest }
  const why = `${reason} It takes people who cannot be asked in a session that is only observed.`
  return { decision: "deny" as const, rule, reason: why, digest }
}

type PermissionCall = Parameters<typeof judgePermission>[2]["toolCall"]

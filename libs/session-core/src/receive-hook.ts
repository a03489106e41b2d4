import type { Judgement } from "@aegis/policy"
import { activityAfter } from "./activity-after.ts"
import { endTool } from "./end-turns.ts"
import type { Actor, HookEvent, SessionEventData, ToolCall } from "./events.ts"
import { withoutUndefined } from "./evolve.ts"
import { onTrial, type Recording } from "./recording.ts"
import { isEnded, isObserved, type SessionState, type ToolName } from "./session-state.ts"

/** A hook of a Claude Code has come. Never refused. */
export interface ReceiveHook {
  readonly type: "receive-hook"
  readonly hook: ReceivedHook
  /** What the session is made as, where this is the first that is heard of it. */
  readonly session: SessionEventData<"session.created">
  /** Names what it says. */
  readonly messageId: string
}

export interface ReceivedHook {
  readonly event: HookEvent
  readonly agentSessionId: string
  readonly digest: string
  readonly bytes: number
  readonly transcriptPath?: string | undefined
  readonly permissionMode?: string | undefined
  /** Of PreToolUse and PostToolUse. */
  readonly tool?: ToolCall | undefined
  /** Of UserPromptSubmit. */
  readonly prompt?: string | undefined
  /** Of Stop: what the agent has said last. */
  readonly lastMessage?: string | undefined
  readonly source?: string | undefined
  readonly notificationType?: string | undefined
  /** Of PreToolUse, where a rule says something; `digest` is of the call. */
  readonly judgement?: (Judgement & { readonly digest: string }) | undefined
  /** Of PreToolUse, where a policy is tried. */
  readonly shadow?: Omit<SessionEventData<"policy.shadowed">, "approvalId"> | undefined
}

/** Writes down what a hook tells, and what it is told (spec/sessions.md, Observed sessions). */
export function receiveHook(recording: Recording, command: ReceiveHook, before: SessionState | undefined) {
  const { hook, session, messageId } = command
  if (before === undefined) recording.record("session.created", session)
  const { state } = recording
  const { event, agentSessionId, digest, bytes, transcriptPath, permissionMode } = hook
  const told = { event, agentSessionId, digest, bytes, ...withoutUndefined({ transcriptPath, permissionMode }) }
  // Who drives it judges its calls and knows what it does; of one that has ended nothing more is told.
  if (!isObserved(state)) {
    if (!isEnded(state)) recording.record("hook.received", { ...told, answer: "none" })
    return
  }
  const judgement = answerable(recording, hook)
  const answer = judgement?.decision ?? "none"
  const { activity: did = "idle" } = state
  const toolName = hook.tool?.name
  const activity = activityAfter(did, { ...hook, toolName, answer })
  recording.record("hook.received", { ...told, answer, activity })
  recordWork(recording, hook, messageId)
  if (hook.shadow) recording.record("policy.shadowed", hook.shadow, { actor: onTrial })
  if (judgement) recordDecision(recording, hook, judgement)
}

function recordDecision(
  recording: Recording,
  { tool }: ReceivedHook,
  judgement: NonNullable<ReceivedHook["judgement"]>,
) {
  const actor: Actor = { kind: "policy", id: judgement.rule, via: "policy" }
  recording.record("policy.decided", judgement, { actor })
  if (tool && judgement.decision === "deny") toolFailed(recording, tool)
}

// The stop comes before any rule, and while it lasts nothing is allowed (spec/sessions.md, Approvals).
function answerable({ stop }: Recording, { event, judgement }: ReceivedHook) {
  if (event !== "PreToolUse" || (stop && judgement?.decision === "allow")) return undefined
  return judgement
}

function recordWork(recording: Recording, { event, tool, prompt, lastMessage }: ReceivedHook, messageId: string) {
  switch (event) {
    case "PreToolUse":
      if (tool) recording.record("tool.started", tool)
      return
    case "PostToolUse":
      if (tool) endTool(recording, { ...tool, status: "completed" })
      return
    case "UserPromptSubmit":
      endTools(recording)
      if (prompt !== undefined)
        recording.record("message.user", { messageId, content: [{ type: "text", text: prompt }] })
      return
    case "Stop":
      endTools(recording)
      if (lastMessage !== undefined) recording.record("message.delta", { messageId, text: lastMessage })
      return
    case "SessionEnd":
      return endTools(recording)
    case "Notification":
    case "SessionStart":
    case "SubagentStop":
    case "PreCompact":
      return
  }
}

// Claude tells the end of calls that have done something: one that was refused or has failed is not told.
function endTools(recording: Recording) {
  for (const [toolCallId, tool] of Object.entries(recording.state.tools)) toolFailed(recording, { toolCallId, ...tool })
}

function toolFailed(recording: Recording, { toolCallId, name, title, kind }: UnfinishedTool) {
  endTool(recording, { toolCallId, name, title, kind, status: "failed" })
}

interface UnfinishedTool extends ToolName {
  readonly toolCallId: string
}

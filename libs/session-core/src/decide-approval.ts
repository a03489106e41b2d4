import type { Vote } from "./command.ts"
import { refuseEnded } from "./end-turns.ts"
import type { Actor, PermissionOption } from "./events.ts"
import { withoutUndefined } from "./evolve.ts"
import type { ApprovalTerms, JudgedPermission } from "./judged-fact.ts"
import { onTrial, type Recording } from "./recording.ts"
import { SessionError } from "./session-error.ts"
import { isEnded, openApprovals, type PendingApproval, type SessionState } from "./session-state.ts"
import type { Stop } from "./system-state.ts"

/** An agent wants to do something: a rule decides at once, or it waits for a person. */
export function permissionAsked(
  recording: Recording,
  runId: string,
  { approvalId, requestId, toolCall, options, digest, files, call, judgement, terms, shadow }: JudgedPermission,
) {
  const tool = withoutUndefined({
    ...toolCall,
    locations: toolCall.locations?.map((location) => ({ ...location })),
    content: toolCall.content ? [...toolCall.content] : undefined,
  })
  const { decision, rule, reason } = judgement
  const askedBy = askingRule(judgement)
  const asked = { approvalId, runId, requestId, tool, options: [...options], digest, call }
  const bound = files.length > 0 ? { files: [...files] } : {}
  recording.record("approval.requested", {
    ...asked,
    ...bound,
    ...termsOf(recording, terms),
    ...(askedBy === undefined ? {} : { askedBy }),
  })
  if (shadow) recording.record("policy.shadowed", { approvalId, ...shadow, digest }, { actor: onTrial })
  // The stop comes before any rule (spec/sessions.md, Approvals).
  if (decision === "ask" || recording.stop) return
  const outcome = outcomeOf(options, decision === "allow" ? "approve" : "reject")
  // What may be allowed but cannot be allowed once, a person has to look at.
  if (outcome === undefined) return
  const actor: Actor = { kind: "policy", id: rule, via: "policy" }
  recording.record("policy.decided", { approvalId, rule, decision, reason, digest }, { actor })
  recording.record(
    "approval.resolved",
    { approvalId, status: decision === "allow" ? "approved" : "rejected", outcome, rule, reason },
    { actor },
  )
}

/** The rule that wants a person to be asked; a mode is none. */
export function askingRule({ decision, rule }: JudgedPermission["judgement"]) {
  return decision === "ask" && !rule.startsWith("mode:") ? rule : undefined
}

function termsOf(
  { context, state: { turn, owner } }: Recording,
  { required, roles, notRequester, expiresAfterMs }: ApprovalTerms,
) {
  return {
    ...(required > 1 ? { required } : {}),
    ...(roles ? { roles: [...roles] } : {}),
    // What nobody asked for is the owner's.
    ...(notRequester ? { excludedVoter: turn?.by ?? owner.userId } : {}),
    ...(expiresAfterMs === undefined
      ? {}
      : { expiresAt: new Date(Date.parse(context.at) + expiresAfterMs).toISOString() }),
  }
}

/** A person decides; the first decision wins. */
export function castVote(recording: Recording, vote: Vote) {
  const { state } = recording
  if (isEnded(state)) return refuseEnded(state)
  const approval = chosenApproval(state, vote.approvalId)
  if (SessionError.is(approval)) return approval
  if (vote.digest !== undefined && vote.digest !== approval.digest)
    return new SessionError(
      "digest-mismatch",
      `What approval ${approval.approvalId} would run is not what was shown; look at it again.`,
    )
  if (isExpired(approval, recording.context.at))
    return new SessionError("approval-consumed", `Approval ${approval.approvalId} expired at ${approval.expiresAt}.`)
  if (recording.stop && vote.choice === "approve") return refuseStopped(recording.stop)
  const unaccepted = vote.choice === "approve" ? refuseVoter(approval, vote, recording.context.actor.id) : undefined
  if (unaccepted) return unaccepted
  const outcome =
    vote.optionId === undefined
      ? outcomeOf(approval.options, vote.choice)
      : offered(approval, vote.choice, vote.optionId)
  if (outcome === undefined) return notOffered(approval, vote)
  const forgetful = vote.remember ? refuseMemory(recording, approval) : undefined
  if (forgetful) return forgetful
  const { approvalId, approvers, required, call } = approval
  const { voter = recording.context.actor.id, choice } = vote
  const reason = vote.reason === undefined ? {} : { reason: vote.reason }
  // Each person counts once, by however many keys.
  if (choice === "approve" && approvers.includes(voter)) return undefined
  recording.record("approval.voted", { approvalId, voter, choice, ...reason })
  if (choice === "approve" && approvers.length + 1 < required) return undefined
  recording.record("approval.resolved", {
    approvalId,
    status: choice === "approve" ? "approved" : "rejected",
    outcome,
    ...reason,
  })
  if (vote.remember && choice === "approve" && call) recording.record("approval.remembered", { approvalId, call })
  return undefined
}

/** Nobody has decided in time: the agent is told that nobody chose, people that it is expired; never a no. */
export function expireApprovals(recording: Recording) {
  for (const approval of openApprovals(recording.state))
    if (isExpired(approval, recording.context.at))
      recording.record("approval.resolved", {
        approvalId: approval.approvalId,
        status: "expired",
        outcome: "cancelled",
        reason: "Nobody decided in time.",
      })
}

/** The agent hears nothing of it: its request waits on, for the decision on the new approval. */
export function askAnew(
  recording: Recording,
  { approvalId, permission }: { readonly approvalId: string; readonly permission: JudgedPermission },
) {
  const asked = openApprovals(recording.state).find((approval) => approval.approvalId === approvalId)
  if (!asked) return
  const reason = `What it leads to has changed; it is asked about anew as ${permission.approvalId}.`
  recording.record("approval.resolved", { approvalId, status: "withdrawn", reason })
  permissionAsked(recording, asked.runId, permission)
}

export function approvalDelivered(recording: Recording, approvalId: string) {
  const known = recording.state.approvals.some(
    (approval) => approval.approvalId === approvalId && approval.outcome !== undefined,
  )
  if (known) recording.record("approval.delivered", { approvalId })
}

/**
 * The option by its kind among those offered, never by a fixed id (spec/sessions.md, Approvals). A no is always possible:
 * where the agent offers none, it is told that nobody chose.
 */
function outcomeOf(options: readonly PermissionOption[], choice: "approve" | "reject") {
  const kinds = choice === "approve" ? ["allow_once"] : ["reject_once", "reject_always"]
  const option = kinds.flatMap((kind) => options.filter((candidate) => candidate.kind === kind))[0]
  if (option) return { optionId: option.optionId }
  return choice === "reject" ? "cancelled" : undefined
}

function refuseStopped({ by, at, reason }: Stop) {
  return new SessionError(
    "all-stopped",
    `All work was stopped by ${by.id} (${by.via}) at ${at}: ${reason} Nothing can be approved until that is lifted.`,
  )
}

// Saying no is for everybody who may vote.
function refuseVoter({ approvalId, roles, excludedVoter }: PendingApproval, { voter, role }: Vote, actor: string) {
  if (roles && !(role !== undefined && roles.includes(role)))
    return new SessionError(
      "not-an-approver",
      `Approval ${approvalId} takes ${roles.join(" or ")}, and you are ${role ?? "neither"}. You can reject it.`,
    )
  if (excludedVoter !== undefined && excludedVoter === (voter ?? actor))
    return new SessionError(
      "not-an-approver",
      `Approval ${approvalId} takes somebody else: ${excludedVoter} has asked for the work. You can reject it.`,
    )
}

/** So many of a session: its state is kept whole. */
const MOST_REMEMBERED = 200

function refuseMemory({ state }: Recording, approval: PendingApproval) {
  const { approvalId, askedBy } = approval
  const not = (why: string) =>
    new SessionError("not-rememberable", `Approval ${approvalId} cannot be remembered: ${why}`)
  if (askedBy !== undefined)
    return not(`the rule ${askedBy} wants somebody to be asked each time. Approve it this once.`)
  if (!isPlain(approval)) return not("it takes certain people each time. Approve it this once.")
  if (Object.keys(state.permissions?.remembered ?? {}).length >= MOST_REMEMBERED)
    return not(`the session remembers ${MOST_REMEMBERED} already; have it forget some.`)
}

function isPlain({ required, roles, excludedVoter }: PendingApproval) {
  return required === 1 && !roles && excludedVoter === undefined
}

function isExpired({ expiresAt }: PendingApproval, at: string) {
  return expiresAt !== undefined && expiresAt <= at
}

function chosenApproval(state: SessionState, approvalId: string | undefined): PendingApproval | SessionError {
  const open = openApprovals(state)
  if (approvalId !== undefined) {
    const found = open.find((approval) => approval.approvalId === approvalId)
    return (
      found ??
      new SessionError("approval-not-found", `Approval ${approvalId} is not open in session ${state.sessionId}.`)
    )
  }
  const [only, ...others] = open
  if (!only) return new SessionError("approval-not-found", `Session ${state.sessionId} waits for no approval.`)
  if (others.length === 0) return only
  return new SessionError(
    "approval-ambiguous",
    `${open.length} approvals are open, name one: ${open.map((approval) => approval.approvalId).join(", ")}.`,
  )
}

// A no never picks what allows, nor a yes what rejects. What a rule asks about, or takes certain people, each time is not
// allowed for good by one: the agent would not ask any more.
function offered(approval: PendingApproval, choice: Vote["choice"], optionId: string) {
  const kinds =
    choice === "approve"
      ? ["allow_once", ...(isPlain(approval) && approval.askedBy === undefined ? ["allow_always"] : [])]
      : ["reject_once", "reject_always"]
  const option = approval.options.find((each) => each.optionId === optionId)
  return option && kinds.includes(option.kind) ? { optionId } : undefined
}

function notOffered({ approvalId, options }: PendingApproval, { optionId, choice }: Vote) {
  const wish = optionId === undefined ? `a one-time ${choice}` : `${optionId} for ${choice} here`
  const offers = options.map((option) => `${option.optionId} (${option.kind})`).join(", ")
  return new SessionError(
    "option-not-offered",
    `The agent does not offer ${wish} on approval ${approvalId}; it offers ${offers}.`,
  )
}

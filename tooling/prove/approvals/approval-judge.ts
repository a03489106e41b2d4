import type { SessionEvent } from "@aegis/session-core/events"

/** What was asked about, and what it takes. */
export interface AskedTerms {
  readonly runId: string
  readonly requestId: string
  readonly digest: string
  readonly required: number
  readonly roles?: readonly string[]
  readonly notRequester?: boolean
  readonly requester: string
  readonly expiresAfterMs?: number
  readonly at: number
  readonly isAllowedByRule: boolean
  readonly canBeAllowed: boolean
}

interface Vote {
  readonly choice: "approve" | "reject"
  readonly voter: string
  readonly role: string
  readonly approvalId?: string
  readonly digest?: string
  readonly optionId?: string
  readonly at: number
  readonly isStopped: boolean
}

interface Approval extends AskedTerms {
  readonly approvalId: string
  readonly approvedBy: Set<string>
  status: "open" | "approved" | "rejected" | "withdrawn" | "expired"
  /** What the agent was told of it, each time the same. */
  told?: string
}

/** Knows the rules of approvals (spec/sessions.md, spec/policy.md) in its own words, and nothing of how the core keeps them. */
export class ApprovalJudge {
  readonly problems: string[] = []
  readonly #asking = new Map<string, AskedTerms>()
  readonly #approvals = new Map<string, Approval>()
  /** Requests that were allowed, by the approval that did. */
  readonly #allowed = new Map<string, string>()
  #vote: Vote | undefined
  #counted: { readonly approvalId: string; readonly isLast: boolean } | undefined

  /** Every approval that there has been. */
  get known(): readonly Approval[] {
    return [...this.#approvals.values()]
  }

  get executions() {
    return this.#allowed.size
  }

  willAsk(approvalId: string, terms: AskedTerms) {
    this.#asking.set(approvalId, terms)
  }

  willVote(vote: Vote) {
    this.#vote = vote
    this.#counted = undefined
    const open = this.known.filter(({ status }) => status === "open")
    const about =
      vote.approvalId === undefined && open.length === 1 ? open[0] : this.#approvals.get(vote.approvalId ?? "")
    if (about?.status !== "open" || vote.choice !== "approve" || !counts(about, vote)) return
    const isNew = !about.approvedBy.has(vote.voter)
    about.approvedBy.add(vote.voter)
    this.#counted = { approvalId: about.approvalId, isLast: isNew && about.approvedBy.size >= about.required }
  }

  hasVoted() {
    if (this.#counted?.isLast && this.#approvals.get(this.#counted.approvalId)?.status !== "approved")
      this.problems.push(`${this.#counted.approvalId} has all the votes that it takes, and is not approved`)
    this.#vote = undefined
  }

  see(event: SessionEvent) {
    if (event.type === "approval.requested") this.#requested(event.data.approvalId)
    if (event.type === "approval.resolved") this.#resolved(event)
  }

  #requested(approvalId: string) {
    const terms = this.#asking.get(approvalId)
    if (!terms || this.#approvals.has(approvalId)) return void this.problems.push(`${approvalId} was not asked for`)
    this.#approvals.set(approvalId, { ...terms, approvalId, approvedBy: new Set(), status: "open" })
  }

  #resolved({ actor, data }: SessionEvent & { readonly type: "approval.resolved" }) {
    const approval = this.#approvals.get(data.approvalId)
    if (approval?.status !== "open") return void this.problems.push(`${data.approvalId} was decided twice`)
    approval.status = data.status
    if (data.status !== "approved") return
    if (actor.kind === "policy") {
      if (!approval.isAllowedByRule)
        this.problems.push(`${data.approvalId} was approved by a rule that does not allow it`)
      return
    }
    if (this.#vote === undefined) this.problems.push(`${data.approvalId} was approved without a vote`)
    if (approval.approvedBy.size < approval.required)
      this.problems.push(`${data.approvalId} takes ${approval.required}, and ${approval.approvedBy.size} have approved`)
  }

  agentIsTold(approvalId: string, outcome: { readonly optionId: string } | "cancelled", runId: string) {
    const approval = this.#approvals.get(approvalId)
    if (!approval || approval.status === "open")
      return void this.problems.push(`${approvalId} is told, and not decided`)
    const told = JSON.stringify(outcome)
    if (approval.told !== undefined && approval.told !== told) this.problems.push(`${approvalId} is told in two ways`)
    approval.told = told
    if (approval.runId !== runId) this.problems.push(`${approvalId} is told to another process than has asked`)
    if (outcome === "cancelled" || outcome.optionId !== "yes") return
    // From here on it runs.
    if (approval.status !== "approved") this.problems.push(`${approvalId} runs, and is ${approval.status}`)
    const request = `${approval.runId} ${approval.requestId}`
    const before = this.#allowed.get(request) ?? approvalId
    if (before !== approvalId) this.problems.push(`${request} runs by two approvals, ${before} and ${approvalId}`)
    this.#allowed.set(request, approvalId)
  }

  /** Nothing that was asked about for one request is decided in two ways. */
  end() {
    for (const [request, approvalId] of this.#allowed) {
      const last = this.known.findLast((each) => `${each.runId} ${each.requestId}` === request)
      if (last?.approvalId !== approvalId)
        this.problems.push(`${request} runs by ${approvalId}, and was asked about anew as ${last?.approvalId}`)
    }
  }
}

function counts(
  { digest, required, roles, notRequester, requester, expiresAfterMs, at, canBeAllowed }: Approval,
  vote: Vote,
) {
  if (vote.isStopped) return false
  if (vote.digest !== undefined && vote.digest !== digest) return false
  if (roles && !roles.includes(vote.role)) return false
  if (notRequester && vote.voter === requester) return false
  if (expiresAfterMs !== undefined && vote.at >= at + expiresAfterMs) return false
  // By name also what is allowed for good, where one person's word is enough.
  if (vote.optionId !== undefined && vote.optionId !== "yes") return false
  return canBeAllowed || (vote.optionId === "yes" && required === 1 && !roles && !notRequester)
}

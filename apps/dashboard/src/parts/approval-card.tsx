import { useState } from "react"
import { useClient } from "../live/client-context.ts"
import type { ApprovalEntry } from "../live/session-fold.ts"
import { useAction } from "../live/use-action.ts"
import { Problem } from "./problem.tsx"
import { ToolInput } from "./tool-content.tsx"
import { headline, visible } from "./words.ts"

export interface ApprovalCardProps {
  readonly sessionId: string
  readonly approval: Pick<ApprovalEntry["approval"], "approvalId" | "digest" | "tool" | "options" | "required"> & {
    readonly roles?: readonly string[] | null
    readonly excludedVoter?: string | null
    readonly expiresAt?: string | null
    readonly askedBy?: string | null
    readonly votes: ApprovalEntry["votes"]
  }
}

/** What the agent wants to do, exactly as it will be done, and the decision. */
export function ApprovalCard({ sessionId, approval }: ApprovalCardProps) {
  const { approvalId, digest, tool, options } = approval
  const client = useClient()
  const { isRunning, failure, run } = useAction()
  const [reason, setReason] = useState<string>()
  // The digest goes along: what is decided is what is shown here, or nothing.
  const vote = { approvalId, digest }
  const approve = (how: { readonly optionId?: string; readonly remember?: true } = {}) =>
    run(() => client.approvePermission(sessionId, { ...vote, ...how }))
  const reject = () => run(() => client.rejectPermission(sessionId, { ...vote, ...(reason ? { reason } : {}) }))
  const lasting = isRememberable(approval) ? options.filter(({ kind }) => kind === "allow_always") : []
  const title = headline(tool.title ?? tool.name ?? "The agent asks for permission")
  return (
    <section className="card approval" aria-label={`Permission: ${title}`} data-approval={approvalId}>
      <header className="approval-title">
        <span className="approval-mark" aria-hidden="true">
          !
        </span>
        <h3>{title}</h3>
        {tool.name === undefined ? undefined : <span className="tag">{visible(tool.name)}</span>}
      </header>
      <ToolInput call={tool} />
      <details className="whole-call">
        <summary>The whole call</summary>
        <pre className="code">{visible(JSON.stringify(tool, null, 2))}</pre>
      </details>
      {lasting.length === 0 ? undefined : (
        <details className="whole-call">
          <summary>Have the agent not ask any more</summary>
          <div className="approval-actions">
            {lasting.map(({ optionId, name }) => (
              <button
                key={optionId}
                type="button"
                className="button button-quiet"
                disabled={isRunning}
                onClick={() => void approve({ optionId })}
              >
                {visible(name)}
              </button>
            ))}
          </div>
        </details>
      )}
      <Terms {...approval} />
      {reason === undefined ? undefined : (
        <label className="field">
          <span>Why not (the agent is not told; the log keeps it)</span>
          <input value={reason} onChange={({ target }) => setReason(target.value)} maxLength={2000} />
        </label>
      )}
      <Problem text={failure} />
      <footer className="approval-actions">
        <button type="button" className="button button-primary" disabled={isRunning} onClick={() => void approve()}>
          Allow
        </button>
        <button type="button" className="button button-danger" disabled={isRunning} onClick={() => void reject()}>
          Reject
        </button>
        {isRememberable(approval) ? (
          <button
            type="button"
            className="button button-quiet"
            title="The same call, as long as it leads to the same, is allowed in this session from now on."
            disabled={isRunning}
            onClick={() => void approve({ remember: true })}
          >
            Allow in this session
          </button>
        ) : undefined}
        {reason === undefined ? (
          <button type="button" className="button button-quiet" onClick={() => setReason("")}>
            Add a reason
          </button>
        ) : undefined}
        <code className="digest" title={`SHA-256 of the exact call: ${digest}`}>
          {digest.slice(0, 12)}
        </code>
      </footer>
    </section>
  )
}

/** What a rule asks about, or takes certain people, it asks about each time. */
function isRememberable({ askedBy, required = 1, roles, excludedVoter }: ApprovalCardProps["approval"]) {
  return !askedBy && required === 1 && !roles && !excludedVoter
}

/** What it takes, where that is more than one person's word at any time. */
function Terms({ required = 1, votes, roles, excludedVoter, expiresAt, askedBy }: ApprovalCardProps["approval"]) {
  const given = votes.map(({ voter }) => visible(voter)).join(", ")
  const several = required > 1 ? `${votes.length} of ${required} have allowed it${given ? `: ${given}` : ""}.` : ""
  const who = roles ? `It takes ${roles.join(" or ")}.` : ""
  const butNot = excludedVoter ? `${visible(excludedVoter)} has asked for it: somebody else decides.` : ""
  const until = expiresAt ? `Expires at ${new Date(expiresAt).toLocaleTimeString()}.` : ""
  const rule = askedBy ? `The rule ${visible(askedBy)} wants somebody to be asked.` : ""
  const text = [rule, several, who, butNot, until].filter(Boolean).join(" ")
  return text === "" ? undefined : <p className="fine-print">{text}</p>
}

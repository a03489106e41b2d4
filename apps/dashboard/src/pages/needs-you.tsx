import type { Approval, Session } from "@aegis/client"
import { useEffect, useState } from "react"
import { Link } from "wouter"
import { useClient } from "../live/client-context.ts"
import type { SessionRow } from "../live/session-list.ts"
import { ApprovalCard } from "../parts/approval-card.tsx"
import { Problem } from "../parts/problem.tsx"
import { QuestionCard } from "../parts/question-card.tsx"
import { isObserved, visible } from "../parts/words.ts"
import { messageOf } from "../sign-in.ts"

interface Waiting {
  readonly approvals: readonly Approval[]
  readonly question: Session["pendingQuestion"]
}

/** What a session waits for, to be answered where it is read. */
export function NeedsYou({
  row: { id, name, agent, status, pendingApprovals, workDir },
}: {
  readonly row: SessionRow
}) {
  const client = useClient()
  const [waiting, setWaiting] = useState<Waiting>()
  const [failure, setFailure] = useState<string>()
  // biome-ignore lint/correctness/useExhaustiveDependencies: read again whenever something was asked or answered.
  useEffect(() => {
    const abort = new AbortController()
    const { signal } = abort
    Promise.all([client.listSessionApprovals(id, { status: "open" }, { signal }), client.getSession(id, { signal })])
      .then(([{ items }, { pendingQuestion }]) =>
        setWaiting({ approvals: items.toReversed(), question: pendingQuestion }),
      )
      .catch((error: unknown) => {
        if (!signal.aborted) setFailure(messageOf(error))
      })
    return () => abort.abort()
  }, [client, id, status, pendingApprovals])
  return (
    <article className="needs-you">
      <h3>
        <Link href={`/sessions/${id}`}>{visible(name)}</Link> <span className="fine-print">{visible(workDir)}</span>
      </h3>
      <Problem text={failure} />
      {isObserved(agent) ? <p className="fine-print">It waits where it runs: in its own terminal.</p> : undefined}
      {waiting?.approvals.map((approval) => (
        <ApprovalCard key={approval.approvalId} sessionId={id} approval={approval} />
      ))}
      {waiting?.question === undefined ? undefined : (
        <QuestionCard key={waiting.question.questionId} sessionId={id} question={waiting.question} />
      )}
    </article>
  )
}

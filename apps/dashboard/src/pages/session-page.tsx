import { Link } from "wouter"
import { useClient } from "../live/client-context.ts"
import type { SessionState } from "../live/session-feed.ts"
import type { SessionHead } from "../live/session-fold.ts"
import { useTitle } from "../live/sessions-context.tsx"
import { useAction } from "../live/use-action.ts"
import { useFollowEnd } from "../live/use-follow-end.ts"
import { useSession } from "../live/use-session.ts"
import { ApprovalCard } from "../parts/approval-card.tsx"
import { Composer } from "../parts/composer.tsx"
import { Problem } from "../parts/problem.tsx"
import { QuestionCard } from "../parts/question-card.tsx"
import { StatusBadge } from "../parts/status-badge.tsx"
import { StreamEntry } from "../parts/stream-entry.tsx"
import { dollars, isObserved, isOver, visible } from "../parts/words.ts"
import { messageOf } from "../sign-in.ts"

/** One session: its stream, what it waits for, and where the next prompt is written. */
export function SessionPage({ sessionId }: { readonly sessionId: string }) {
  const state = useSession(sessionId)
  const { head, error, isLoaded } = state
  useTitle(visible(head.name) || "Session")
  const end = useFollowEnd(state)
  if (error !== undefined && head.seq === 0)
    return (
      <section className="page empty">
        <h1>{visible(messageOf(error))}</h1>
        <p>
          <Link href="/">All sessions</Link>
        </p>
      </section>
    )
  return (
    <div className="session">
      <SessionTitle sessionId={sessionId} head={head} />
      <div className="stream" aria-busy={!isLoaded} role="log" aria-label="What happened">
        {isLoaded ? undefined : <div className="skeleton" />}
        {state.entries.map((entry) => (
          <StreamEntry key={entry.key} entry={entry} />
        ))}
        {head.status === "working" ? <Working /> : undefined}
      </div>
      <div className="dock">
        {head.plan.length > 0 && !isOver(head.status) ? <Plan entries={head.plan} /> : undefined}
        <Waiting sessionId={sessionId} waiting={state.waiting} />
        <Queue queued={state.queued} />
        <Problem text={error === undefined ? undefined : messageOf(error)} />
        {isObserved(head.agent) ? (
          <p className="composer-over">{OBSERVED}</p>
        ) : (
          <Composer sessionId={sessionId} status={head.status} commands={head.commands} />
        )}
        <p className="session-foot">
          <span title={`Rolling hash: ${head.hash}`}>
            event {head.seq} · <code>{head.hash.slice(0, 8)}</code>
          </span>
          {state.connection === "lost" ? <span className="notice-warning">Reconnecting …</span> : undefined}
        </p>
      </div>
      <div ref={end} />
    </div>
  )
}

const OBSERVED = "This agent was started elsewhere: you see here what it does, and talk to it where it runs."

function SessionTitle({ sessionId, head }: { readonly sessionId: string; readonly head: SessionHead }) {
  const action = useAction()
  const { name, status, workDir, agent, permissionMode, cost, context, isPaused, waitsFor, exceeded } = head
  return (
    <div className="session-title">
      <Link href="/" className="back" aria-label="All sessions">
        ‹
      </Link>
      <div className="session-names">
        <h1>{visible(name) || "…"}</h1>
        <p className="session-facts">
          <StatusBadge status={status} />
          {isPaused ? <span className="notice-warning">Paused: prompts wait</span> : undefined}
          {waitsFor === undefined ? undefined : (
            <span className="notice-warning">{`Waits: ${waitsFor} agents run already`}</span>
          )}
          {exceeded === undefined ? undefined : (
            <span className="notice-warning" title={visible(exceeded.reason)}>
              Over budget: prompts wait
            </span>
          )}
          <span className="row-folder" title={visible(workDir)}>
            {visible(workDir)}
          </span>
          <span>{agent}</span>
          {permissionMode === "default" ? undefined : <span>{permissionMode}</span>}
          {context === undefined ? undefined : (
            <span title={`${context.used} of ${context.size} tokens of context`}>
              {Math.round((100 * context.used) / context.size)}% context
            </span>
          )}
          {cost > 0 ? <span>{dollars(cost)}</span> : undefined}
        </p>
        <Problem text={action.failure} />
      </div>
      {isObserved(agent) ? undefined : (
        <SessionActions sessionId={sessionId} status={status} isPaused={isPaused} action={action} />
      )}
    </div>
  )
}

interface SessionActionsProps extends Pick<SessionHead, "status" | "isPaused"> {
  readonly sessionId: string
  readonly action: ReturnType<typeof useAction>
}

function SessionActions({ sessionId, status, isPaused, action: { isRunning, run } }: SessionActionsProps) {
  const client = useClient()
  const kill = () => {
    if (window.confirm(`End this session for good? Its agent is stopped; the history stays.`))
      void run(() => client.killSession(sessionId))
  }
  return (
    <>
      {status === "error" || status === "crashed" ? (
        <button
          type="button"
          className="button"
          disabled={isRunning}
          onClick={() => void run(() => client.restartSession(sessionId))}
        >
          Restart
        </button>
      ) : undefined}
      {isOver(status) || status === "crashed" ? undefined : (
        <button
          type="button"
          className="button button-quiet"
          disabled={isRunning}
          title={isPaused ? "Prompts go out again" : "No prompt goes out until it is resumed; what runs goes on"}
          onClick={() => void run(() => (isPaused ? client.resumeSession(sessionId) : client.pauseSession(sessionId)))}
        >
          {isPaused ? "Resume" : "Pause"}
        </button>
      )}
      {isOver(status) ? undefined : (
        <button type="button" className="button button-quiet" disabled={isRunning} onClick={kill}>
          End
        </button>
      )}
    </>
  )
}

function Waiting({ sessionId, waiting }: { readonly sessionId: string; readonly waiting: SessionState["waiting"] }) {
  return waiting.map((entry) =>
    entry.kind === "approval" ? (
      <ApprovalCard key={entry.key} sessionId={sessionId} approval={{ ...entry.approval, votes: entry.votes }} />
    ) : (
      <QuestionCard key={entry.key} sessionId={sessionId} question={entry.question} />
    ),
  )
}

function Queue({ queued }: { readonly queued: SessionState["queued"] }) {
  if (queued.length === 0) return undefined
  return (
    <ol className="queue" aria-label="Prompts that wait">
      {queued.map(({ turnId, text }) => (
        <li key={turnId}>{visible(text)}</li>
      ))}
    </ol>
  )
}

function Plan({ entries }: { readonly entries: SessionHead["plan"] }) {
  const done = entries.filter(({ status }) => status === "completed").length
  if (done === entries.length) return undefined
  const current = entries.find(({ status }) => status === "in_progress")
  return (
    <details className="plan">
      <summary>
        Plan {done}/{entries.length}
        {current === undefined ? undefined : <span className="fine-print"> · {visible(current.content)}</span>}
      </summary>
      <ul>
        {entries.map(({ content, status }) => (
          <li key={content} className={`plan-${status}`}>
            {visible(content)}
          </li>
        ))}
      </ul>
    </details>
  )
}

function Working() {
  return (
    <p className="working" role="status">
      <span className="working-dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      Working
    </p>
  )
}

import { useRef } from "react"
import { Link } from "wouter"
import { needsSomebody, type SessionRow } from "../live/session-list.ts"
import { useSessions, useTitle } from "../live/sessions-context.tsx"
import { useAction } from "../live/use-action.ts"
import { Problem } from "../parts/problem.tsx"
import { StatusBadge } from "../parts/status-badge.tsx"
import { TimeAgo } from "../parts/time-ago.tsx"
import { visible, withoutAnsi } from "../parts/words.ts"
import { messageOf } from "../sign-in.ts"
import { NeedsYou } from "./needs-you.tsx"
import { NewSessionDialog } from "./new-session-dialog.tsx"

export function HomePage() {
  useTitle("Sessions")
  const { rows, isLoaded, hasMore, error, loadMore } = useSessions()
  const dialog = useRef<HTMLDialogElement>(null)
  const open = () => dialog.current?.showModal()
  const waiting = rows.filter(({ status }) => needsSomebody(status))
  return (
    <div className="page">
      <div className="page-title">
        <h1>Sessions</h1>
        <button type="button" className="button button-primary" onClick={open}>
          New session
        </button>
      </div>
      {error === undefined ? undefined : (
        <p className="problem" role="alert">
          {visible(messageOf(error))} <a href="/dashboard/">Try again</a>
        </p>
      )}
      {waiting.length === 0 ? undefined : (
        <section aria-labelledby="needs-you">
          <h2 id="needs-you">Needs you</h2>
          {waiting.map((row) => (
            <NeedsYou key={row.id} row={row} />
          ))}
        </section>
      )}
      {isLoaded && rows.length === 0 ? <FirstRun onStart={open} /> : <SessionRows rows={rows} isLoaded={isLoaded} />}
      {hasMore ? <LoadMore loadMore={loadMore} /> : undefined}
      <NewSessionDialog ref={dialog} />
    </div>
  )
}

function SessionRows({ rows, isLoaded }: { readonly rows: readonly SessionRow[]; readonly isLoaded: boolean }) {
  if (!isLoaded && rows.length === 0)
    return (
      <div className="skeletons" role="status" aria-label="Loading sessions">
        {["first", "second", "third"].map((name) => (
          <div key={name} className="skeleton" />
        ))}
      </div>
    )
  return (
    <ul className="rows" aria-label="All sessions">
      {rows.map((row) => (
        <Row key={row.id} row={row} />
      ))}
    </ul>
  )
}

function Row({ row: { id, name, status, workDir, agent, lastActivity, lastLine } }: { readonly row: SessionRow }) {
  return (
    <li className="row" data-session={id}>
      <Link href={`/sessions/${id}`} className="row-link">
        <span className="row-name">{visible(name)}</span>
        <StatusBadge status={status} />
        <span className="row-line">{visible(withoutAnsi(lastLine ?? "")) || " "}</span>
        <span className="row-facts">
          <span className="row-folder" title={visible(workDir)}>
            {visible(workDir)}
          </span>
          <span>{agent}</span>
          <TimeAgo at={lastActivity} />
        </span>
      </Link>
    </li>
  )
}

function FirstRun({ onStart }: { readonly onStart: () => void }) {
  return (
    <section className="card empty">
      <h2>No session yet</h2>
      <p>
        Start one here, or in a terminal: <code>ag run "your prompt"</code>. The built-in <code>demo</code> agent needs
        no model and no account; it shows you what an approval looks like.
      </p>
      <button type="button" className="button button-primary" onClick={onStart}>
        Start a session
      </button>
    </section>
  )
}

function LoadMore({ loadMore }: { readonly loadMore: () => Promise<void> }) {
  const { isRunning, failure, run } = useAction()
  return (
    <div className="load-more">
      <button type="button" className="button" disabled={isRunning} onClick={() => void run(loadMore)}>
        Older sessions
      </button>
      <Problem text={failure} />
    </div>
  )
}

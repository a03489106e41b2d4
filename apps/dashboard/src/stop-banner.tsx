import { useClient } from "./live/client-context.ts"
import { useSessions } from "./live/sessions-context.tsx"
import { useAction } from "./live/use-action.ts"
import { Problem } from "./parts/problem.tsx"
import { TimeAgo } from "./parts/time-ago.tsx"
import { visible } from "./parts/words.ts"

/** On every page while all work is stopped: who did it, when and why, and the way on for those who may. */
export function StopBanner() {
  const { stop, mayLift } = useSessions()
  if (!stop) return undefined
  return (
    <aside className="stop-banner" aria-label="All work is stopped">
      <span className="stop-sign" aria-hidden="true" />
      <div className="stop-words" role="status">
        <p className="stop-line" title={visible(stop.reason ?? "")}>
          <strong>All work is stopped.</strong> {visible(stop.reason ?? "")}
        </p>
        <p className="stop-facts">
          {stop.by.id} ({stop.by.via}) · <TimeAgo at={stop.at} /> · Prompts wait.
        </p>
      </div>
      {mayLift ? <Lift /> : undefined}
    </aside>
  )
}

function Lift() {
  const client = useClient()
  const { isRunning, failure, run } = useAction()
  return (
    <div className="stop-lift">
      <button
        type="button"
        className="button"
        disabled={isRunning}
        onClick={() => void run(() => client.liftStopAll())}
      >
        Lift
      </button>
      <Problem text={failure} />
    </div>
  )
}

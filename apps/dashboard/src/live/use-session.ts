import { useEffect, useState, useSyncExternalStore } from "react"
import { useClient } from "./client-context.ts"
import { SessionFeed, type SessionState } from "./session-feed.ts"

/** A session's stream, as long as the component is there. */
export function useSession(sessionId: string): SessionState {
  const client = useClient()
  const [feed] = useState(() => new SessionFeed(client, sessionId))
  useEffect(() => {
    const abort = new AbortController()
    void feed.run(abort.signal)
    return () => abort.abort()
  }, [feed])
  return useSyncExternalStore(feed.store.subscribe, feed.store.getSnapshot)
}

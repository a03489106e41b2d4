import type { AegisClient } from "@aegis/client"
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react"
import { needsSomebody } from "./session-list.ts"
import { SessionsFeed, type SessionsState } from "./sessions-feed.ts"

const SessionsContext = createContext<SessionsFeed | undefined>(undefined)

/** One stream of all sessions for the whole page, as long as it is open. */
export function SessionsProvider({ client, children }: { readonly client: AegisClient; readonly children: ReactNode }) {
  const [feed] = useState(() => new SessionsFeed(client))
  useEffect(() => {
    const abort = new AbortController()
    void feed.run(abort.signal)
    return () => abort.abort()
  }, [feed])
  return <SessionsContext value={feed}>{children}</SessionsContext>
}

export function useSessions(): SessionsState & { readonly loadMore: () => Promise<void> } {
  const feed = useContext(SessionsContext)
  if (!feed) throw new Error("This part of the page is for who is signed in.")
  const state = useSyncExternalStore(feed.store.subscribe, feed.store.getSnapshot)
  return { ...state, loadMore: () => feed.loadMore() }
}

/** How many sessions wait for somebody, in the page's title. */
export function useTitle(title: string) {
  const { rows } = useSessions()
  const waiting = rows.filter(({ status }) => needsSomebody(status)).length
  useEffect(() => {
    document.title = `${waiting > 0 ? `(${waiting}) ` : ""}${title} · Aegis`
  }, [waiting, title])
}

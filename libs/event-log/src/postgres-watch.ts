import { setTimeout as pause } from "node:timers/promises"
import type { PostgresConnection } from "./postgres-connection.ts"

/** The one poll there is: for notifications that were lost, and for the way back from an outage. */
const LOOK_EVERY = 1000
const RECONNECT_AFTER = 200

export interface WatchLogOptions {
  connect(): Promise<PostgresConnection>
  readonly channel: string
  /** Told where a commit ended, when that is known. */
  look(seq?: number): Promise<void>
  /** What was wrong with the last look, or the last attempt to listen; nothing when they went well. */
  report(error?: unknown): void
}

/** Looks for what others have written: when they say so, when the connection is back, and now and then. */
export function watchLog({ connect, channel, look, report }: WatchLogOptions) {
  const stop = new AbortController()
  const lookAndReport = (seq?: number) => look(seq).then(() => report(), report)
  const timer = setInterval(() => void lookAndReport(), LOOK_EVERY)
  const listening = listenAlways()

  async function listenAlways() {
    while (!stop.signal.aborted) {
      await listenOnce().catch(report)
      await pause(RECONNECT_AFTER, undefined, { signal: stop.signal }).catch(() => {})
    }
  }

  async function listenOnce() {
    const connection = await connect()
    const cut = () => connection.cut()
    stop.signal.addEventListener("abort", cut)
    try {
      if (stop.signal.aborted) return
      connection.onNotification((payload) => void lookAndReport(Number(payload)))
      await connection.script([`LISTEN ${channel}`])
      // What came while nobody listened.
      await lookAndReport()
      await connection.ended
    } finally {
      stop.signal.removeEventListener("abort", cut)
      connection.cut()
    }
  }

  return {
    async close() {
      clearInterval(timer)
      stop.abort()
      await listening
    },
  }
}

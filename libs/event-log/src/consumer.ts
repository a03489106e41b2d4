import type { EventLog, LogEntry } from "./event-log.ts"
import type { LogEvent } from "./log-event.ts"

export interface OpenConsumerOptions {
  /** Where a consumer begins that the log has not met before: at the first entry, or with what comes from now on. */
  readonly from: "start" | "head"
  readonly stream?: string
}

/** A reader whose cursor the log keeps: what it has not committed is read again, by it or by its successor. */
export interface Consumer<E extends LogEvent> {
  readonly name: string
  /** The last committed position. */
  readonly position: number
  pages(signal?: AbortSignal): AsyncGenerator<readonly LogEntry<E>[], void, undefined>
  /** Durable when it resolves. To commit together with events of one's own, append them with this offset instead. */
  commit(position: number): Promise<void>
}

/** Finds the consumer of that name, or makes it: from then on its position is durable. */
export async function openConsumer<E extends LogEvent>(
  log: EventLog<E>,
  name: string,
  { from, stream }: OpenConsumerOptions,
): Promise<Consumer<E>> {
  const found = await log.offset(name)
  let position = found ?? (from === "head" ? log.head() : 0)
  const commit = async (next: number) => {
    await log.append({ events: [], offsets: [{ name, position: next }] })
    position = next
  }
  if (found === undefined) await commit(position)
  return {
    name,
    get position() {
      return position
    },
    pages: (signal) =>
      log.tail({ after: position, ...(stream === undefined ? {} : { stream }), ...(signal ? { signal } : {}) }),
    commit,
  }
}

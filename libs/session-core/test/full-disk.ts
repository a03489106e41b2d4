import { type AppendRequest, EventLogError } from "@aegis/event-log"
import type { SessionEvent } from "../src/events.ts"
import type { OpenedAegis } from "../src/node.ts"

/** Events of these types find no room, until it is freed. */
export function fill({ log }: OpenedAegis, isRefused: (type: string) => boolean) {
  const append = log.append.bind(log)
  let waiting = () => {}
  let count = 0
  log.append = async (request: AppendRequest<SessionEvent>) => {
    if (!request.events.some(({ event }) => isRefused(event.type))) return append(request)
    count += 1
    waiting()
    throw new EventLogError("storage-full", "No room.")
  }
  return {
    refused: (times: number) =>
      new Promise<void>((resolve) => {
        waiting = () => void (count >= times && resolve())
        waiting()
      }),
    free() {
      log.append = append
    },
  }
}

import type { AegisClient } from "@aegis/client"

/** Waits until a session's history, from its beginning, has so many events of a type. */
export async function untilEvents(client: AegisClient, id: string, type: string, count = 1) {
  let seen = 0
  for await (const event of client.events(id, { after: 0, signal: AbortSignal.timeout(300_000) })) {
    if (event.type === type) seen += 1
    if (seen === count) return
  }
  throw new Error(`Session ${id} has not come to its ${type} number ${count}.`)
}

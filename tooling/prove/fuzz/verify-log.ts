import { join } from "node:path"
import { EMPTY_HASH, nextHash, splitEnvelope } from "@aegis/event-log"
import { openSqliteLog } from "@aegis/event-log/sqlite"
import type { Canaries } from "./canaries.ts"
import type { TellFinder } from "./find-tells.ts"

interface Stream {
  readonly salt: string
  hash: string
}

/** Reads a log that no server has open: every event follows from those before it, and says nothing that it must not. */
export async function verifyLog(
  stateDir: string,
  { canaries, tells }: { readonly canaries: Canaries; readonly tells: TellFinder },
) {
  const log = await openSqliteLog({ path: join(stateDir, "aegis.db") })
  const streams = new Map<string, Stream>()
  const problems: string[] = []
  let last = 0
  try {
    while (last < log.head()) {
      for (const { seq, stream, type, event, json } of await log.read({ after: last, limit: 1000 })) {
        if (seq !== last + 1) problems.push(`the log has no event between ${last} and ${seq}`)
        last = seq
        const known = streams.get(stream) ?? {
          salt: (event.data as { readonly salt?: string }).salt ?? "",
          hash: EMPTY_HASH,
        }
        streams.set(stream, known)
        known.hash = nextHash(known.hash, splitEnvelope(json), known.salt)
        if (known.hash !== splitEnvelope(json).hash)
          problems.push(`event ${seq} does not follow from those of ${stream} before it`)
        // What a session was given stands in its events; what nobody was given stands nowhere.
        for (const { place, tenantId } of canaries.findIn(json))
          if (tenantId === undefined) problems.push(`event ${seq} (${type}) says a secret of ${place}`)
        for (const tell of tells.findIn(json)) problems.push(`event ${seq} (${type}) tells ${tell}`)
      }
    }
  } finally {
    await log.close()
  }
  return { problems, events: last, streams: streams.size }
}

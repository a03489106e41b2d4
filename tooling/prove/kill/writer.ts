import { setTimeout as pause } from "node:timers/promises"
import type { Journal } from "./journal.ts"
import type { ProvedServer } from "./proved-server.ts"

export interface WriterOptions {
  readonly name: string
  readonly server: ProvedServer
  readonly journal: Journal
  readonly signal: AbortSignal
  /** Told when a write is refused. */
  readonly onRefused?: (refusal: Refusal) => void
}

/** An answer that is no success, as it came. */
export interface Refusal {
  readonly status: number
  readonly mediaType: string
  readonly code: string
  readonly detail: string
}

const REST_MS = 10

/** Somebody who writes as fast as it is acknowledged: no agent stands between one write and the next. */
export async function writeOn({ name, server, journal, signal, onRefused }: WriterOptions) {
  let id: string | undefined
  for (let count = 0; !signal.aborted; count++) {
    try {
      id ??= await create()
      const { response, body } = await server.call(`/v1/sessions/${id}/${count % 2 ? "resume" : "pause"}`, "POST")
      if (response.ok) journal.heads.set(Number(body.seq), String(body.hash))
      else onRefused?.(toRefusal(response, body))
      if (!response.ok) await pause(REST_MS)
    } catch {
      // Nobody is there at the moment, or the answer was cut: then nothing was acknowledged.
      await pause(REST_MS)
    }
  }

  async function create() {
    const workDir = server.workFolder(name)
    const session = await server.client.createSession({ workDir, reuse: false })
    journal.sessions.add(session.id)
    return session.id
  }
}

/** Why a refusal is none that helps whoever gets it; undefined where it does. */
export function wrongRefusal({ status, mediaType, code, detail }: Refusal): string | undefined {
  const isTold = /free some space|open the log anew|is closed/i.test(detail)
  if ((status === 503 || status === 507) && mediaType === "application/problem+json" && isTold) return undefined
  return `refused with ${status} ${mediaType} ${code}: ${detail}`
}

function toRefusal({ status, headers }: Response, { code, detail }: Readonly<Record<string, unknown>>): Refusal {
  return { status, mediaType: headers.get("Content-Type") ?? "", code: String(code), detail: String(detail) }
}

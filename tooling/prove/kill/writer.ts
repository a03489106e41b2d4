import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { AegisProblem } from "@aegis/client"
import type { Journal } from "./journal.ts"
import type { ProvedServer } from "./proved-server.ts"

export interface WriterOptions {
  readonly name: string
  readonly server: ProvedServer
  readonly journal: Journal
  readonly signal: AbortSignal
  /** Told when a write is not done. */
  readonly onRefused?: (problem: AegisProblem) => void
}

/** Somebody who writes as fast as it is acknowledged: no agent stands between one write and the next. */
export async function writeOn({ name, server, journal, signal, onRefused }: WriterOptions) {
  let id: string | undefined
  for (let count = 0; !signal.aborted; count++) {
    try {
      id ??= await create()
      const { seq, hash } = count % 2 ? await server.client.resumeSession(id) : await server.client.pauseSession(id)
      journal.heads.set(seq, hash)
    } catch (error) {
      if (!AegisProblem.is(error)) throw error
      onRefused?.(error)
      await pause(10)
    }
  }

  async function create() {
    const workDir = join(server.stateDir, name)
    mkdirSync(workDir, { recursive: true })
    const session = await server.client.createSession({ workDir, reuse: false })
    journal.sessions.add(session.id)
    return session.id
  }
}

import { stat } from "node:fs/promises"
import { resolve } from "node:path"
import { AcpError } from "@aegis/acp-runtime"
import { type CassetteOutline, outlineCassette, resolveCassette } from "@aegis/acp-runtime/node"
import type { EventLog } from "@aegis/event-log"
import type { LaunchRequest } from "./aegis-parts.ts"
import { allEvents } from "./all-events.ts"
import { fileOfCassette } from "./cassette-name.ts"
import type { AegisEvent } from "./events.ts"
import { isInside } from "./node-work-dir.ts"
import { realTarget } from "./real-target.ts"
import { SessionError } from "./session-error.ts"

export interface CassettesOptions {
  readonly log: EventLog<AegisEvent>
  /** The data directory, links resolved. */
  readonly stateDir: string
}

type Wanted = Pick<LaunchRequest, "agent" | "workDir">

/** Files at once that are remembered: they are asked about between any two turns, and reading one takes its time. */
const MOST_KNOWN = 64

/**
 * Agents that play a cassette. Its file has to be in the session's folder, links followed: whoever may begin a session there
 * may have an agent read there. What is no cassette is refused without a word of what is in it.
 */
export function createCassettes({ log, stateDir }: CassettesOptions) {
  const known = new Map<string, CassetteOutline>()
  let reading: Promise<unknown> = Promise.resolve()
  // One after the other: each is in memory while it is read.
  const read = (path: string) => {
    const outline = reading.then(() => outlineCassette(path))
    reading = outline.catch(() => undefined)
    return outline
  }
  const find = async ({ agent, workDir }: Wanted) => {
    const file = fileOfCassette(agent) ?? ""
    const path = await realTarget(resolve(workDir, file))
    if (!isInside(path, workDir) || isInside(path, stateDir))
      throw new SessionError("cassette-invalid", `The cassette ${file} is not in the session's folder.`)
    const found = await stat(path).catch(() => undefined)
    if (!found?.isFile())
      throw new SessionError("cassette-invalid", `There is no file ${file} in the session's folder.`)
    return { path, stamp: `${found.ino} ${found.size} ${found.mtimeMs}` }
  }
  const load = async (session: Wanted) => {
    const { path, stamp } = await find(session)
    const key = `${stamp} ${path}`
    const outline = known.get(key) ?? (await read(path).catch(toSessionError))
    known.delete(key)
    known.set(key, outline)
    for (const oldest of known.keys()) if (known.size > MOST_KNOWN) known.delete(oldest)
    return { path, outline }
  }
  return {
    /** Rejects with `cassette-invalid`. */
    check: async (session: Wanted) => {
      await load(session)
    },
    resolve: async (session: Wanted & { readonly sessionId: string }) =>
      resolveCassette(session.agent, { ...(await load(session)), prompts: await promptsOf(log, session.sessionId) }),
  }
}

function toSessionError(error: unknown): never {
  if (AcpError.is(error) && error.code === "cassette-invalid")
    throw new SessionError("cassette-invalid", error.message, { cause: error })
  throw error
}

/** How many prompts the session's agent has had. */
async function promptsOf(log: EventLog<AegisEvent>, stream: string) {
  const turns = await allEvents(log, { stream, types: ["turn.started"] })
  return turns.filter((event) => event.type === "turn.started" && event.data.origin === "prompt").length
}

import type { AegisParts, RecordedLine } from "./aegis-parts.ts"
import { allEvents } from "./all-events.ts"
import type { AegisEvent, SessionEventData } from "./events.ts"
import { SessionError } from "./session-error.ts"

/** What a session and its agent have said to each other, run by run. */
export interface AgentTraffic {
  /** The agent's processes in their order; one without an end is still there. */
  readonly runs: readonly { readonly ended?: SessionEventData<"agent.exited">["cause"] }[]
  /** What the last that was ready has told of itself. */
  readonly ready: SessionEventData<"session.ready"> | undefined
  /** In their order, up to what there is when it is read. */
  readonly lines: AsyncIterable<TrafficLine>
}

export interface TrafficLine extends RecordedLine {
  /** 1 for the first. */
  readonly run: number
}

type Parts = Pick<AegisParts, "log" | "recordings">
type Run = AgentTraffic["runs"][number] & { readonly runId: string }

/** Rejects with `traffic-not-recorded` unless all of it is kept: what lacks a part cannot be gone through again. */
export async function readTraffic(parts: Parts, sessionId: string): Promise<AgentTraffic> {
  const events = await allEvents(parts.log, { stream: sessionId, types: TYPES })
  const runs = runsOf(events)
  const refusal = whyNot(parts, runs)
  if (refusal !== undefined) throw new SessionError("traffic-not-recorded", refusal)
  const ready = events.findLast((event) => event.type === "session.ready")
  return {
    runs: runs.map(({ ended }) => (ended === undefined ? {} : { ended })),
    ready: ready?.type === "session.ready" ? ready.data : undefined,
    lines: linesOf(parts, runs),
  }
}

const TYPES = ["agent.started", "agent.exited", "session.ready"]
function runsOf(events: readonly AegisEvent[]): readonly Run[] {
  const ends = new Map(
    events.flatMap((event) => (event.type === "agent.exited" ? [[event.data.runId, event.data.cause]] : [])),
  )
  return events.flatMap((event) => {
    if (event.type !== "agent.started") return []
    const { runId } = event.data
    const ended = ends.get(runId)
    return [{ runId, ...(ended === undefined ? {} : { ended }) }]
  })
}

function whyNot({ recordings }: Parts, runs: readonly Run[]) {
  if (runs.length === 0) return "The session has had no agent yet: there is nothing to export."
  const found = runs.map(({ runId }) => recordings.find(runId))
  const [missing, cut] = [found.filter((one) => one === "none").length, found.indexOf("cut") + 1]
  if (missing > 0) {
    const which =
      missing === runs.length
        ? "What this session's agent"
        : `What ${missing} of this session's ${runs.length} processes`
    return `${which} said was not recorded. Set agent.recordTraffic before a session begins, to have a cassette of it.`
  }
  return cut > 0
    ? `The recording of the session's process ${cut} is cut: it was too long, or the disk was full.`
    : undefined
}

async function* linesOf({ recordings }: Parts, runs: readonly Run[]): AsyncGenerator<TrafficLine, void, undefined> {
  for (const [index, { runId }] of runs.entries())
    for await (const line of recordings.read(runId)) yield { run: index + 1, ...line }
}

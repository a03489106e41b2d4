import { asKnown, type KnownEvent, type RawEvent, verifyHistory } from "@aegis/client"
import type { Journal } from "./journal.ts"

export interface Evidence {
  /** What a reader saw while servers were killed. */
  readonly seen: readonly RawEvent[]
  /** What the log says in the end. */
  readonly kept: readonly RawEvent[]
  readonly journal: Journal
}

/** What was promised and is not so, when all has come to rest; each as a line. */
export async function findProblems(evidence: Evidence): Promise<readonly string[]> {
  const events = knownOf(evidence.kept)
  return [
    ...turnsOutOfOrder(events),
    ...wrongWords(evidence.journal, events),
    ...brokenTurns(evidence.journal, events),
    ...(await findLosses(evidence)),
  ]
}

/** What was promised and is not so, at any moment. */
export async function findLosses(evidence: Evidence): Promise<readonly string[]> {
  const events = knownOf(evidence.kept)
  return [
    ...ghosts(evidence),
    ...lostWrites(evidence.journal, events),
    ...lostHeads(evidence),
    ...doubledPrompts(events),
    ...(await brokenHistories(evidence.kept)),
  ]
}

function knownOf(kept: readonly RawEvent[]) {
  return kept.map(({ event }) => asKnown(event)).filter((event) => event !== undefined)
}

function ghosts({ seen, kept }: Evidence) {
  const texts = new Map(kept.map(({ seq, json }) => [seq, json]))
  const holes = kept.filter(({ seq }, index) => seq !== index + 1)
  return [
    ...seen
      .filter(({ seq, json }) => texts.get(seq) !== json)
      .map(({ seq }) => `ghost: event ${seq} was seen and is not, or is another`),
    ...holes.slice(0, 1).map(({ seq }) => `hole: the log has no event before ${seq}`),
  ]
}

function lostWrites({ sessions, prompts, approvals, answers }: Journal, events: readonly KnownEvent[]) {
  const created = new Set(events.flatMap((event) => (event.type === "session.created" ? [event.sessionId] : [])))
  const requested = new Set(events.flatMap((event) => (event.type === "turn.requested" ? [event.data.turnId] : [])))
  const decided = new Set(
    events.flatMap((event) =>
      event.type === "approval.resolved" && event.data.status === "approved" ? [event.data.approvalId] : [],
    ),
  )
  const answered = new Set(
    events.flatMap((event) =>
      event.type === "question.answered" && event.data.action === "accept" ? [event.data.questionId] : [],
    ),
  )
  return [
    ...missing("session", sessions, created),
    ...missing("prompt", prompts.keys(), requested),
    ...missing("approval", approvals, decided),
    ...missing("answer", answers, answered),
  ]
}

function lostHeads({ kept, journal }: Evidence) {
  const hashes = new Map(kept.map(({ seq, event }) => [seq, event.hash]))
  return [...journal.heads]
    .filter(([seq, hash]) => hashes.get(seq) !== hash)
    .map(([seq]) => `lost: event ${seq} was acknowledged and is not there, or is another`)
}

/** Every prompt is another one, so two of the same are one write that happened twice. */
function doubledPrompts(events: readonly KnownEvent[]) {
  const seen = new Set<string>()
  return events.flatMap((event) => {
    if (event.type !== "turn.requested") return []
    const prompt = JSON.stringify(event.data.content)
    if (seen.has(prompt)) return [`twice: ${event.data.turnId} was asked for before, under the same key`]
    seen.add(prompt)
    return []
  })
}

function missing(what: string, acknowledged: Iterable<string>, kept: ReadonlySet<string | undefined>) {
  return [...acknowledged]
    .filter((id) => !kept.has(id))
    .map((id) => `lost: ${what} ${id} was acknowledged and is not there`)
}

/** Every prompt ends exactly once, is begun at most once, and a session has one turn at a time. */
function turnsOutOfOrder(events: readonly KnownEvent[]) {
  const problems: string[] = []
  const begun = new Map<string, string>()
  const counts = new Map<string, number>()
  for (const event of events) {
    if (event.type === "turn.started") {
      const running = begun.get(event.sessionId ?? "")
      if (running) problems.push(`two at once: turn ${event.data.turnId} began while ${running} ran`)
      begun.set(event.sessionId ?? "", event.data.turnId)
    }
    if (event.type !== "turn.ended") continue
    if (begun.get(event.sessionId ?? "") === event.data.turnId) begun.delete(event.sessionId ?? "")
    counts.set(event.data.turnId, (counts.get(event.data.turnId) ?? 0) + 1)
  }
  for (const event of events) {
    if (event.type !== "turn.requested") continue
    const count = counts.get(event.data.turnId) ?? 0
    if (count !== 1) problems.push(`turn ${event.data.turnId} has ${count} ends`)
  }
  return problems
}

/** A turn that ended well has all that its agent said, once. */
function wrongWords({ prompts }: Journal, events: readonly KnownEvent[]) {
  const texts = new Map<string, string>()
  for (const event of events)
    if (event.type === "message.delta" && event.turnId !== undefined)
      texts.set(event.turnId, (texts.get(event.turnId) ?? "") + event.data.text)
  return events.flatMap((event) => {
    if (event.type !== "turn.ended" || event.data.stopReason !== "end_turn") return []
    const expected = prompts.get(event.data.turnId)?.expected
    const said = texts.get(event.data.turnId) ?? ""
    if (expected === undefined || said === expected) return []
    return [`words: turn ${event.data.turnId} has ${said.length} characters instead of ${expected.length}, or others`]
  })
}

/** An agent whose server was killed, and which was not killed itself, ends its turn as if nothing had been. */
function brokenTurns({ survivors, doomed }: Journal, events: readonly KnownEvent[]) {
  const runs = new Map<string | undefined, string>()
  return events.flatMap((event) => {
    if (event.type === "agent.started") runs.set(event.sessionId, event.data.runId)
    if (event.type !== "turn.ended" || !event.data.error || !survivors.has(event.data.turnId)) return []
    if (doomed.has(runs.get(event.sessionId) ?? "")) return []
    return [`cut: turn ${event.data.turnId} ended with ${event.data.error.code}, and only its server was killed`]
  })
}

async function brokenHistories(kept: readonly RawEvent[]) {
  const streams = new Map<string, RawEvent[]>()
  for (const item of kept) {
    const id = item.event.sessionId ?? ""
    const stream = streams.get(id) ?? []
    stream.push(item)
    streams.set(id, stream)
  }
  const problems: string[] = []
  for (const [id, stream] of streams) {
    const created = stream[0] && asKnown(stream[0].event)
    const isFirst = created?.type === "session.created" || created?.type === "system.opened"
    const salt = isFirst ? created.data.salt : ""
    const texts = stream.map(({ json }) => json)
    await verifyHistory(texts, salt).catch((error: unknown) => problems.push(`history of ${id}: ${String(error)}`))
  }
  return problems
}

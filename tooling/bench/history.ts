import { openSqliteLog } from "@aegis/event-log/sqlite"
import { type Command, decide, evolve, SessionError, type SessionState, sessionModels } from "@aegis/session-core"

export interface HistoryOptions {
  readonly path: string
  readonly sessions: number
  /** Of each session, about. */
  readonly eventsEach: number
}

type Body = Command extends infer C ? (C extends unknown ? Omit<C, "sessionId" | "at" | "actor"> : never) : never

const AT_ONCE = 50
const OVERHEAD = 8

/** Writes a log as many sessions leave it that were worked with and are idle; returns how many events it has. */
export async function writeHistory({ path, sessions, eventsEach }: HistoryOptions) {
  const log = await openSqliteLog({ path, models: sessionModels })
  for (let first = 0; first < sessions; first += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, sessions - first) }, (_, index) => first + index)
    await Promise.all(
      some.map((number) => {
        const events = sessionEvents(number, Math.max(1, eventsEach - OVERHEAD))
        return log.append({ events: events.map((event) => ({ stream: event.sessionId, event })) })
      }),
    )
  }
  const head = log.head()
  await log.close()
  return head
}

function sessionEvents(number: number, words: number) {
  const sessionId = `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`
  const runId = `run-${number}`
  const turnId = `turn-${number}`
  const at = new Date(Date.UTC(2026, 0, 1) + number * 1000).toISOString()
  const session = {
    workDir: `/projects/p${number % 100}`,
    agent: "demo",
    permissionMode: "default",
    name: `session ${number}`,
    labels: {},
    owner: { userId: "local", tenantId: "local" },
    salt: "0".repeat(32),
  }
  const ready = {
    type: "ready",
    agentSessionId: "a",
    protocolVersion: 1,
    capabilities: {},
    options: [],
    restored: "new",
  } as const
  const said = Array.from({ length: words }, (_, word) => ({
    type: "message.delta" as const,
    role: "assistant" as const,
    messageId: `m${word}`,
    text: "So many words were said here before.",
  }))
  const exit = { runId, code: 0, signal: null, stderrTail: "", cause: "stopped" } as const
  const commands: readonly Body[] = [
    { type: "create", session },
    { type: "request-turn", turnId, content: [{ type: "text", text: "Work." }], whenBusy: "queue" },
    { type: "agent-started", run: { runId, pid: 1, command: "demo", args: [] } },
    { type: "ingest", turnId: "own", runId, facts: [ready] },
    { type: "start-turn", turnId },
    { type: "ingest", turnId: "own", runId, facts: [...said, { type: "turn.ended", turnId, stopReason: "end_turn" }] },
    { type: "agent-exited", exit, restart: { max: 3, backoffMs: 1000 } },
  ]
  let state: SessionState | undefined
  return commands.flatMap((body) => {
    const command = { ...body, sessionId, at, actor: { kind: "system", id: "bench", via: "bench" } } as Command
    const events = decide(state, command)
    if (SessionError.is(events)) throw events
    for (const event of events) state = evolve(state, event)
    return events
  })
}

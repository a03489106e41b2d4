import { expect, it } from "vitest"
import type { Session } from "../src/session.ts"
import { toHealth } from "../src/session-health.ts"
import type { SessionState } from "../src/session-state.ts"

const healthy = { status: "idle", agent: "demo", parked: true, paused: false, health: { stalled: false } }
const spent = { cost: 0, tokens: 0 }
const exceeded = {
  account: "session",
  measure: "cost",
  reason: "It has used its 5 dollars.",
  limit: {},
  spent,
  granted: spent,
  reserved: spent,
  needed: spent,
}

function look(session: Partial<Session>, state: Partial<SessionState> = {}) {
  return toHealth({ ...healthy, ...session } as Session, { crashes: 0, ...state } as SessionState)
}

it.each<[Partial<Session>, Partial<SessionState>, boolean, string[]]>([
  [{}, {}, true, []],
  [{ status: "pending" }, {}, true, ["starting"]],
  [{ status: "rate_limit" }, {}, true, ["rate-limited"]],
  [{ status: "unknown" }, {}, true, ["agent-lost"]],
  [{ status: "working", health: { stalled: true } }, {}, false, ["stalled"]],
  [{ status: "crashed" }, { crashes: 3 }, false, ["crashed"]],
  [{ status: "working", waiting: { since: "", limit: 2 } }, {}, true, ["waiting-for-process"]],
  [{ status: "idle" }, { restartAt: "2026-01-01T00:00:00.000Z" }, true, ["restarting"]],
  [{ exceeded: exceeded as never, paused: true }, {}, false, ["paused", "budget-exceeded"]],
  [{ status: "completed" }, {}, true, ["over"]],
])("%j with %j: healthy %s, %j", (session, state, isHealthy, codes) => {
  const { healthy: found, hints } = look(session, state)
  expect([found, hints.map(({ code }) => code)]).toEqual([isHealthy, codes])
})

it("tells of the agent's process", () => {
  const run = { runId: "r" }
  expect(look({ parked: false }, { run, crashes: 1, restartAt: "2026-01-01T00:00:00.000Z" }).agent).toEqual({
    name: "demo",
    running: true,
    parked: false,
    crashes: 1,
    restartAt: "2026-01-01T00:00:00.000Z",
  })
  expect(look({}).agent).toEqual({ name: "demo", running: false, parked: true, crashes: 0 })
})

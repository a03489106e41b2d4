import { describe, expect, it } from "vitest"
import { planEffects } from "../src/plan-effects.ts"
import { PlayedSession, ready, request, started, turnEnded } from "./session-moves.ts"

/** The sessions are played in 1970. */
const NOW = "1970-01-01T00:00:10.000Z"

/** A session whose agent has worked before, and can be gone on with where it has these capabilities. */
function worked(capabilities: object = { loadSession: true }) {
  const session = new PlayedSession()
  session.play(started("run-1"))
  session.say({ ...ready, capabilities: { ...capabilities } })
  session.play(request("t1"))
  session.play({ type: "start-turn", turnId: "t1" })
  session.say(turnEnded("t1"))
  return session
}

function effectsOf({ now: state }: PlayedSession, view: object = {}) {
  const all = { attachedRunId: "run-1", sent: new Set<string>(), now: NOW, parkAfterMs: 60_000, isStale: true, ...view }
  return planEffects(state, all)
}

describe("an agent that keeps rules which are the session's no longer", () => {
  it("is saved while it has nothing to do, and begun again before the next turn", () => {
    const session = worked()
    expect(effectsOf(session)).toEqual([{ type: "park", isStale: true }])
    expect(effectsOf(session, { isStale: false })).toEqual([])
    session.play({ type: "pause", reason: "x" })
    session.play(request("t2"))
    expect(effectsOf(session)).toEqual([])
    session.play({ type: "resume", reason: "x" })
    expect(effectsOf(session)).toEqual([{ type: "stop-agent" }])
    expect(effectsOf(session, { isStale: false })).toMatchObject([{ type: "start-turn" }])
  })

  it("ends what it does", () => {
    const session = worked()
    session.play(request("t2"))
    expect(effectsOf(session)).toMatchObject([{ type: "send-prompt" }])
  })

  it("goes on where nothing could take its place", () => {
    const session = worked({})
    expect(effectsOf(session)).toEqual([])
  })
})

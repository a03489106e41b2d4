import { expect, it } from "vitest"
import { isRoutineEvent } from "../src/routine-state.ts"
import { ada } from "./aegis-callers.ts"
import { script, useAegis } from "./aegis-harness.ts"
import { FakeClock } from "./fake-clock.ts"
import { killAt } from "./kill-at.ts"

const { open, temporary } = useAegis()

it("that is killed with -9 around its times has one run for each of them, and each began one session", async () => {
  const stateDir = temporary("state")
  const routine = {
    name: "minutely",
    cron: "* * * * *",
    timeZone: "UTC",
    missedRun: "skip",
    overlap: "parallel",
    enabled: true,
    prompt: script("say done"),
    workDir: temporary("work"),
    agent: "demo",
    permissionMode: "default",
  }
  let after = 0
  let routineId = ""
  for (const [now, type, run] of [
    ["11:59:30", "routine.created", undefined],
    ["12:00:10", "routine.run_due", 1],
    ["12:01:00", "routine.run_started", 2],
    ["12:02:59", "routine.run_due", 3],
    ["12:05:30", "routine.run_due", 4],
  ] as const) {
    const told = { stateDir, after, now: `2026-11-30T${now}Z`, ...(after === 0 ? { routine } : {}) }
    const seen = await killAt(
      (event) => event.type === type && (!("run" in event.data) || event.data.run === run),
      told,
    )
    after = seen.at(-1)?.seq ?? after
    routineId = seen.map(({ event }) => event).find(isRoutineEvent)?.data.routineId ?? routineId
  }

  const aegis = await open({ stateDir, agentHost: "detached", clock: new FakeClock("2026-11-30T12:05:40Z") })
  const runs = async () => (await aegis.routines.runs(routineId, { limit: 50 })).items.toReversed()
  await expect
    .poll(async () => (await runs()).map(({ dueAt, status }) => `${dueAt.slice(11, 16)} ${status}`), {
      timeout: 20_000,
    })
    .toEqual(["12:00 completed", "12:01 completed", "12:02 completed", "12:04 skipped", "12:05 completed"])
  expect((await runs())[3]?.missed).toEqual({ from: "2026-11-30T12:03:00.000Z", count: 2 })
  const sessions = await aegis.listSessions({ ...ada.owner, limit: 50 })
  const begun = (await runs()).flatMap(({ sessionId }) => sessionId ?? [])
  expect(sessions.map(({ sessionId }) => sessionId).toSorted()).toEqual(begun.toSorted())
  for (const sessionId of begun) {
    const events = await aegis.readEvents({ stream: sessionId, after: 0, limit: 1000 })
    const types = events.map(({ event }) => event.type)
    for (const type of ["session.created", "turn.requested", "turn.ended", "session.completed"] as const)
      expect([type, types.filter((each) => each === type).length]).toEqual([type, 1])
  }
})

import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { RoutineSteps } from "../src/decide-routine.ts"
import { dueTimes } from "../src/due-times.ts"
import type { RoutineFields, SystemEventData } from "../src/events.ts"
import { calendar } from "../src/node-calendar.ts"
import { evolveRoutine, type RoutineState } from "../src/routine-state.ts"
import type { RoutineChange } from "../src/system-change.ts"

const whose = { routineId: "r", tenantId: "t", userId: "ada" }
const BEGIN = Date.parse("2026-03-28T20:00:00.000Z")

function begun(terms: Partial<RoutineFields>, since = new Date(BEGIN).toISOString()): RoutineState {
  const work = { prompt: "x", workDir: "/w", agent: "demo", permissionMode: "default" }
  const rest = {
    name: "n",
    cron: "* * * * *",
    timeZone: "UTC",
    missedRun: "skip",
    overlap: "skip",
    enabled: true,
  } as const
  const routine: RoutineFields = { ...work, ...rest, ...terms }
  const data = { ...whose, salt: "s", version: 1, routine, since }
  const state = evolveRoutine(undefined, { type: "routine.created", at: since, data })
  if (!state) throw new Error("A routine has begun without a state.")
  return state
}

const crons = ["* * * * *", "*/7 * * * *", "0 * * * *", "15,45 */3 * * *", "30 2 * * *", "0 3 * * sun"]
const zones = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]

const termsArbitrary = fc.record({
  cron: fc.constantFrom(...crons),
  timeZone: fc.constantFrom(...zones),
  missedRun: fc.constantFrom("skip" as const, "once" as const),
  overlap: fc.constantFrom("skip" as const, "queue" as const, "parallel" as const),
})

/** What happens next: some time passes, nobody may look, runs end, somebody wants one, or something is changed. */
const movesArbitrary = fc.array(
  fc.record({
    seconds: fc.oneof(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 60, max: 7_000 })),
    isStopped: fc.boolean(),
    ends: fc.array(fc.nat(), { maxLength: 2 }),
    act: fc.constantFrom(
      "look" as const,
      "look" as const,
      "look" as const,
      "request" as const,
      "pause" as const,
      "resume" as const,
      "cron" as const,
    ),
  }),
  { minLength: 1, maxLength: 12 },
)

function workingOf({ open }: RoutineState) {
  return open.filter(({ sessionId }) => sessionId !== undefined)
}

const known = new Map<string, readonly number[]>()

/** All times of a rule after one and up to another, one by one. */
function allTimes(rule: Pick<RoutineFields, "cron" | "timeZone">, after: number, until: number) {
  const name = `${rule.cron} ${rule.timeZone}`
  const times = known.get(name) ?? [...walk(rule)]
  known.set(name, times)
  return times.filter((time) => time > after && time <= until).map((time) => new Date(time).toISOString())
}

function* walk(rule: Pick<RoutineFields, "cron" | "timeZone">) {
  let time = calendar.next(rule, new Date(BEGIN - 1))
  for (; time && time.getTime() < BEGIN + 26 * 3_600_000; time = calendar.next(rule, time)) yield time.getTime()
}

type Due = SystemEventData<"routine.run_due">

/** The times that a run is for. */
function timesOf({ dueAt, missed }: Due, rule: Pick<RoutineFields, "cron" | "timeZone">) {
  return missed ? allTimes(rule, Date.parse(missed.from) - 1, Date.parse(dueAt)) : [dueAt]
}

describe("a routine, whatever happens", () => {
  it("has one run for each time that is due, and never two at once unless it may", () => {
    fc.assert(
      fc.property(termsArbitrary, movesArbitrary, (terms, moves) => {
        let state = begun(terms)
        let now = BEGIN
        let watched = BEGIN
        const expected: string[] = []
        const found: string[] = []
        const ended: number[] = []

        const take = (changes: readonly RoutineChange[], before: RoutineState) => {
          const at = new Date(now).toISOString()
          for (const change of changes) {
            if (change.type === "routine.run_due") {
              expect(change.data.run).toBe(state.runs + 1)
              if (change.data.cause !== "run") found.push(...timesOf(change.data, before))
              if (change.data.missed) expect(change.data.missed.count).toBeGreaterThan(1)
            }
            if (change.type === "routine.run_ended") ended.push(change.data.run)
            state = evolveRoutine(state, { ...change, at }) ?? state
            if (state.overlap !== "parallel") expect(workingOf(state).length).toBeLessThanOrEqual(1)
          }
          // With what follows at once.
          const waiting = state.open.length - workingOf(state).length
          if (state.overlap === "queue") expect(waiting).toBeLessThanOrEqual(1)
          if (state.overlap === "skip") expect(state.open.length).toBeLessThanOrEqual(1)
        }
        /** All that is due up to now has to have its run by then. */
        const account = () => {
          if (state.enabled) expected.push(...allTimes(state, watched, now))
          watched = now
        }
        const step = (steps: RoutineSteps, { isTimely = true, isStopped = false } = {}) => {
          const before = steps.state
          if (isTimely && before.enabled) {
            const after = new Date(before.accountedUntil)
            steps.takeTimes(dueTimes(calendar, before, { after, until: new Date(now) }))
          }
          for (let run = isStopped ? undefined : steps.nextStart(); run; run = steps.nextStart())
            if (run.run % 5 === 0) steps.takeEnds([{ run: run.run, status: "failed" }])
            else steps.start(run.run, `s${run.run}`)
          if (isTimely) account()
          take(steps.changes, before)
        }
        const steps = () => new RoutineSteps(state, new Date(now).toISOString())

        for (const { seconds, isStopped, ends, act } of moves) {
          now += seconds * 1000
          const working = workingOf(state)
          const over = steps()
          const chosen = [...new Set(ends.map((pick) => working[pick % Math.max(1, working.length)]?.run ?? 0))]
          over.takeEnds(chosen.map((run) => ({ run, status: "completed" })))
          // Somebody may be faster than the clock.
          step(over, { isTimely: !isStopped && act !== "request", isStopped })
          if (act === "request" && !isStopped)
            try {
              const wanted = steps()
              wanted.request("k")
              step(wanted, { isTimely: false })
            } catch (error) {
              expect(error).toMatchObject({ code: "routine-busy" })
              expect(state.open.length).toBeGreaterThan(0)
            }
          if (act === "pause" || act === "resume" || act === "cron") {
            const changing = steps()
            if (state.enabled)
              changing.takeTimes(
                dueTimes(calendar, state, { after: new Date(state.accountedUntil), until: new Date(now) }),
              )
            const before = state
            account()
            const work = { prompt: "x", workDir: "/w", agent: "demo", permissionMode: "default" }
            const { name, cron, timeZone, missedRun, overlap } = state
            const same = { ...work, name, cron, timeZone, missedRun, overlap, enabled: state.enabled }
            const changed = act === "cron" ? { cron: "*/11 * * * *" } : { enabled: act === "resume" }
            changing.update({ routine: { ...same, ...changed } })
            take(changing.changes, before)
            if (act === "pause") expect(workingOf(state)).toEqual(state.open)
          }
        }
        step(steps())
        expect(found).toEqual(expected)
        // Each run ends once at most, and what has not ended is open.
        expect(new Set(ended).size).toBe(ended.length)
        expect(ended.length + state.open.length).toBe(state.runs)
      }),
      { numRuns: 80 },
    )
  })
})

describe("a time that is due", () => {
  const at = (time: string) => new Date(`2026-11-30T${time}Z`)
  const due = (cron: string, after: string, until: string) =>
    dueTimes(calendar, { cron, timeZone: "UTC" }, { after: at(after), until: at(until) })

  it("is on time for a minute, and missed then", () => {
    expect(due("0 12 * * *", "11:00:00", "12:00:59.999")).toEqual({ present: "2026-11-30T12:00:00.000Z" })
    const from = "2026-11-30T12:00:00.000Z"
    expect(due("0 12 * * *", "11:00:00", "12:01:00")).toEqual({ missed: { from, dueAt: from, count: 1 } })
    expect(due("0 12 * * *", "12:00:00", "13:00:00")).toEqual({})
    expect(due("* * * * *", "12:00:00", "12:02:00")).toEqual({
      missed: { from: "2026-11-30T12:01:00.000Z", dueAt: "2026-11-30T12:01:00.000Z", count: 1 },
      present: "2026-11-30T12:02:00.000Z",
    })
  })

  it("is counted up to 100 where many are missed, and the last of them is found however many there are", () => {
    const years = { after: new Date("2016-01-01T00:00:30Z"), until: new Date("2026-01-01T00:00:30Z") }
    expect(dueTimes(calendar, { cron: "* * * * *", timeZone: "UTC" }, years)).toEqual({
      missed: { from: "2016-01-01T00:01:00.000Z", dueAt: "2025-12-31T23:59:00.000Z", count: 100 },
      present: "2026-01-01T00:00:00.000Z",
    })
    const yearly = dueTimes(calendar, { cron: "0 0 1 1 *", timeZone: "UTC" }, years)
    expect(yearly.missed).toEqual({ from: "2017-01-01T00:00:00.000Z", dueAt: "2025-01-01T00:00:00.000Z", count: 9 })
  })
})

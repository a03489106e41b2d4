import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { driverAt } from "../src/driver.ts"
import type { Actor } from "../src/events.ts"
import { MAX_PARTICIPANTS } from "../src/participants.ts"
import { type Move, PlayedSession, request, started } from "./session-moves.ts"

const key = (id: string): Actor => ({ kind: "key", id, via: "test" })
const [ada, bo] = [key("ada"), key("bo")]
const claim = (ttlMs = 60_000, fence?: number): Move => ({ type: "claim-driver", ttlMs, fence })
const release = (fence?: number, mayTakeAway = false): Move => ({ type: "release-driver", fence, mayTakeAway })
const transfer = (id: string, fence?: number): Move => ({ type: "transfer-driver", to: { kind: "key", id }, fence })
const send = (fence?: number): Move => ({ ...request("t"), fence }) as Move

describe("whoever claims, gives and sends, and whenever, the driver's seat", () => {
  const who = fc.constantFrom("ada", "bo", "cy")
  const fence = fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined })
  const move = fc.oneof(
    fc.record({
      what: fc.constant("claim" as const),
      who,
      fence,
      ttlMs: fc.integer({ min: 1, max: 9 }).map((seconds) => seconds * 1000),
    }),
    fc.record({ what: fc.constant("release" as const), who, fence, isAdmin: fc.boolean() }),
    fc.record({ what: fc.constant("transfer" as const), who, fence, to: who }),
    fc.record({ what: fc.constant("send" as const), who, fence }),
    fc.record({ what: fc.constant("wait" as const), seconds: fc.integer({ min: 1, max: 8 }) }),
  )
  type Seat = { readonly who: string; readonly fence: number; readonly until: number }

  it("has one at a time, under a number that only grows, and nobody else sends", () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 60, size: "max" }), (moves) => {
        const session = new PlayedSession()
        // What a reader of the specification would write down: a lease with a number.
        let seat: Seat | undefined
        let last = 0
        let now = 1
        for (const one of moves) {
          if (one.what === "wait") {
            session.skip(one.seconds)
            now += one.seconds
            continue
          }
          now += 1
          if (seat && seat.until <= now) seat = undefined
          const mine = seat === undefined || seat.who === one.who
          const known = one.fence === undefined || one.fence === seat?.fence
          const isRightful = mine && known
          const problem = session.play(toMove(one), key(one.who))?.code
          const stale = mine ? "fence-stale" : "driver-held"
          if (one.what === "claim") {
            expect(problem).toBe(isRightful ? undefined : stale)
            if (!isRightful) continue
            last = one.fence ?? last + 1
            seat = { who: one.who, fence: last, until: now + one.ttlMs / 1000 }
          } else if (one.what === "transfer") {
            expect(problem).toBe(seat ? (isRightful ? undefined : stale) : "driver-absent")
            if (!seat || !isRightful) continue
            last += 1
            seat = { ...seat, who: one.to, fence: last }
          } else if (one.what === "release") {
            const isTaken = one.isAdmin && one.fence === undefined
            expect(problem).toBe(isRightful || isTaken ? undefined : stale)
            if (problem === undefined) seat = undefined
          } else expect(problem).toBe(isRightful ? undefined : stale)
          const driver = driverAt(session.now, new Date(now * 1000).toISOString())
          expect(driver && [driver.id, driver.fence]).toEqual(seat && [seat.who, seat.fence])
        }
        const numbers = session.ofType("driver.claimed").map(({ data }) => data.fence)
        expect(numbers).toEqual(numbers.toSorted((one, other) => one - other))
      }),
      { numRuns: 500 },
    )
  })

  function toMove(one: Exclude<typeof move extends fc.Arbitrary<infer M> ? M : never, { what: "wait" }>): Move {
    if (one.what === "claim") return claim(one.ttlMs, one.fence)
    if (one.what === "release") return release(one.fence, one.isAdmin)
    return one.what === "transfer" ? transfer(one.to, one.fence) : send(one.fence)
  }
})

it("a second program with the same key takes the seat, and the first one's prompts are refused", () => {
  const session = new PlayedSession()
  session.play(claim(), ada)
  expect(session.play(send(1), ada)).toBeUndefined()
  session.play(claim(), ada)
  expect(session.play(send(1), ada)).toMatchObject({
    code: "fence-stale",
    message: expect.stringContaining("is 2 now"),
  })
  expect(session.play(send(2), ada)).toBeUndefined()
  expect(session.play(send(), { ...ada, kind: "user" })).toMatchObject({ code: "driver-held" })
  expect(session.play(send(), bo)).toMatchObject({
    code: "driver-held",
    message: expect.stringContaining("key ada drives"),
  })
})

it("who drives alone answers, and all decide and interrupt", () => {
  const session = new PlayedSession()
  session.play(claim(), ada)
  session.play(send(), ada)
  expect(session.play({ type: "answer", action: "decline" }, bo)).toMatchObject({ code: "driver-held" })
  expect(session.play({ type: "answer", action: "decline" }, ada)).toMatchObject({ code: "question-not-found" })
  expect(session.play({ type: "vote", choice: "approve" }, bo)).toMatchObject({ code: "approval-not-found" })
  expect(session.play({ type: "pause", reason: "x" }, bo)).toBeUndefined()
})

it("a session that has ended has no driver's seat, and gives back what it had", () => {
  const session = new PlayedSession()
  session.play(claim(), ada)
  session.play({ type: "kill", reason: "x" }, bo)
  expect(session.play(claim(60_000, 1), ada)).toMatchObject({ code: "session-ended" })
  expect(session.play(transfer("bo"), ada)).toMatchObject({ code: "session-ended" })
  expect(session.play(release(), ada)).toBeUndefined()
})

it("who has taken part is told with what they have done, and the first hundred and one are a hundred", () => {
  const session = new PlayedSession()
  session.play({ ...request("t1"), by: "Ada" } as Move, ada)
  session.play(request("t2"), ada)
  session.play({ type: "pause", reason: "x" }, bo)
  session.play(started("run-1"), { kind: "system", id: "runner", via: "runner" })
  expect(session.now.participants).toMatchObject([
    // It was begun by a person of that name.
    { kind: "user", id: "ada", userId: "ada", prompts: 0 },
    { kind: "key", id: "ada", userId: "Ada", prompts: 2, votes: 0, answers: 0 },
    { kind: "key", id: "bo", prompts: 0 },
  ])
  for (let n = 0; n < MAX_PARTICIPANTS; n++) session.play(request(`u${n}`), key(`k${n}`))
  expect(session.now.participants.map(({ id }) => id)).toEqual(
    Array.from({ length: MAX_PARTICIPANTS }, (_, n) => `k${n}`),
  )
})

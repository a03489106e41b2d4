import { expect, it } from "vitest"
import { RateLimit } from "../src/rate-limit.ts"

function limitAt(quota: number) {
  const clock = { now: 1000 }
  return { clock, limit: new RateLimit({ name: "test", quota, windowMs: 10_000, now: () => clock.now }) }
}

it("a limit lets so many through in a window, and as many again in the next", () => {
  const { clock, limit } = limitAt(2)
  expect(limit.take("a")).toEqual({ isWithin: true, remaining: 1, resetSeconds: 10 })
  clock.now += 4500
  expect(limit.take("a")).toEqual({ isWithin: true, remaining: 0, resetSeconds: 6 })
  expect(limit.take("a")).toEqual({ isWithin: false, remaining: 0, resetSeconds: 6 })
  clock.now += 5499
  expect(limit.take("a")).toMatchObject({ isWithin: false, resetSeconds: 1 })
  clock.now += 1
  expect(limit.take("a")).toEqual({ isWithin: true, remaining: 1, resetSeconds: 10 })
})

it("a limit counts everybody alone", () => {
  const { limit } = limitAt(1)
  expect(limit.take("a").isWithin).toBe(true)
  expect(limit.take("b").isWithin).toBe(true)
  expect(limit.take("a").isWithin).toBe(false)
})

it("a limit counts a bounded number of them: those that came longest ago begin anew", () => {
  const { limit } = limitAt(1)
  limit.take("first")
  for (let other = 0; other < 10_000; other++) limit.take(`${other}`)
  expect(limit.take("9999").isWithin).toBe(false)
  expect(limit.take("first").isWithin).toBe(true)
})

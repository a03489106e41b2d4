import { describe, expect, it } from "vitest"
import { HookBreaker } from "../src/hook-breaker.ts"

/** A breaker with a clock of the test's own, over work that fails while it is told to. */
function breaker() {
  let now = 0
  let asked = 0
  let isFailing = true
  const changes: boolean[] = []
  const tested = new HookBreaker({
    failures: 3,
    restMs: 1000,
    now: () => now,
    onChange: (isOpen) => changes.push(isOpen),
  })
  return {
    changes,
    asked: () => asked,
    after(milliseconds: number) {
      now += milliseconds
    },
    mend() {
      isFailing = false
    },
    run: () =>
      tested
        .run(async () => {
          asked += 1
          if (isFailing) throw new Error("It fails.")
          return "done"
        })
        .catch(() => "failed"),
  }
}

describe("hooks that fail", () => {
  it("are not tried for a while from the third failure in a row on, then once", async () => {
    const tested = breaker()
    const results: unknown[] = []
    for (let times = 0; times < 5; times += 1) results.push(await tested.run())
    expect(results).toEqual(["failed", "failed", "failed", undefined, undefined])
    tested.after(999)
    expect(await tested.run()).toBeUndefined()
    tested.after(1)
    // One tries; the others do not wait for it.
    expect(await Promise.all([tested.run(), tested.run(), tested.run()])).toEqual(["failed", undefined, undefined])
    expect(tested.asked()).toBe(4)
    expect(tested.changes).toEqual([true])
  })

  it("are taken again from the first that does not", async () => {
    const tested = breaker()
    for (let times = 0; times < 4; times += 1) await tested.run()
    tested.mend()
    tested.after(1000)
    expect([await tested.run(), await tested.run()]).toEqual(["done", "done"])
    expect(tested.changes).toEqual([true, false])
  })

  it("now and then are no reason to rest", async () => {
    const tested = new HookBreaker({ failures: 3 })
    let asked = 0
    const work = async () => {
      asked += 1
      if (asked % 3 !== 0) throw new Error("It fails.")
    }
    for (let times = 0; times < 30; times += 1) await tested.run(work).catch(() => undefined)
    expect(asked).toBe(30)
  })
})

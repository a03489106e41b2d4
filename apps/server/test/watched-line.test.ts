import { expect, it, vi } from "vitest"
import { WatchedLine } from "../src/watched-line.ts"

function open(patienceMs = 60_000) {
  const onStuck = vi.fn(() => new Error("It is stuck."))
  return { line: new WatchedLine({ patienceMs, onStuck }), onStuck }
}

it("does one thing after the other, whatever becomes of each", async () => {
  const { line, onStuck } = open()
  const done: string[] = []
  const first = Promise.withResolvers<void>()
  const all = [
    line.run(async () => {
      await first.promise
      done.push("first")
    }),
    line.run(async () => {
      done.push("second")
      throw new Error("No.")
    }),
    line.run(async () => done.push("third")),
  ]
  expect(done).toEqual([])
  first.resolve()
  expect((await Promise.allSettled(all)).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"])
  expect(done).toEqual(["first", "second", "third"])
  expect(onStuck).not.toHaveBeenCalled()
})

it("holds nobody up when one is stuck, does nothing meanwhile, and goes on when it is done", async () => {
  const { line, onStuck } = open(1)
  const answer = Promise.withResolvers<string>()
  const stuck = line.run(() => answer.promise)
  const behind = line.run(async () => "behind")
  await expect(stuck).rejects.toThrow("It is stuck.")
  await expect(behind).rejects.toThrow("It is stuck.")
  const work = vi.fn(async () => "later")
  await expect(line.run(work)).rejects.toThrow("It is stuck.")
  const end = vi.fn()
  await line.end(end)
  expect([work.mock.calls, end.mock.calls, onStuck.mock.calls]).toEqual([[], [], [[]]])
  answer.resolve("late")
  await expect.poll(() => end.mock.calls.length).toBe(1)
  expect(await line.run(work)).toBe("later")
})

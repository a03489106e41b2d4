import { setImmediate as turn } from "node:timers/promises"
import { expect, it } from "vitest"
import { inPieces, inTurn, Pace } from "../src/pace.ts"

/** What was done, in its order, with a mark wherever everything else had its turn. */
async function watched(works: readonly ((done: (what: string) => void) => Promise<unknown>)[]) {
  const order: string[] = []
  let isOver = false
  const looking = (async () => {
    while (!isOver) {
      await turn()
      order.push("|")
    }
  })()
  await Promise.all(works.map((work) => work((what) => order.push(what))))
  isOver = true
  await looking
  return order.join("")
}

/** For longer than a piece of work may take, if not said otherwise; in milliseconds. */
function burn(time = 9) {
  const began = performance.now()
  while (performance.now() - began < time);
}

it("lets everything else have its turn after each piece of long work", async () => {
  const items = ["a", "b", "c"]
  const order = await watched([
    (done) =>
      inTurn(items, (item) => {
        burn()
        done(item)
      }),
  ])
  expect(order).toMatch(/^\|*a\|+b\|+c\|+$/)
})

it("does one piece between two turns, however much long work there is", async () => {
  const work = (done: (what: string) => void) =>
    inTurn([1, 2, 3, 4], () => {
      burn()
      done("x")
    })
  const order = await watched([work, work, work])
  expect(order.replaceAll("|", "")).toHaveLength(12)
  // All three have begun before any of them knew how long it takes.
  expect(order.replace(/^\|*xxx/, "")).not.toContain("xx")
})

it("counts what is done in several calls with one pace", async () => {
  const order = await watched([
    async (done) => {
      const pace = new Pace()
      for (const item of ["a", "b", "c", "d"])
        await inTurn(
          [item],
          () => {
            burn(5)
            done(item)
          },
          pace,
        )
    },
  ])
  expect(order).toMatch(/a.*\|.*d/)
})

it("does what is short in one go", async () => {
  const results = await inTurn([1, 2, 3], (item) => Promise.resolve(item * 2))
  expect(results).toEqual([2, 4, 6])
  const order = await watched([(done) => inTurn(["a", "b", "c"], done)])
  expect(order).toMatch(/abc/)
})

it("goes through a generator in pieces, and answers with what it returns", async () => {
  let answer = ""
  const order = await watched([
    async (done) => {
      answer = await inPieces(steps(done))
    },
  ])
  expect(order).toMatch(/^\|*a\|+b\|+$/)
  expect(answer).toBe("ab")
})

function* steps(done: (what: string) => void) {
  burn()
  done("a")
  yield
  burn()
  done("b")
  yield
  return "ab"
}

it("rejects with what a step has thrown", async () => {
  await expect(
    inTurn([1], () => {
      throw new Error("broken")
    }),
  ).rejects.toThrow("broken")
})

import { expect, it } from "vitest"
import { TurnQueue } from "../src/turn-queue.ts"

it("lets everything else happen between two turns, and gives them in the order in which they were asked for", async () => {
  const queue = new TurnQueue()
  const story: string[] = []
  const work = async (name: string) => {
    for (let page = 1; page <= 3; page++) {
      await queue.next()
      story.push(`${name}${page}`)
    }
  }
  let isDone = false
  const others = () => {
    story.push("|")
    if (!isDone) setImmediate(others)
  }
  setImmediate(others)
  await Promise.all([work("a"), work("b")])
  isDone = true
  expect(story.join("").replaceAll(/[|]+/g, "|")).toBe("a1|b1|a2|b2|a3|b3")
})

import { expect, it } from "vitest"
import { LiveStore } from "../src/live/live-store.ts"

it("shows many changes at once, and tells who still listens", () => {
  let value = 0
  let show = () => {}
  const store = new LiveStore(
    () => ({ value }),
    (next) => {
      show = next
      return 1
    },
  )
  const told: number[] = []
  const stop = store.subscribe(() => told.push(store.getSnapshot().value))
  for (value = 1; value < 5; value++) store.touch()
  expect([told, store.getSnapshot()]).toEqual([[], { value: 0 }])
  show()
  expect(told).toEqual([5])
  expect(store.getSnapshot()).toBe(store.getSnapshot())
  stop()
  store.touch()
  show()
  expect(told).toEqual([5])
})

import { randomBytes } from "node:crypto"
import { expect, it } from "vitest"
import { EventLogError } from "../src/event-log-error.ts"
import { LogEngine } from "../src/log-engine.ts"
import { MemoryStorage } from "../src/memory.ts"
import { said, type TestEvent } from "./conformance.ts"

/** Memory whose disk is full while somebody says so. */
class FullStorage extends MemoryStorage {
  isFull = false

  override async beginBatch() {
    const batch = await super.beginBatch()
    const commit: typeof batch.commit = async (sealed) => {
      if (this.isFull) throw new EventLogError("storage-full", "No space left.")
      return batch.commit(sealed)
    }
    return { ...batch, commit }
  }
}

it("a write that fails is refused, seen by nobody, and told; the next one goes on where it was", async () => {
  const storage = new FullStorage()
  const log = new LogEngine<TestEvent>(storage, { models: [], random: randomBytes })
  await log.append({ events: [said("a", 1)] })
  const reader = log.tail({ after: 1 })
  const next = reader.next()
  storage.isFull = true
  const refused = [log.append({ events: [said("a", 2)] }), log.append({ events: [said("b", 3)] })]
  for (const append of refused) await expect(append).rejects.toMatchObject({ code: "storage-full" })
  expect(log.head()).toBe(1)
  expect(log.describe().failure).toEqual({ code: "storage-full", message: "No space left." })
  storage.isFull = false
  const { entries } = await log.append({ events: [said("a", 4)] })
  expect(log.describe().failure).toBeUndefined()
  expect(entries[0]?.seq).toBe(2)
  expect((await next).value?.map(({ event }) => event.data)).toEqual([4])
  await reader.return()
})

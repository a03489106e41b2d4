import { AegisClient, asKnown } from "@aegis/client"
import { expect, it } from "vitest"
import { useServer } from "./server-harness.ts"

// By the machine's own clock: the next minute is really waited for, while other files' tests run.

const { start, temporary } = useServer()

it("begins something when the minute comes, and nothing with a key that was revoked", async () => {
  const { server } = await start()
  const client = new AegisClient(server.url, server.token)
  const wish = { name: "minutely", cron: "* * * * *", workDir: temporary("work"), prompt: "#script\nsay done" }
  const { id, nextRunAt = "" } = await client.createRoutine(wish)
  const { key = "", ...made } = await client.createApiKey({ name: "gone soon", role: "operator" })
  const revoked = await new AegisClient(server.url, key).createRoutine({ ...wish, name: "of nobody" })
  await client.revokeApiKey(made.id)

  const ended = new Map<string, number>()
  for await (const event of client.events(undefined, { after: 0, signal: AbortSignal.timeout(100_000) })) {
    const known = "data" in event ? asKnown(event) : undefined
    if (known?.type !== "routine.run_ended") continue
    const { routineId, run, status, error } = known.data
    // One that was due before the key was revoked was begun.
    if (routineId === id ? status === "completed" : error?.code === "key-refused") ended.set(routineId, run)
    if (ended.size === 2) break
  }
  expect([...ended.keys()].toSorted()).toEqual([id, revoked.id].toSorted())
  const run = (await client.listRoutineRuns(id, { limit: 50 })).items.at(-1)
  expect(run).toMatchObject({ id: 1, cause: "clock", status: "completed", dueAt: nextRunAt })
  expect(nextRunAt).toMatch(/:00\.000Z$/)
  const late = Date.parse(run?.startedAt ?? "") - Date.parse(nextRunAt)
  expect(late).toBeGreaterThanOrEqual(0)
  expect(late).toBeLessThan(30_000)
  for (const routineId of [id, revoked.id]) await client.deleteRoutine(routineId)
}, 120_000)

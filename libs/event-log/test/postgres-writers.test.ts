import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { type EventLog, splitEnvelope } from "../src/index.ts"
import { type OpenPostgresLogOptions, openPostgresLog } from "../src/postgres.ts"
import { expectVerified, said, type TestEvent, take } from "./conformance.ts"
import { bin, startTestDatabase, type TestDatabase } from "./postgres-schemas.ts"
import { type Account, writeTogether } from "./write-together.ts"

describe.skipIf(bin === undefined)("writers of a log in PostgreSQL", () => {
  let database: TestDatabase
  const opened: EventLog<TestEvent>[] = []

  beforeAll(async () => {
    database = await startTestDatabase()
  })
  afterEach(async () => {
    for (const log of opened.splice(0)) await log.close()
  })
  afterAll(() => database?.remove())

  const open = async (url: string, options: Partial<OpenPostgresLogOptions<TestEvent>> = {}) => {
    const log = await openPostgresLog<TestEvent>({ url, ...options })
    opened.push(log)
    return log
  }
  // Whatever a database has as its default: each statement must see what was committed before it.
  const openSeveral = async (count: number) => {
    const url = `${await database.freshUrl()}+-c+default_transaction_isolation%3Dserializable`
    return Promise.all(Array.from({ length: count }, () => open(url)))
  }

  it("in several processes number densely, and every reader of each sees every entry once, in order", async () => {
    const seed = Number(process.env.FC_SEED ?? Math.floor(Math.random() * 1_000_000))
    const [url, count, processes, logs] = [await database.freshUrl(), 120, 2, 3]
    const total = count * (processes + logs)
    const here = Promise.all(
      Array.from({ length: logs }, async (_, index) =>
        writeTogether(await open(url), { seed: seed + index, count, total }),
      ),
    )
    const there = Promise.all(
      Array.from({ length: processes }, (_, index) => writeElsewhere(url, [seed + logs + index, count, total])),
    )
    const accounts = [...(await here), ...(await there)]
    const log = await open(url)
    const history = (await log.read({ limit: 1000 })).map(({ json }) => json)
    const why = `with FC_SEED=${seed}`
    expect(
      history.map((json) => splitEnvelope(json).seq),
      why,
    ).toEqual(numbers(total))
    for (const { seen } of accounts) expect(seen, why).toEqual(history)
    const acknowledged = accounts.flatMap((account) => account.acknowledged)
    expect(
      acknowledged.toSorted(([left], [right]) => left - right).map(([, json]) => json),
      why,
    ).toEqual(history)
    expect(
      accounts.reduce((sum, { conflicts }) => sum + conflicts, 0),
      why,
    ).toBeGreaterThan(0)
    for (const stream of ["s0", "s1", "s2", "s3"]) await expectVerified(log, stream)
  })

  it("that race for the same version: one of them wins each round", async () => {
    const logs = await openSeveral(4)
    for (let round = 0; round < 15; round++) {
      const settled = await Promise.allSettled(
        logs.flatMap((log, index) =>
          [1, 2].map(() => log.append({ events: [said("a", index)], streams: [{ stream: "a", expectedSeq: round }] })),
        ),
      )
      expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(1)
      const refused = settled.flatMap((one) => (one.status === "rejected" ? [one.reason.code as string] : []))
      expect(new Set(refused)).toEqual(new Set(["version-conflict"]))
    }
    expect(logs.map((log) => log.head() <= 15)).toEqual([true, true, true, true])
  })

  it("that race for the same key: what it stands for happens once", async () => {
    const logs = await openSeveral(4)
    for (let round = 0; round < 10; round++) {
      const key = { name: `k${round}`, fingerprint: "f", at: 1, expiresAt: 2 }
      const settled = await Promise.allSettled(logs.map((log) => log.append({ events: [said("a", round)], key })))
      const won = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []))
      expect(won).toHaveLength(1)
      const refused = settled.flatMap((one) => (one.status === "rejected" ? [one.reason.code as string] : []))
      expect(refused).toEqual(["key-used", "key-used", "key-used"])
      expect(await logs[round % 4]?.key(key.name, 1)).toMatchObject({ seq: won[0]?.entries[0]?.seq, count: 1 })
    }
    expect((await logs[0]?.read())?.map(({ event }) => event.data)).toEqual([...Array(10).keys()])
  })

  it("write no more when another one has passed their fence", async () => {
    const [first, second] = await openSeveral(2)
    if (!first || !second) throw new Error("There are two.")
    const append = (log: typeof first, position: number) =>
      log.append({ events: [said("a", position)], fence: { name: "lease", position } })
    await append(first, 1)
    await append(second, 2)
    await expect(append(first, 1)).rejects.toMatchObject({ code: "fenced" })
    const racing = Array.from({ length: 20 }, (_, index) => append(index % 2 === 0 ? first : second, 3 + index))
    await Promise.allSettled(racing)
    const positions = (await first.read()).map(({ event }) => Number(event.data))
    expect(positions).toEqual([...positions].sort((a, b) => a - b))
    expect(positions.at(-1)).toBe(22)
  })

  it("see what others made of a stream, whatever they remember of it themselves", async () => {
    const [first, second] = await openSeveral(2)
    if (!first || !second) throw new Error("There are two.")
    for (let count = 0; count < 10; count++)
      await (count % 3 === 0 ? first : second).append({ events: [said("a", count), said(`only ${count}`, count)] })
    await expectVerified(first, "a")
    expect((await first.read({ stream: "a" })).map(({ event }) => event.data)).toEqual([...Array(10).keys()])
  })

  it("that were far behind catch up before their own, without a gap", async () => {
    const [first, second] = await openSeveral(2)
    if (!first || !second) throw new Error("There are two.")
    const reading = take(second.tail({ after: 0 }), 6001)
    const many = (size: number) => ({ events: Array.from({ length: size }, () => said("a", "x")) })
    await Promise.all([...Array(12)].map(() => first.append(many(500))))
    const { head } = await second.append({ events: [said("b", "mine")] })
    expect(head).toBe(6001)
    expect((await reading).map(({ seq }) => seq)).toEqual(numbers(6001))
  })

  it("take a cursor that another one gave, although they have not seen so much yet", async () => {
    const [first, second] = await openSeveral(2)
    if (!first || !second) throw new Error("There are two.")
    const { head } = await first.append({ events: [said("a", 1)] })
    const reading = take(second.tail({ after: head }), 1)
    await first.append({ events: [said("a", 2)] })
    expect((await reading)[0]?.event.data).toBe(2)
    await expect(second.tail({ after: 99 }).next()).rejects.toMatchObject({ code: "cursor-ahead" })
  })

  it("whose database was put back to an earlier state do not go on as if nothing were", async () => {
    const url = await database.freshUrl()
    const log = await open(url)
    await log.append({ events: [said("a", 1), said("b", 2)] })
    const schema = /search_path%3D(\w+)/.exec(url)?.[1]
    await database.query(`DELETE FROM ${schema}.log_events WHERE seq = 2`)
    await expect(log.append({ events: [said("a", 3)] })).rejects.toMatchObject({ code: "storage-unsuitable" })
  })
})

async function writeElsewhere(url: string, words: readonly number[]) {
  const program = fileURLToPath(new URL("fixtures/write-together.ts", import.meta.url))
  const args = ["--disable-warning=ExperimentalWarning", program, url, ...words.map(String)]
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 })
  return JSON.parse(stdout) as Account
}

function numbers(count: number) {
  return Array.from({ length: count }, (_, index) => index + 1)
}

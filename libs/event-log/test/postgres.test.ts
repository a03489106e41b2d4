import pg from "pg"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { defineFold, defineProjection, defineTable, type OpenLogOptions, put, type ReadModel } from "../src/index.ts"
import { openPostgresLog } from "../src/postgres.ts"
import { unsuitableFor } from "../src/postgres-settings.ts"
import { describeEventLog, said, type TestEvent } from "./conformance.ts"
import { bin, startTestDatabase, type TestDatabase } from "./postgres-schemas.ts"

describe.skipIf(bin === undefined)("a log in PostgreSQL", () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await startTestDatabase()
  })
  afterAll(() => database?.remove())

  const freshPlace = async () => {
    const url = await database.freshUrl()
    return (options?: OpenLogOptions<TestEvent>) => openPostgresLog({ url, ...options })
  }
  describeEventLog("postgres", freshPlace, { share: 0.3 })

  it("says what it read back: fsync, synchronous_commit", async () => {
    const log = await openPostgresLog({ url: await database.freshUrl() })
    expect(log.describe()).toMatchObject({
      engine: "postgres",
      durable: true,
      settings: { encoding: "UTF8", fsync: "on", synchronousCommit: "on", fullPageWrites: "on" },
    })
    await log.close()
  })

  it("can be opened by several at the same moment, empty as it is", async () => {
    const url = await database.freshUrl()
    const logs = await Promise.all([1, 2, 3].map(() => openPostgresLog<TestEvent>({ url })))
    await Promise.all(logs.map((log) => log.append({ events: [said("a", 1)] })))
    expect(await logs[0]?.read()).toHaveLength(3)
    for (const log of logs) await log.close()
  })

  describe("refuses", () => {
    const refusal = (url: string) =>
      openPostgresLog({ url }).then(
        () => "opened",
        ({ code, message }) => `${code}: ${message}`,
      )
    const setForAll = async (setting: string, value: string) => {
      await database.query(`ALTER SYSTEM SET ${setting} = ${value}`)
      await database.query("SELECT pg_reload_conf()")
      await expect
        .poll(async () => {
          const client = new pg.Client({ connectionString: database.server.url() })
          await client.connect()
          const { rows } = await client.query<Record<string, string>>(`SHOW ${setting}`)
          await client.end()
          return rows[0]?.[setting]
        })
        .toBe(value)
    }

    it("a server with fsync off, and opens when it is on again", async () => {
      const url = await database.freshUrl()
      await setForAll("fsync", "off")
      expect(await refusal(url)).toMatch(/^storage-unsuitable: .*set fsync=on/)
      await setForAll("fsync", "on")
      expect(await refusal(url)).toBe("opened")
    })

    it("a server, a role and a database with synchronous_commit off", async () => {
      await database.query("CREATE ROLE hasty LOGIN; ALTER ROLE hasty SET synchronous_commit = off")
      await database.query("CREATE DATABASE hasty")
      await database.query("ALTER DATABASE hasty SET synchronous_commit = off")
      const url = await database.freshUrl()
      expect(await refusal(url.replace("postgres@", "hasty@"))).toMatch(/^storage-unsuitable: .*set it to on/)
      expect(await refusal(database.server.url("hasty"))).toMatch(/^storage-unsuitable: .*set it to on/)
      await setForAll("synchronous_commit", "off")
      expect(await refusal(url)).toMatch(/^storage-unsuitable: .*set it to on/)
      await setForAll("synchronous_commit", "on")
    })

    it("a database that is not in UTF-8, one without a schema, and one of another version", async () => {
      await database.query(
        "CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C'",
      )
      expect(await refusal(database.server.url("ascii"))).toMatch(/^storage-unsuitable: .*ENCODING 'UTF8'/)
      const nowhere = database.server.url("postgres", { options: "-c search_path=nowhere" })
      expect(await refusal(nowhere)).toMatch(/^storage-unsuitable: .*search_path/)
      const url = await database.freshUrl()
      expect(await refusal(url)).toBe("opened")
      await database.query(`UPDATE ${schemaOf(url)}.log_meta SET version = 99`)
      expect(await refusal(url)).toMatch(/^storage-unsuitable: .*newer version/)
      await database.query(`UPDATE ${schemaOf(url)}.log_meta SET version = 1`)
      expect(await refusal(url)).toMatch(/^storage-unsuitable: .*earlier version/)
    })

    it("a server that is not there, without telling the password", async () => {
      const told = await refusal("postgres://ada:secret@/none?host=/nowhere")
      expect(told).toMatch(/^storage-failed/)
      expect(told).not.toContain("secret")
    })

    it("a server that is too old", () => {
      const settings = {
        version: "12.20",
        versionNumber: 120_020,
        encoding: "UTF8",
        fsync: "on",
        synchronousCommit: "on",
        fullPageWrites: "on",
        schema: "public",
      }
      expect(unsuitableFor(settings)).toContain("13 or later")
      expect(unsuitableFor({ ...settings, version: "13.0", versionNumber: 130_000 })).toBeUndefined()
    })
  })

  describe("read models", () => {
    const notes = defineTable({
      name: "notes",
      columns: { seq: "integer", text: "text?" },
      key: ["seq"],
      indexes: [["text"]],
    })
    const model = (version: number, mark: string) =>
      defineProjection<TestEvent>({
        name: "notes",
        version,
        tables: [notes],
        project: ({ event }) => [put(notes, { seq: event.seq, text: `${mark}${String(event.data)}` })],
      })
    const sum = defineFold<number, TestEvent>({
      name: "sum",
      version: 1,
      evolve: (state, event) => (state ?? 0) + Number(event.data),
    })
    const open = (url: string, models: readonly ReadModel<TestEvent>[], told: string[] = []) =>
      openPostgresLog<TestEvent>({ url, models, onFailed: ({ code }) => told.push(code) })

    it("are built for a history that is older than they are, and again when their version changes", async () => {
      const url = await database.freshUrl()
      const plain = await open(url, [])
      for (let page = 0; page < 3; page++)
        await plain.append({ events: Array.from({ length: 500 }, () => said(`s${page}`, 1)) })
      await plain.close()
      const first = await open(url, [model(1, "one "), sum])
      expect(await first.rows(notes, { where: { seq: { gt: 1490 } } })).toHaveLength(10)
      expect((await first.fold(sum, "s2")).state).toBe(500)
      await first.close()
      const same = await open(url, [model(1, "unused "), sum])
      expect((await same.rows(notes, { limit: 1 }))[0]?.text).toBe("one 1")
      await same.close()
      const second = await open(url, [model(2, "two "), sum])
      expect((await second.rows(notes, { limit: 1 }))[0]?.text).toBe("two 1")
      await second.append({ events: [said("s2", 5)] })
      expect((await second.fold(sum, "s2")).state).toBe(505)
      await second.close()
    })

    it("that another process has made anew are not written by who has the old declaration: it is told once", async () => {
      const url = await database.freshUrl()
      const told: string[] = []
      const old = await open(url, [model(1, "one ")], told)
      await old.append({ events: [said("a", 1)] })
      const next = await open(url, [model(2, "two ")])
      await expect(old.append({ events: [said("a", 2)] })).rejects.toMatchObject({ code: "storage-unsuitable" })
      await expect(old.append({ events: [said("a", 2)] })).rejects.toMatchObject({ code: "storage-unsuitable" })
      expect(told).toEqual(["storage-unsuitable"])
      expect(old.describe().failure?.code).toBe("storage-unsuitable")
      await next.append({ events: [said("a", 3)] })
      expect((await next.rows(notes)).map(({ text }) => text)).toEqual(["two 1", "two 3"])
      await old.close()
      await next.close()
    })

    it("that cannot be built leave what was there", async () => {
      const url = await database.freshUrl()
      const first = await open(url, [model(1, "one ")])
      await first.append({ events: [said("a", 1)] })
      const failing = { ...model(2, ""), project: () => [{ ...put(notes, { seq: 1, text: "" }), row: {} }] }
      await expect(open(url, [failing])).rejects.toMatchObject({ code: "model-invalid" })
      await first.append({ events: [said("a", 2)] })
      expect((await first.rows(notes)).map(({ text }) => text)).toEqual(["one 1", "one 2"])
      await first.close()
    })
  })
})

function schemaOf(url: string) {
  return /search_path%3D(\w+)/.exec(url)?.[1] ?? ""
}

import { type ChildProcess, execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import Database from "better-sqlite3"
import { afterAll, describe, expect, it } from "vitest"
import { defineFold, defineProjection, defineTable, put, type ReadModel } from "../src/index.ts"
import { openSqliteLog } from "../src/sqlite.ts"
import { describeEventLog, expectVerified, said, type TestEvent } from "./conformance.ts"

const folder = mkdtempSync(join(tmpdir(), "event-log-"))
let files = 0
const freshPath = () => join(folder, `${++files}`, "log.db")

afterAll(() => rmSync(folder, { recursive: true }))

describeEventLog("sqlite", async () => {
  const path = freshPath()
  return (options) => openSqliteLog({ path, ...options })
})

describe("a log in SQLite", () => {
  it("says what it read back: WAL, synchronous FULL", async () => {
    const log = await openSqliteLog({ path: freshPath() })
    expect(log.describe()).toMatchObject({
      engine: "sqlite",
      durable: true,
      settings: { journalMode: "wal", synchronous: 2 },
    })
    await log.close()
  })

  it("keeps its folder and file to the user", async () => {
    const path = freshPath()
    const log = await openSqliteLog({ path })
    await log.append({ events: [said("a", 1)] })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(`${path}-wal`).mode & 0o777).toBe(0o600)
    expect(statSync(join(path, "..")).mode & 0o777).toBe(0o700)
    await log.close()
  })

  it("can be open once; the second is told, and the first is not disturbed", async () => {
    const path = freshPath()
    const first = await openSqliteLog({ path })
    await expect(openSqliteLog({ path })).rejects.toMatchObject({ code: "log-locked" })
    await first.append({ events: [said("a", 1)] })
    await first.close()
    const second = await openSqliteLog({ path })
    expect(second.head()).toBe(1)
    await second.close()
  })

  it.each([
    [2, "earlier version, which hashed its entries otherwise (format 2"],
    [99, "newer version (format 99"],
  ])("refuses a file of format %i, and leaves it as it is", async (format, says) => {
    const path = freshPath()
    await (await openSqliteLog({ path })).close()
    const database = new Database(path)
    database.pragma(`user_version = ${format}`)
    database.close()
    await expect(openSqliteLog({ path })).rejects.toMatchObject({
      code: "storage-unsuitable",
      message: expect.stringContaining(says),
    })
    const after = new Database(path, { readonly: true })
    expect(after.pragma("user_version", { simple: true })).toBe(format)
    after.close()
  })

  it("refuses a file that is no database, and a place that cannot be made", async () => {
    await expect(openSqliteLog({ path: fileURLToPath(import.meta.url) })).rejects.toMatchObject({
      code: "storage-failed",
    })
    rmSync(`${fileURLToPath(import.meta.url)}-lock`, { force: true })
    await expect(openSqliteLog({ path: "/dev/null/log.db" })).rejects.toMatchObject({ code: "storage-unsuitable" })
  })

  it("keeps what it acknowledged through kill -9, again and again", async () => {
    const path = freshPath()
    const acknowledged: string[] = []
    for (let round = 0; round < 3; round++) {
      const child = startAppender(path)
      await readAcknowledgements(child, acknowledged, 40)
      child.kill("SIGKILL")
      await once(child, "close")
      const log = await openSqliteLog<TestEvent>({ path })
      const kept = (await log.read({ limit: 1000 })).map(({ json }) => json)
      expect(kept.slice(0, acknowledged.length)).toEqual(acknowledged)
      acknowledged.splice(0, Number.POSITIVE_INFINITY, ...kept)
      await expectVerified(log, "a")
      await log.close()
    }
  })
})

describe("the disk of a log in SQLite", () => {
  it.skipIf(process.platform === "win32")(
    "that has failed is told once and not asked again; what was acknowledged is there when it is opened anew",
    async () => {
      const path = freshPath()
      const program = fileURLToPath(new URL("fixtures/append-until-refused.ts", import.meta.url))
      // A file that may not grow fails otherwise than a full disk does.
      const words = `ulimit -f 1000; exec "$0" --disable-warning=ExperimentalWarning "$1" "$2"`
      const { stdout } = await promisify(execFile)("sh", ["-c", words, process.execPath, program, path])
      const { acknowledged, ...told } = JSON.parse(stdout)
      expect(told).toEqual({
        refused: ["storage-failed", "storage-failed"],
        told: ["storage-failed"],
        failure: "storage-failed",
        length: acknowledged,
      })
      const log = await openSqliteLog<TestEvent>({ path })
      expect(log.head()).toBe(acknowledged)
      await log.append({ events: [{ stream: "a", event: { type: "said", data: 1 } }] })
      await expectVerified(log, "a")
      await log.close()
    },
  )

  it("gets what the write-ahead log holds before anything is put behind it", async () => {
    const [path, copy] = [freshPath(), freshPath()]
    const log = await openSqliteLog<TestEvent>({ path })
    await log.append({ events: [said("a", 1)] })
    cpSync(dirname(path), dirname(copy), { recursive: true })
    await log.close()
    expect(statSync(`${copy}-wal`).size).toBeGreaterThan(0)
    const again = await openSqliteLog<TestEvent>({ path: copy })
    expect(statSync(`${copy}-wal`).size).toBe(0)
    expect(again.head()).toBe(1)
    await again.close()
  })

  it("gets pages out of the write-ahead log as it grows", async () => {
    const path = freshPath()
    const log = await openSqliteLog<TestEvent>({ path })
    for (let count = 0; count < 30; count++)
      await log.append({ events: Array.from({ length: 50 }, () => said("a", "x".repeat(10_000))) })
    expect(statSync(path).size).toBeGreaterThan(10_000_000)
    expect(statSync(`${path}-wal`).size).toBeLessThan(10_000_000)
    await log.close()
  })

  it("that cannot be locked for another reason than another log says that reason", async () => {
    const path = freshPath()
    mkdirSync(dirname(path))
    writeFileSync(`${path}-lock`, "x".repeat(4096))
    await expect(openSqliteLog({ path })).rejects.toMatchObject({ code: "storage-failed" })
  })
})

describe("read models of a log in SQLite", () => {
  const notes = defineTable({ name: "notes", columns: { seq: "integer", text: "text" }, key: ["seq"] })
  const model = (version: number, mark: string) =>
    defineProjection<TestEvent>({
      name: "notes",
      version,
      tables: [notes],
      project: ({ event }) => [put(notes, { seq: event.seq, text: `${mark}${String(event.data)}` })],
    })
  const sum = (version: number) =>
    defineFold<number, TestEvent>({
      name: "sum",
      version,
      evolve: (state, event) => (state ?? 0) + Number(event.data) * version,
    })
  const texts = async (path: string, models: readonly ReadModel<TestEvent>[]) => {
    const log = await openSqliteLog<TestEvent>({ path, models })
    const rows = await log.rows(notes)
    await log.close()
    return rows.map(({ text }) => text)
  }
  const filled = async (models: readonly ReadModel<TestEvent>[]) => {
    const path = freshPath()
    const log = await openSqliteLog<TestEvent>({ path, models })
    await log.append({ events: [1, 2].map((data) => said("a", data)) })
    await log.close()
    return path
  }

  it("stay when their version stays, and are rebuilt from the events when it changes", async () => {
    const path = await filled([model(1, "one ")])
    expect(await texts(path, [model(1, "unused ")])).toEqual(["one 1", "one 2"])
    expect(await texts(path, [model(2, "two ")])).toEqual(["two 1", "two 2"])
  })

  it("are built for a history that is older than they are, in pages", async () => {
    const path = freshPath()
    const log = await openSqliteLog<TestEvent>({ path })
    for (let page = 0; page < 5; page++)
      await log.append({ events: Array.from({ length: 500 }, () => said(`s${page}`, 1)) })
    await log.close()
    const again = await openSqliteLog<TestEvent>({ path, models: [model(1, ""), sum(1)] })
    expect(await again.rows(notes, { where: { seq: { gt: 2490 } } })).toHaveLength(10)
    expect((await again.fold(sum(1), "s4")).state).toBe(500)
    await again.append({ events: [said("s4", 5)] })
    expect((await again.fold(sum(1), "s4")).state).toBe(505)
    await again.close()
  })

  it("are not left stale by a time in which nobody declared them", async () => {
    const path = await filled([model(1, ""), sum(1)])
    const without = await openSqliteLog<TestEvent>({ path })
    await without.append({ events: [said("a", 3)] })
    await without.close()
    expect(await texts(path, [model(1, "")])).toEqual(["1", "2", "3"])
  })

  it("are built from the beginning when a build was cut off", async () => {
    const path = await filled([model(1, ""), sum(1)])
    const database = new Database(path)
    database.exec(
      "UPDATE log_models SET complete = 0; DELETE FROM rm_notes WHERE seq = 2; UPDATE log_folds SET state = '77'",
    )
    database.close()
    const log = await openSqliteLog<TestEvent>({ path, models: [model(1, ""), sum(1)] })
    expect(await log.rows(notes)).toHaveLength(2)
    expect((await log.fold(sum(1), "a")).state).toBe(3)
    await log.close()
  })

  it("survive being forgotten by the cache: a stream that was long not touched is read back", async () => {
    const path = freshPath()
    const log = await openSqliteLog<TestEvent>({ path, models: [sum(1)] })
    for (let page = 0; page < 5; page++)
      await log.append({ events: Array.from({ length: 500 }, (_, index) => said(`s${page * 500 + index}`, 1)) })
    await log.append({ events: [said("s0", 1)] })
    expect((await log.fold(sum(1), "s0")).state).toBe(2)
    await expectVerified(log, "s0")
    await log.close()
  })
})

function startAppender(path: string) {
  const program = fileURLToPath(new URL("fixtures/append-forever.ts", import.meta.url))
  return spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program, path], {
    stdio: ["ignore", "pipe", "inherit"],
  })
}

async function readAcknowledgements(child: ChildProcess, acknowledged: string[], count: number) {
  if (!child.stdout) throw new Error("The appender has no output.")
  let seen = 0
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(line)
    seen += 1
    if (seen >= count) return
  }
}

import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { verifyCheckpoint } from "@aegis/client"
import { type EventLog, openMemoryLog } from "@aegis/event-log"
import { createNoteKey, readSigner } from "@aegis/event-log/merkle"
import { openSqliteLog } from "@aegis/event-log/sqlite"
import { type AegisEvent, SYSTEM_STREAM } from "@aegis/session-core/events"
import Database from "better-sqlite3"
import { afterEach, describe, expect, it } from "vitest"
import { AuditTrail, type AuditTrailOptions } from "../src/audit-trail.ts"
import { AuditWitness } from "../src/audit-witness.ts"

const folders: string[] = []
const trails: AuditTrail[] = []
afterEach(async () => {
  for (const trail of trails.splice(0)) await trail.close()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const { skey, vkey } = createNoteKey("aegis.local/test")
const signer = readSigner(skey)
const logger = { error() {}, info() {} }

function temporary() {
  const folder = mkdtempSync(join(tmpdir(), "audit-"))
  folders.push(folder)
  return folder
}

type Options = Partial<Omit<AuditTrailOptions, "witness">> & { readonly witness?: string }

/** A trail that wakes at once. */
function follow(log: EventLog<AegisEvent>, { folder = join(temporary(), "audit"), witness, ...options }: Options = {}) {
  const seen = witness === undefined ? undefined : new AuditWitness(witness)
  const trail = new AuditTrail({
    log,
    folder,
    signer,
    witness: seen,
    intervalMs: 60_000,
    logger,
    followMs: 1,
    ...options,
  })
  trails.push(trail)
  return { trail, folder }
}

async function append(log: EventLog<AegisEvent>, count: number, reason = "Again.") {
  const event = { type: "system.stopped", at: "2026-01-01T00:00:00.000Z", actor, data: { reason } } as const
  await log.append({ events: Array.from({ length: count }, () => ({ stream: SYSTEM_STREAM, event })) })
}
const actor = { kind: "system", id: "test", via: "test" } as const

const until = (what: () => unknown) => expect.poll(what, { timeout: 10_000, interval: 5 })

describe("the tree", () => {
  it("follows the log by itself, and is signed when there is enough, when the time has come, and at the end", async () => {
    const log = openMemoryLog<AegisEvent>()
    const { trail, folder } = follow(log)
    await until(() => trail.status).toEqual({ status: "ok", size: 0, checkpoint: 0 })
    await append(log, 3)
    await until(() => trail.status).toEqual({ status: "ok", size: 3, checkpoint: 0 })
    await append(log, 1200)
    await until(() => trail.status.checkpoint).toBeGreaterThanOrEqual(1000)
    await append(log, 1)
    await trail.close()
    const note = readFileSync(join(folder, "checkpoint"), "utf8")
    expect(await verifyCheckpoint(note, vkey)).toMatchObject({ size: 1204 })
    const soon = follow(log, { folder, intervalMs: 20 }).trail
    await append(log, 1)
    await until(() => soon.status.checkpoint).toBe(1205)
  })

  it("is for the user alone, and for one process at a time", async () => {
    const log = openMemoryLog<AegisEvent>()
    await append(log, 300)
    const { trail, folder } = follow(log)
    await until(() => trail.status.checkpoint).toBe(300)
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const mode = statSync(join(entry.parentPath, entry.name)).mode & 0o777
      if (entry.name !== "lock") expect([entry.name, mode]).toEqual([entry.name, entry.isDirectory() ? 0o700 : 0o600])
    }
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    const second = follow(log, { folder }).trail
    await until(() => second.status.status).toBe("unavailable")
    await trail.close()
    await until(() => second.status.status).toBe("ok")
  })

  it.each(["head", "tile/0/000", "tile/0/002.p/188"])(
    "is made again from the log where %s was damaged, and has the root that was signed",
    async (name) => {
      const log = openMemoryLog<AegisEvent>()
      await append(log, 700)
      const first = follow(log)
      await until(() => first.trail.status.checkpoint).toBe(700)
      await first.trail.close()
      const bytes = readFileSync(join(first.folder, name))
      writeFileSync(join(first.folder, name), bytes.fill((bytes[0] ?? 0) ^ 1, 0, 1))
      const { trail } = follow(log, { folder: first.folder })
      await until(() => trail.status).toEqual({ status: "ok", size: 700, checkpoint: 700 })
      // What the tree's edge does not lead to is found when all of it is read.
      if (name === "tile/0/000") expect((await trail.verify()).problems).toMatchObject([{ code: "tree-damaged" }])
      expect(await trail.verify()).toMatchObject({ ok: true, checked: 700 })
      expect(readdirSync(first.folder).filter((name) => name.startsWith("damaged-"))).toHaveLength(1)
    },
  )
})

describe("what is not the log that was signed", () => {
  const checks = [
    ["a log whose end was cut off", { kept: 40, now: 30 }],
    ["a log that was written anew, and is as long", { kept: 40, now: 40 }],
    ["a log that was written anew, and is longer", { kept: 40, now: 50 }],
    ["a long log that was written anew", { kept: 900, now: 900 }],
  ] as const

  it.each(checks)("%s, by the checkpoint beside the tree", async (_, { kept, now }) => {
    const log = openMemoryLog<AegisEvent>()
    await append(log, kept)
    const { trail, folder } = follow(log)
    await until(() => trail.status.checkpoint).toBe(kept)
    await trail.close()
    const other = openMemoryLog<AegisEvent>()
    await append(other, now, "Another one.")
    const late = follow(other, { folder }).trail
    await until(() => late.status.failure?.code).toBe("audit-contradicted")
    await expect(late.check()).rejects.toMatchObject({ code: "audit-unavailable" })
    expect(await late.isWritable()).toBe(false)
  })

  it.each(checks)("%s, by the witness, when the data directory was replaced as a whole", async (_, { kept, now }) => {
    const witness = join(temporary(), "witness")
    const log = openMemoryLog<AegisEvent>()
    await append(log, kept)
    const { trail } = follow(log, { witness })
    await until(() => trail.status.checkpoint).toBe(kept)
    await trail.close()
    const other = openMemoryLog<AegisEvent>()
    await append(other, now, "Another one.")
    const late = follow(other, { witness }).trail
    await until(() => late.status.failure?.code).toBe("audit-contradicted")
    // The same log is fine, also with a tree that is made anew.
    const same = follow(log, { witness }).trail
    await until(() => same.status).toEqual({ status: "ok", size: kept, checkpoint: kept })
  })

  it("an earlier backup, whole in itself, by the witness, before anything new is in it", async () => {
    const [witness, place] = [join(temporary(), "seen"), temporary()]
    const path = join(place, "log.db")
    const first = await openSqliteLog<AegisEvent>({ path })
    await append(first, 5)
    const folder = join(place, "audit")
    const before = follow(first, { folder, witness }).trail
    await until(() => before.status.checkpoint).toBe(5)
    await before.close()
    await first.close()
    cpSync(place, `${place}.backup`, { recursive: true })
    folders.push(`${place}.backup`)
    const later = await openSqliteLog<AegisEvent>({ path })
    await append(later, 5)
    const after = follow(later, { folder, witness }).trail
    await until(() => after.status.size).toBe(10)
    await after.close()
    await later.close()
    const restored = await openSqliteLog<AegisEvent>({ path: join(`${place}.backup`, "log.db") })
    const { trail } = follow(restored, { folder: join(`${place}.backup`, "audit"), witness })
    await expect(trail.check()).rejects.toMatchObject({ code: "audit-unavailable" })
    expect(trail.status.failure?.code).toBe("audit-contradicted")
    await trail.close()
    await restored.close()
  })

  it("another log, to which a tree was made that fits it, by the checkpoint alone", async () => {
    const log = openMemoryLog<AegisEvent>()
    await append(log, 40)
    const { trail, folder } = follow(log)
    await until(() => trail.status.checkpoint).toBe(40)
    await trail.close()
    for (const name of ["tile", "head"]) rmSync(join(folder, name), { recursive: true })
    const other = openMemoryLog<AegisEvent>()
    await append(other, 50, "Another one.")
    const late = follow(other, { folder }).trail
    await expect(late.check()).rejects.toMatchObject({ code: "audit-unavailable" })
    expect(late.status.failure?.code).toBe("audit-contradicted")
  })

  it("a checkpoint of another key", async () => {
    const log = openMemoryLog<AegisEvent>()
    const { trail, folder } = follow(log)
    await until(() => trail.status.checkpoint).toBe(0)
    await trail.close()
    const stranger = readSigner(createNoteKey("aegis.local/test").skey)
    const late = follow(log, { folder, signer: stranger }).trail
    await until(() => late.status.failure?.code).toBe("audit-contradicted")
  })
})

describe("a witness", () => {
  it("has every checkpoint, one after the other, in a file or in a folder", async () => {
    for (const isFolder of [false, true]) {
      const place = temporary()
      const log = openMemoryLog<AegisEvent>()
      const { trail } = follow(log, { witness: isFolder ? place : join(place, "seen"), intervalMs: 1 })
      for (let size = 1; size <= 3; size += 1) {
        await append(log, 1)
        await until(() => trail.status.checkpoint).toBe(size)
      }
      await trail.close()
      const [file = ""] = readdirSync(place)
      expect(file).toBe(isFolder ? "aegis-checkpoints" : "seen")
      const notes: string[] = []
      const seen = new AuditWitness(join(place, file))
      for await (const note of seen.notes(await seen.size())) notes.push(note)
      const sizes = await Promise.all(notes.map(async (note) => (await verifyCheckpoint(note, vkey)).size))
      expect(sizes).toEqual([0, 1, 2, 3].slice(-sizes.length))
      expect(notes.join("")).toBe(readFileSync(join(place, file), "utf8"))
    }
  })

  it("that is named later has the newest checkpoint at once, and what was cut in it stays", async () => {
    const log = openMemoryLog<AegisEvent>()
    await append(log, 5)
    const { trail, folder } = follow(log)
    await until(() => trail.status.checkpoint).toBe(5)
    await trail.close()
    const witness = join(temporary(), "seen")
    writeFileSync(witness, "aegis.local/test\n4\nAAAA")
    const late = follow(log, { folder, witness }).trail
    await until(() => late.status.status).toBe("ok")
    const note = readFileSync(join(folder, "checkpoint"), "utf8")
    await until(() => readFileSync(witness, "utf8")).toBe(`aegis.local/test\n4\nAAAA\n${note}`)
    expect(await new AuditWitness(witness).last()).toBe(note)
  })
})

describe("when it cannot be written", () => {
  it("it says so, refuses, and goes on by itself: the folder", async () => {
    const log = openMemoryLog<AegisEvent>()
    const { trail, folder } = follow(log)
    // Then nothing is signed before a minute is over: it is still when the folder goes.
    await until(() => trail.status.checkpoint).toBe(0)
    await append(log, 3)
    await until(() => trail.status.size).toBe(3)
    renameSync(folder, `${folder}.away`)
    writeFileSync(folder, "In the way.")
    // At once: what is granted is not granted because nobody has looked yet.
    await expect(trail.check()).rejects.toMatchObject({ code: "audit-unavailable" })
    expect(trail.status.failure?.code).toBe("audit-unavailable")
    await append(log, 3)
    expect(await trail.isWritable()).toBe(false)
    rmSync(folder)
    renameSync(`${folder}.away`, folder)
    await until(() => trail.status).toMatchObject({ status: "ok", size: 6 })
    await trail.check()
  })

  it("it says so, refuses, and goes on by itself: the witness", async () => {
    const place = join(temporary(), "second")
    mkdirSync(place)
    const log = openMemoryLog<AegisEvent>()
    const { trail } = follow(log, { witness: join(place, "seen"), intervalMs: 1 })
    await append(log, 3)
    await until(() => trail.status.checkpoint).toBe(3)
    renameSync(place, `${place}.away`)
    await expect(trail.check()).rejects.toMatchObject({ code: "audit-unavailable" })
    renameSync(`${place}.away`, place)
    await append(log, 1)
    await until(() => trail.status).toEqual({ status: "ok", size: 4, checkpoint: 4 })
    // It is signed before the witness is told.
    await until(() => readFileSync(join(place, "seen"), "utf8")).toContain("\n4\n")
  })
})

it("what is signed while it is looked at contradicts nothing", async () => {
  const log = openMemoryLog<AegisEvent>()
  await append(log, 600)
  // More is signed while its notes are read.
  class SlowlyRead extends AuditWitness {
    override async *notes(size: number) {
      let isFirst = true
      for await (const note of super.notes(size)) {
        yield note
        if (isFirst) await append(log, 1).then(() => trail.signNow())
        isFirst = false
      }
    }
  }
  const witness = join(temporary(), "seen")
  const options = { log, folder: join(temporary(), "audit"), signer, intervalMs: 60_000, logger }
  const trail = new AuditTrail({ ...options, witness: new SlowlyRead(witness) })
  trails.push(trail)
  const { note } = await trail.signNow()
  // Too much to be read at once.
  const count = Math.ceil(300_000 / note.length)
  writeFileSync(witness, note.repeat(count))
  expect(await trail.verify()).toMatchObject({ ok: true, size: 600, witness: { checkpoints: count } })
  expect(await trail.verify()).toMatchObject({ ok: true, size: 601, witness: { checkpoints: count + 1 } })
})

it("a log on SQLite is verified from the disk, and each entry that was changed is named", async () => {
  const path = join(temporary(), "log.db")
  const log = await openSqliteLog<AegisEvent>({ path })
  await append(log, 20)
  const { trail, folder } = follow(log, { witness: join(temporary(), "seen") })
  expect(await trail.verify()).toMatchObject({ ok: true, checked: 20, size: 20, witness: { checkpoints: 1 } })
  await trail.close()
  await log.close()
  const database = new Database(path)
  database.exec('UPDATE log_events SET data = \'{"reason":"Nothing."}\' WHERE seq = 7')
  database.exec("UPDATE log_events SET hash = zeroblob(32) WHERE seq = 12; DELETE FROM log_events WHERE seq = 15")
  database.close()
  const opened = await openSqliteLog<AegisEvent>({ path })
  const late = follow(opened, { folder }).trail
  await until(() => late.status.failure?.code).toBe("audit-contradicted")
  const { ok, problems } = await late.verify()
  expect(ok).toBe(false)
  expect(problems.map(({ code, seq }) => [code, seq])).toEqual([
    ["entry-changed", 7],
    ["hash-broken", 12],
    ["hash-broken", 13],
    ["entry-missing", 15],
    ["hash-broken", 16],
  ])
  await late.close()
  await opened.close()
})

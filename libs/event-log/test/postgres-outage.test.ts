import pg from "pg"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import type { EventLog, LogEntry } from "../src/index.ts"
import { type OpenPostgresLogOptions, openPostgresLog } from "../src/postgres.ts"
import { findOutcome, type Trace } from "../src/postgres-outcome.ts"
import { expectVerified, said, type TestEvent, take } from "./conformance.ts"
import { type FaultProxy, type Message, startFaultProxy } from "./fault-proxy.ts"
import { bin, startTestDatabase, type TestDatabase } from "./postgres-schemas.ts"

describe.skipIf(bin === undefined)("outages of a log in PostgreSQL", () => {
  let database: TestDatabase
  let proxy: FaultProxy
  const opened: EventLog<TestEvent>[] = []

  beforeAll(async () => {
    database = await startTestDatabase()
    proxy = await startFaultProxy(database.server.host)
  })
  afterEach(async () => {
    proxy.decide = () => "pass"
    for (const log of opened.splice(0)) await log.close()
  })
  afterAll(async () => {
    await proxy?.close()
    await database?.remove()
  })

  const open = async (url: string, options: Partial<OpenPostgresLogOptions<TestEvent>> = {}) => {
    const log = await openPostgresLog<TestEvent>({ url, ...options })
    opened.push(log)
    return log
  }
  const throughProxy = (url: string) =>
    url.replace(encodeURIComponent(database.server.host), encodeURIComponent(proxy.host))
  /** Opens a log whose connections go through the proxy. */
  const openBehindProxy = async (options?: Partial<OpenPostgresLogOptions<TestEvent>>) => {
    const url = await database.freshUrl()
    return { url, log: await open(throughProxy(url), options) }
  }
  const terminate = async (backend: number) => {
    await database.query("SELECT pg_terminate_backend($1)", [backend])
    await until(
      async () => (await database.query("SELECT FROM pg_stat_activity WHERE pid = $1", [backend])).length === 0,
    )
  }

  const makeCommitsWait = (url: string) => {
    const schema = schemaOf(url)
    return database.query(`
      CREATE FUNCTION ${schema}.wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM pg_advisory_xact_lock(7);
        RETURN NEW;
      END $$;
      CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON ${schema}.log_offsets DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION ${schema}.wait()`)
  }
  const untilWaiting = (count: number) =>
    until(
      async () =>
        (await database.query("SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")).length === count,
    )

  describe("a commit without an answer", () => {
    it("that went through is acknowledged, and there once", async () => {
      const { log } = await openBehindProxy()
      const cuts = once(proxy, isCommitAnswer, "cut")
      const { entries } = await log.append({ events: [said("a", 1), said("a", 2)] })
      expect(cuts()).toBe(1)
      expect(entries.map(({ seq }) => seq)).toEqual([1, 2])
      await log.append({ events: [said("a", 3)] })
      expect(await dataOf(log)).toEqual([1, 2, 3])
      await expectVerified(log, "a")
    })

    it("that never arrived is made again, and there once", async () => {
      const { log } = await openBehindProxy()
      const cuts = once(proxy, isCommit, "cut")
      const { entries } = await log.append({ events: [said("a", 1)] })
      expect(cuts()).toBe(1)
      expect(entries.map(({ seq }) => seq)).toEqual([1])
      expect(await dataOf(log)).toEqual([1])
    })

    it("is waited for while it is at work still, and acknowledged when it has been done", async () => {
      const { url, log } = await openBehindProxy()
      await makeCommitsWait(url)
      let backend = 0
      proxy.decide = (message) => {
        if (isCommit(message)) backend = message.backend
        return "pass"
      }
      await database.query("SELECT pg_advisory_lock(7)")
      const appending = log.append({ events: [said("a", 1)], offsets: [{ name: "o", position: 1 }] })
      await untilWaiting(1)
      proxy.cut(backend)
      // The commit waits for us, and who asks what became of it waits for the commit.
      await untilWaiting(2)
      await database.query("SELECT pg_advisory_unlock(7)")
      expect((await appending).entries[0]?.seq).toBe(1)
      expect(await dataOf(log)).toEqual([1])
    })

    it("is refused as unknown when the server stays away, and told by readers when it is back", async () => {
      const { log } = await openBehindProxy({ outcomeWithin: 300 })
      const reading = take(log.tail({ after: 0 }), 2)
      proxy.decide = async (message) => {
        if (!isCommitAnswer(message)) return "pass"
        proxy.decide = () => "cut"
        return "cut"
      }
      await expect(log.append({ events: [said("a", 1)] })).rejects.toMatchObject({ code: "outcome-unknown" })
      await until(async () => log.describe().failure?.code === "storage-failed")
      proxy.decide = () => "pass"
      await untilAppended(log, said("a", 2))
      expect((await reading).map(({ event }) => event.data)).toEqual([1, 2])
      await until(async () => log.describe().failure === undefined)
    })
  })

  describe("a backend that is terminated", () => {
    const steps: readonly (readonly [string, (message: Message) => boolean])[] = [
      ["before the transaction", (message) => message.type === "Q" && message.text.startsWith("BEGIN")],
      ["when it has the lock", (message) => message.type === "P" && message.text.includes("FROM log_streams s")],
      [
        "before the events are written",
        (message) => message.type === "P" && message.text.includes("INSERT INTO log_streams"),
      ],
      [
        "in the middle of what is written",
        (message) => message.type === "P" && message.text.includes("INSERT INTO log_events"),
      ],
      ["before the commit", isCommit],
      ["after the commit", isCommitAnswer],
    ]
    it.each(steps)("%s costs nobody anything", async (_when, isStep) => {
      const { log } = await openBehindProxy()
      let terminated = 0
      proxy.decide = async (message) => {
        if (terminated > 0 || !isStep(message)) return "pass"
        terminated += 1
        await terminate(message.backend)
        // Its last words have not reached the client yet; an answer that has been given is lost with it.
        return message.from === "server" ? "cut" : "pass"
      }
      const appends = [1, 2, 3].map((data) =>
        log.append({ events: [said("a", data)], offsets: [{ name: "o", position: data }] }),
      )
      expect((await Promise.all(appends)).flatMap(({ entries }) => entries.map(({ seq }) => seq))).toEqual([1, 2, 3])
      expect(terminated).toBe(1)
      expect(await dataOf(log)).toEqual([1, 2, 3])
      expect(await log.offset("o")).toBe(3)
      await expectVerified(log, "a")
    })
  })

  describe("a notification", () => {
    it("that is lost is made up for within moments", async () => {
      const { url, log } = await openBehindProxy()
      const writer = await open(url)
      // From here on it listens.
      let heard = 0
      proxy.decide = (message) => {
        if (isNotification(message)) heard += 1
        return "pass"
      }
      await until(async () => {
        await writer.append({ events: [said("a", 0)] })
        return heard > 0
      })
      const after = writer.head()
      await until(async () => log.head() === after)
      let dropped = 0
      proxy.decide = (message) => {
        if (!isNotification(message)) return "pass"
        dropped += 1
        return "drop"
      }
      const reading = take(log.tail({ after }), 1)
      await writer.append({ events: [said("a", 1)] })
      expect((await reading)[0]?.event.data).toBe(1)
      expect(dropped).toBeGreaterThan(0)
    })

    it("comes again after the listening backend was terminated", async () => {
      const { url, log } = await openBehindProxy()
      const writer = await open(url)
      const listeners = () => database.query("SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
      for (let data = 1; data <= 3; data++) {
        await until(async () => (await listeners()).length === 2)
        for (const { pid } of await listeners()) await terminate(Number(pid))
        const reading = take(log.tail({ after: data - 1 }), 1)
        await writer.append({ events: [said("a", data)] })
        expect((await reading)[0]?.event.data).toBe(data)
      }
    })
  })

  describe("a collision", () => {
    // Sequences do not go back with their transaction: the first `count` inserts fail.
    const fail = (url: string, count: number, code: string) => {
      const schema = schemaOf(url)
      return database.query(`
        CREATE SEQUENCE ${schema}.failures;
        CREATE FUNCTION ${schema}.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF nextval('${schema}.failures') <= ${count} THEN RAISE EXCEPTION 'planned' USING ERRCODE = '${code}'; END IF;
          RETURN NEW;
        END $$;
        CREATE TRIGGER fail BEFORE INSERT ON ${schema}.log_offsets FOR EACH ROW EXECUTE FUNCTION ${schema}.fail()`)
    }
    const request = { events: [said("a", 1)], offsets: [{ name: "o", position: 1 }] }

    it.each(["40001", "40P01"])("of others (%s) is tried again, three times at most", async (code) => {
      const url = await database.freshUrl()
      const log = await open(url)
      await fail(url, 5, code)
      await expect(log.append(request)).rejects.toMatchObject({ code: "storage-failed" })
      expect(log.head()).toBe(0)
      expect((await log.append(request)).entries[0]?.seq).toBe(1)
      expect(log.describe().failure).toBeUndefined()
    })

    it("with a full disk is said to be that, and writing goes on when there is room", async () => {
      const url = await database.freshUrl()
      const log = await open(url)
      await fail(url, 1, "53100")
      await expect(log.append(request)).rejects.toMatchObject({ code: "storage-full" })
      expect(log.describe().failure?.code).toBe("storage-full")
      expect((await log.append(request)).entries[0]?.seq).toBe(1)
    })
  })

  it("more reads than may wait are refused, the others answered", async () => {
    const log = await open(await database.freshUrl(), { connections: 1 })
    const settled = await Promise.allSettled(Array.from({ length: 1500 }, () => log.offset("o")))
    const refused = settled.filter((one) => one.status === "rejected")
    expect(refused.length).toBeGreaterThan(0)
    expect(refused.length).toBeLessThan(1000)
    expect(refused[0]?.reason).toMatchObject({ code: "storage-failed" })
  })

  describe("a server that crashes", () => {
    // Such a crash cannot be ordered: it loses the number of a transaction of which nothing was on disk.
    it("and gives the number of a lost commit to another: it is known by its event, and not by the number", async () => {
      const url = await database.freshUrl()
      const log = await open(url)
      const [entry] = (await log.append({ events: [said("s", 1)] })).entries
      const { seq = 0, hash = "" } = entry ?? {}
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      const { rows } = await client.query<{ readonly id: string }>("SELECT pg_current_xact_id()::text AS id")
      await client.end()
      const transaction = rows[0]?.id ?? ""
      const outcomeOf = (trace: Trace) => findOutcome(trace, { url, outcomeWithin: 5000 })
      expect(await outcomeOf({ transaction })).toBe("committed")
      expect(await outcomeOf({ transaction, last: { seq, hash } })).toBe("committed")
      expect(await outcomeOf({ transaction, last: { seq: seq + 1, hash } })).toBe("aborted")
      expect(await outcomeOf({ transaction, last: { seq, hash: hash.replaceAll(/[0-7]/g, "8") } })).toBe("aborted")
      expect(await outcomeOf({ transaction: String(Number(transaction) + 1_000_000) })).toBe("aborted")
    })

    it("and comes back loses nothing that was acknowledged, and readers go on without gap or repeat", async () => {
      const url = await database.freshUrl()
      const log = await open(url)
      for (let count = 0; count < 20; count++) await log.append({ events: [said("early", count)] })
      // It has nothing of that in its memory.
      const other = await open(url)
      const stop = new AbortController()
      const seen: LogEntry<TestEvent>[] = []
      const reading = (async () => {
        for await (const page of other.tail({ after: 0, signal: stop.signal })) seen.push(...page)
      })()
      const told = new Map<string, unknown[]>([
        ["acknowledged", []],
        ["storage-failed", []],
        ["outcome-unknown", []],
      ])
      let isEnding = false
      const write = async (writer: number) => {
        for (let count = 0; !isEnding && opened.includes(log); count++) {
          const data = `${writer}/${count}`
          await log.append({ events: [said(`s${writer}`, data)] }).then(
            () => told.get("acknowledged")?.push(data),
            (error) => told.get(error.code)?.push(data),
          )
        }
      }
      const writing = [1, 2, 3].map(write)
      const acknowledged = told.get("acknowledged") ?? []
      await until(async () => acknowledged.length > 20)
      await database.server.stop("immediate")
      // The three may all be in one commit that got no answer: nobody can say what became of it until the server is back.
      await expect(log.append({ events: [said("away", 0)] })).rejects.toMatchObject({ code: "storage-failed" })
      await expect(log.read()).rejects.toMatchObject({ code: "storage-failed" })
      // In the middle of the history, while the server is away.
      const late = firstPage(other.tail({ after: 0 }))
      await until(async () => log.describe().failure !== undefined && other.describe().failure !== undefined)
      const before = acknowledged.length
      await database.server.start()
      const started = performance.now()
      await until(async () => acknowledged.length > before + 20)
      expect(performance.now() - started).toBeLessThan(5000)
      isEnding = true
      await Promise.all(writing)
      await until(async () => other.head() === log.head())
      stop.abort()
      await reading
      expect(seen.map(({ seq }) => seq)).toEqual(Array.from({ length: log.head() }, (_, index) => index + 1))
      const kept = seen.map(({ event }) => event.data)
      expect(new Set(kept).size).toBe(kept.length)
      expect(acknowledged.filter((data) => !kept.includes(data))).toEqual([])
      expect(told.get("storage-failed")?.filter((data) => kept.includes(data))).toEqual([])
      expect((await late).slice(0, 20).map(({ event }) => event.data)).toEqual([...Array(20).keys()])
      await until(async () => log.describe().failure === undefined && other.describe().failure === undefined)
    })
  })
})

function isCommit({ from, type, text }: Message) {
  return from === "client" && type === "Q" && text.startsWith("COMMIT")
}

function isCommitAnswer({ from, type, text }: Message) {
  return from === "server" && type === "C" && text.startsWith("COMMIT")
}

function isNotification({ from, type }: Message) {
  return from === "server" && type === "A"
}

/** The first such message meets this fate; gives how many have. */
function once(proxy: FaultProxy, isIt: (message: Message) => boolean, fate: "cut" | "drop") {
  let count = 0
  proxy.decide = (message) => {
    if (count > 0 || !isIt(message)) return "pass"
    count += 1
    return fate
  }
  return () => count
}

/** Looks at an outside fact again and again, for some seconds at most. */
async function until(holds: () => Promise<boolean>) {
  await expect.poll(holds, { timeout: 20_000, interval: 20 }).toBe(true)
}

/** Appends as soon as it can be done. */
async function untilAppended(log: EventLog<TestEvent>, event: ReturnType<typeof said>) {
  await until(() =>
    log.append({ events: [event] }).then(
      () => true,
      () => false,
    ),
  )
}

async function firstPage(pages: AsyncIterable<readonly LogEntry<TestEvent>[]>) {
  for await (const page of pages) return page
  return []
}

async function dataOf(log: EventLog<TestEvent>) {
  return (await log.read()).map(({ event }) => event.data)
}

function schemaOf(url: string) {
  return /search_path%3D(\w+)/.exec(url)?.[1] ?? ""
}

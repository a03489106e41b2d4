import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { openPostgresLog } from "../src/postgres.ts"
import { describeEventLog, expectVerified, said, type TestEvent } from "./conformance.ts"
import { bin, startTestDatabase, type TestDatabase } from "./postgres-schemas.ts"

describe.skipIf(bin === undefined)("a log in PostgreSQL", () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await startTestDatabase()
  })
  afterAll(() => database?.remove())

  describeEventLog("postgres", async (options) => openPostgresLog({ url: await database.freshUrl(), ...options }), {
    share: 0.3,
  })
})

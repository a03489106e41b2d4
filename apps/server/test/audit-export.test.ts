import { openMemoryLog } from "@aegis/event-log"
import { type AegisEvent, SYSTEM_STREAM } from "@aegis/session-core/events"
import { expect, it } from "vitest"
import { toCsv } from "../src/audit-export.ts"

// Whoever names themselves so would else run something in the spreadsheet of whoever reads it (spec/threats.md, C9).
it.each([
  ["=1+1", "'=1+1"],
  ["+1", "'+1"],
  ["-2", "'-2"],
  ["@SUM(A1)", "'@SUM(A1)"],
  ["|calc", "'|calc"],
  [" =1+1", "' =1+1"],
  ["\t=1", "'\t=1"],
  ["\r=1", '"\'\r=1"'],
  ["\n=1", '"\'\n=1"'],
  ['=HYPERLINK("a","b")', '"\'=HYPERLINK(""a"",""b"")"'],
  ['a "b", c', '"a ""b"", c"'],
  ["a=b", "a=b"],
])("a cell %j is written %j", async (id, cell) => {
  const log = openMemoryLog<AegisEvent>()
  const actor = { kind: "key", id, via: "rest" } as const
  const event = { type: "system.stopped", at: "2026-01-01T00:00:00.000Z", actor, data: { reason: "a" } } as const
  await log.append({ events: [{ stream: SYSTEM_STREAM, event }] })
  const found = await log.read()
  const entries = {
    async *range() {
      yield found
    },
  }
  const checkpoint = { origin: "o", size: 1, root: "", note: "" }
  const audience = { tenantId: "local", seesAccess: "all", sees: ["policy"] } as const
  let text = ""
  for await (const part of toCsv({ entries, audience, filter: {}, checkpoint })) text += part
  const [, row = ""] = text.split(/\r\n(?=1,)/)
  expect(row).toBe(
    `1,2026-01-01T00:00:00.000Z,system.stopped,,,key,${cell},rest,,"{""reason"":""a""}",${found[0]?.hash}\r\n`,
  )
})

import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { calendar } from "../src/node-calendar.ts"

/** The first times after one, as the zone's own clock says them. */
function times(cron: string, timeZone: string, { after, count }: { readonly after: string; readonly count: number }) {
  const found: string[] = []
  let last: Date | undefined = new Date(after)
  while (found.length < count) {
    last = calendar.next({ cron, timeZone }, last)
    if (!last) break
    found.push(last.toISOString())
  }
  return found
}

describe("a time by the clock of a zone", () => {
  it.each([
    // In Berlin 02:00 to 03:00 is skipped on 29 March 2026, in New York on 8 March; on Lord Howe 02:00 to 02:30 on 4 October.
    ["30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", ["2026-03-29T01:00:00.000Z", "2026-03-30T00:30:00.000Z"]],
    ["0 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", ["2026-03-08T07:00:00.000Z", "2026-03-09T06:00:00.000Z"]],
    [
      "10 2 * * *",
      "Australia/Lord_Howe",
      "2026-10-03T00:00:00Z",
      ["2026-10-03T15:30:00.000Z", "2026-10-04T15:10:00.000Z"],
    ],
    // Several that are skipped, and the one that comes right after, are one.
    [
      "0,30 2,3 * * *",
      "Europe/Berlin",
      "2026-03-28T12:00:00Z",
      ["2026-03-29T01:00:00.000Z", "2026-03-29T01:30:00.000Z"],
    ],
  ])("that is skipped (%s in %s) is due once, right after the jump", (cron, timeZone, after, expected) => {
    expect(times(cron, timeZone, { after, count: 2 })).toEqual(expected)
  })

  it.each([
    // In Berlin 02:00 to 03:00 comes twice on 25 October 2026, in New York 01:00 to 02:00 on 1 November; on Lord Howe 01:30 to
    // 02:00 on 5 April.
    ["30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", ["2026-10-25T00:30:00.000Z", "2026-10-26T01:30:00.000Z"]],
    [
      "59 1 * * *",
      "America/New_York",
      "2026-10-31T12:00:00Z",
      ["2026-11-01T05:59:00.000Z", "2026-11-02T06:59:00.000Z"],
    ],
    [
      "45 1 * * *",
      "Australia/Lord_Howe",
      "2026-04-04T00:00:00Z",
      ["2026-04-04T14:45:00.000Z", "2026-04-05T15:15:00.000Z"],
    ],
    ["30 * * * *", "Europe/Berlin", "2026-10-25T00:00:00Z", ["2026-10-25T00:30:00.000Z", "2026-10-25T02:30:00.000Z"]],
  ])("that comes twice (%s in %s) is due once, the first time", (cron, timeZone, after, expected) => {
    expect(times(cron, timeZone, { after, count: 2 })).toEqual(expected)
    // Asked in the second one it is not due either.
    const [, later = ""] = expected
    for (const minutes of [20, 40, 60]) {
      const between = new Date(Date.parse(expected[0] ?? "") + minutes * 60_000).toISOString()
      expect(times(cron, timeZone, { after: between, count: 1 })).toEqual([later])
    }
  })

  it("is due on days of the month and of the week, with names, ranges and steps", () => {
    const after = "2026-11-30T12:00:00Z"
    expect(times("*/20 9-10 * DEC mon-FRI/4", "UTC", { after, count: 2 })).toEqual([
      "2026-12-04T09:00:00.000Z",
      "2026-12-04T09:20:00.000Z",
    ])
    expect(times("0 0 13 * 5", "UTC", { after, count: 3 })).toEqual([
      "2026-12-04T00:00:00.000Z",
      "2026-12-11T00:00:00.000Z",
      "2026-12-13T00:00:00.000Z",
    ])
    expect(times("0 0 29 2 *", "UTC", { after, count: 1 })).toEqual(["2028-02-29T00:00:00.000Z"])
  })
})

const zones = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Chatham"]
/** Days around which clocks are changed, and some others. */
const days = [
  "2026-03-07",
  "2026-03-28",
  "2026-04-04",
  "2026-09-26",
  "2026-10-03",
  "2026-10-24",
  "2026-10-31",
  "2026-07-01",
]

const values = (last: number) => fc.uniqueArray(fc.integer({ min: 0, max: last }), { minLength: 1, maxLength: 4 })

/** What a zone's clock shows at each minute of two days, and what it showed before. */
function walk(zone: string, day: string) {
  const clock = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" })
  const begin = Date.parse(`${day}T12:00:00Z`)
  return Array.from({ length: 2 * 1440 }, (_, minute) => {
    const at = begin + minute * 60_000
    return { at, face: Date.parse(`${clock.format(at).replace(" ", "T")}:00Z`) }
  })
}

it("agrees with a walk along the clock, minute by minute", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.constantFrom(...days),
      values(59),
      values(23),
      (zone, day, minutes, hours) => {
        const matches = (face: number) =>
          minutes.includes(new Date(face).getUTCMinutes()) && hours.includes(new Date(face).getUTCHours())
        const expected: string[] = []
        let latest = Number.NEGATIVE_INFINITY
        for (const { at, face } of walk(zone, day)) {
          const first = latest === Number.NEGATIVE_INFINITY ? face : latest + 60_000
          // All that it shows for the first time, or has jumped over.
          const passed = Array.from(
            { length: Math.max(0, (face - first) / 60_000 + 1) },
            (_, index) => first + index * 60_000,
          )
          if (passed.some(matches)) expected.push(new Date(at).toISOString())
          latest = Math.max(latest, face)
        }
        const [before, rule] = [Date.parse(`${day}T12:00:00Z`) - 1000, `${minutes.join()} ${hours.join()} * * *`]
        const count = expected.length
        expect(times(rule, zone, { after: new Date(before).toISOString(), count })).toEqual(expected)
      },
    ),
    { numRuns: 40 },
  )
})

describe("a rule is refused", () => {
  const at = new Date("2026-11-30T12:00:00Z")
  const refusal = (cron: string, timeZone = "UTC") => calendar.refuse({ cron, timeZone }, at)

  it.each([
    ["", "it has 0 fields"],
    ["* * * *", "it has 4 fields"],
    ["* * * * * *", "it has 6 fields"],
    ["@daily", "it has 1 field."],
    ["60 * * * *", "60"],
    ["* 24 * * *", "24"],
    ["* * 0 * *", "0"],
    ["* * * 13 *", "13"],
    ["* * * * 8", "8"],
    ["*/0 * * * *", "0"],
    ["30-10 * * * *", "30-10"],
    ["a * * * *", '"a" is not understood'],
    ["0 0 L * *", '"L" is not understood'],
    ["0 0 * * mon#1", '"mon#1" is not understood'],
    ["1,,2 * * * *", "says no times"],
    ["1- * * * *", "says no times"],
    ["* * mon * *", "says no times"],
    ["* * * fri *", "says no times"],
  ])("%j, and it is said what is expected", (cron, words) => {
    expect(refusal(cron)).toMatchObject({ code: "cron-invalid", message: expect.stringContaining(words) })
    expect(refusal(cron)?.message).toMatch(/says no times: .*minute \(0-59\), hour \(0-23\)/)
  })

  it.each(["0 0 31 2 *", "0 0 30 2 *", "0 0 31 4,6,9,11 *"])("%s, since it never comes", (cron) => {
    expect(refusal(cron)?.message).toContain("never comes")
  })

  it.each(["Europe/Nowhere", "", "+01:00", "CET+1", "../etc", "UTC; x"])("for the zone %j", (zone) => {
    const { code, message } = refusal("* * * * *", zone) ?? {}
    expect([code, message]).toEqual(["time-zone-unknown", expect.stringMatching(/no time zone .*Europe\/Berlin/)])
  })

  it("and otherwise it is not", () => {
    for (const zone of zones) expect(refusal("*/5 8-18/2 1,15 jan-mar,DEC 1-5", zone)).toBeUndefined()
  })
})

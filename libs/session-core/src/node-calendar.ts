import { Cron } from "croner"
import type { Calendar, TimeRule } from "./due-times.ts"

/**
 * Times by the clock of a time zone. A cron's fields are matched on the clock's face, and each face has one instant: of two
 * that show the same the first; of one that is skipped the moment of the jump.
 */
export const calendar: Calendar = {
  next: ({ cron, timeZone }, after) => {
    const zone = zoneOf(timeZone)
    const faces = cronOf(cron)
    // What comes twice is over when it comes again: on to what is later.
    for (let face = faces.nextRun(zone.faceOf(after)); face; face = faces.nextRun(face)) {
      const instant = zone.instantOf(face)
      if (instant > after) return instant
    }
    return undefined
  },
  refuse: (rule, at) => refuseCron(rule.cron) ?? refuseZone(rule.timeZone) ?? refuseNever(rule, at),
}

const EXPECTED =
  "Expected are five fields: minute (0-59), hour (0-23), day of the month (1-31), month (1-12 or jan-dec), day of the week (0-7 or sun-sat); each *, a value, a range (1-5), steps (*/15 or 0-30/10), or several of these with commas."

const NAMES = /\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat)\b/gi

function refuseCron(cron: string) {
  const refusal = (what: string) => cronInvalid(`${JSON.stringify(cron)} says no times: ${what} ${EXPECTED}`)
  const fields = cron.split(/\s+/).filter((field) => field !== "")
  if (fields.length !== 5) return refusal(`it has ${fields.length} field${fields.length === 1 ? "" : "s"}.`)
  const strange = fields.find((field) => !/^[\d*,/-]+$/.test(field.replaceAll(NAMES, "1")))
  if (strange !== undefined) return refusal(`${JSON.stringify(strange)} is not understood.`)
  try {
    cronOf(cron)
    return undefined
  } catch (error) {
    const said = error instanceof Error ? error.message.replace(/^CronPattern: /, "") : String(error)
    return refusal(`${said.replace(/\.$/, "")}.`)
  }
}

function refuseZone(timeZone: string) {
  // Of an offset nobody knows when its clocks are changed.
  const isName = /^[A-Za-z]/.test(timeZone)
  try {
    if (isName) zoneOf(timeZone)
  } catch {
    return unknownZone(timeZone)
  }
  return isName ? undefined : unknownZone(timeZone)
}

function unknownZone(timeZone: string) {
  const message = `There is no time zone ${JSON.stringify(timeZone)}. Expected is an IANA name, such as Europe/Berlin or UTC.`
  return { code: "time-zone-unknown", message } as const
}

function refuseNever(rule: TimeRule, at: Date) {
  if (calendar.next(rule, at)) return undefined
  return cronInvalid(`${JSON.stringify(rule.cron)} never comes: no month that it names has such a day.`)
}

function cronInvalid(message: string) {
  return { code: "cron-invalid", message } as const
}

// Its own dealing with time zones is left out: the face of a clock is taken for one of UTC.
function cronOf(cron: string) {
  return kept(crons, cron, () => new Cron(cron, { paused: true, mode: "5-part", timezone: "UTC" }))
}

function zoneOf(timeZone: string) {
  return kept(zones, timeZone, () => new Zone(timeZone))
}

const crons = new Map<string, Cron>()
const zones = new Map<string, Zone>()
const MOST_KEPT = 1000

function kept<Value>(values: Map<string, Value>, name: string, make: () => Value) {
  const value = values.get(name) ?? make()
  if (values.size >= MOST_KEPT) values.clear()
  values.set(name, value)
  return value
}

const DAY_MS = 24 * 3600 * 1000

class Zone {
  readonly #format: Intl.DateTimeFormat

  constructor(timeZone: string) {
    const [two, numeric] = ["2-digit", "numeric"] as const
    const time = { hour: two, minute: two, second: two, hourCycle: "h23" } as const
    this.#format = new Intl.DateTimeFormat("en-US", { timeZone, year: numeric, month: two, day: two, ...time })
  }

  /** What the clock shows, as if it were one of UTC. */
  faceOf(instant: Date) {
    const parts = this.#format.formatToParts(instant)
    const of = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((part) => part.type === type)?.value)
    return new Date(Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second")))
  }

  /** When it first shows that, or, where it never does, when it jumps over it. */
  instantOf(face: Date) {
    const around = [-DAY_MS, DAY_MS].map((by) => this.#offsetAt(face.getTime() + by))
    const candidates = around.map((offset) => face.getTime() - offset).toSorted((one, other) => one - other)
    const shown = candidates.find((time) => time + this.#offsetAt(time) === face.getTime())
    return new Date(shown ?? this.#jumpBetween(face.getTime() - DAY_MS, face.getTime() + DAY_MS))
  }

  #offsetAt(time: number) {
    return this.faceOf(new Date(time)).getTime() - Math.floor(time / 1000) * 1000
  }

  #jumpBetween(before: number, after: number) {
    let [start, end] = [before, after]
    while (end - start > 1000) {
      const middle = Math.floor((start + end) / 2000) * 1000
      if (this.#offsetAt(middle) === this.#offsetAt(before)) start = middle
      else end = middle
    }
    return end
  }
}

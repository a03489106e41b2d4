/** What says when something is due; passed in, since it knows of time zones. */
export interface Calendar {
  /** The first time after one, to the second; undefined: there is none. */
  readonly next: (rule: TimeRule, after: Date) => Date | undefined
  /** What is wrong with a rule, and what is expected; undefined: nothing, and it comes again after a time. */
  readonly refuse: (rule: TimeRule, at: Date) => RuleRefusal | undefined
}

export interface TimeRule {
  /** Five fields. */
  readonly cron: string
  /** An IANA name. */
  readonly timeZone: string
}

export interface RuleRefusal {
  readonly code: "cron-invalid" | "time-zone-unknown"
  readonly message: string
}

/** Times that are due and have no run yet (ISO 8601 UTC). */
export interface DueTimes {
  /** Those whose minute is over: from the first to the last of them, so many; counted up to 100. */
  readonly missed?: MissedTimes
  /** The one whose minute it is. */
  readonly present?: string
}

export interface MissedTimes {
  readonly from: string
  readonly dueAt: string
  readonly count: number
}

export interface DueTimesOptions {
  readonly after: Date
  readonly until: Date
}

/** As long is a time on time: a server that comes back within it has missed nothing. */
const MINUTE_MS = 60_000
const MOST_COUNTED = 100

/** What is due of a rule's times after one, up to another. Times are whole minutes, so that only one can be on time. Pure. */
export function dueTimes(
  calendar: Pick<Calendar, "next">,
  rule: TimeRule,
  { after, until }: DueTimesOptions,
): DueTimes {
  const minute = new Date(until.getTime() - MINUTE_MS)
  const missed = missedTimes((time) => calendar.next(rule, time), { after, until: minute })
  const present = calendar.next(rule, minute > after ? minute : after)
  return {
    ...(missed ? { missed } : {}),
    ...(present && present <= until ? { present: present.toISOString() } : {}),
  }
}

function missedTimes(next: (after: Date) => Date | undefined, { after, until }: DueTimesOptions) {
  const from = nextUpTo(next, after, until)
  if (!from) return undefined
  let [last, count] = [from, 1]
  while (count < MOST_COUNTED) {
    const following = nextUpTo(next, last, until)
    if (!following) break
    last = following
    count += 1
  }
  const dueAt = count < MOST_COUNTED ? last : lastUpTo(next, last, until)
  return { from: from.toISOString(), dueAt: dueAt.toISOString(), count }
}

function nextUpTo(next: (after: Date) => Date | undefined, after: Date, until: Date) {
  const found = next(after)
  return found && found <= until ? found : undefined
}

/** By halves: there may be hundreds of thousands. */
function lastUpTo(next: (after: Date) => Date | undefined, known: Date, until: Date) {
  let [last, end] = [known, until.getTime()]
  while (end - last.getTime() > MINUTE_MS) {
    const middle = new Date((last.getTime() + end) / 2)
    const found = nextUpTo(next, middle, until)
    if (found) last = found
    else end = middle.getTime()
  }
  return nextUpTo(next, last, until) ?? last
}

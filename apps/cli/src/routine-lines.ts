import type { Routine, RoutineItem, RoutineRun } from "@aegis/client"
import { duration } from "./event-printer.ts"
import { localMinute } from "./local-minute.ts"
import { fit, headline, type Output, pad, visible } from "./output.ts"
import { colorOfStatus } from "./pipeline-lines.ts"

const marks: Readonly<Record<RoutineRun["status"], string>> = {
  waiting: "·",
  running: "…",
  completed: "✓",
  failed: "✗",
  skipped: "-",
  cancelled: "-",
}

/** A routine, when it begins something next, and a line for each of these runs. */
export function routineLines(routine: Routine, runs: readonly RoutineRun[], output: Output): readonly string[] {
  const { colors } = output
  const { id, name, cron, timeZone, nextRunAt } = routine
  const state = nextRunAt === undefined ? colors.dim("paused") : colors.green("enabled")
  const next = nextRunAt === undefined ? "" : `, next ${localMinute(nextRunAt)}`
  return [
    `${colors.bold(visible(name))}  ${state}  ${colors.dim(id)}`,
    `  ${visible(cron)} (${visible(timeZone)})${next}`,
    ...runs.map((run) => runLine(run, output)),
  ]
}

/** A run, or why there was none. */
export function runLine({ id, dueAt, status, sessionId, ...run }: RoutineRun, output: Output) {
  const { colors, columns } = output
  const mark = colorOfStatus(status, output)(marks[status])
  const session = colors.dim(pad(sessionId?.slice(0, 8) ?? "", 8))
  const told = [run.reason, run.error && `${run.error.code}: ${run.error.message}`, missedWords(run), tookOf(run)]
  const words = told.filter((each) => each !== undefined).join(" ") || status
  const before = `  ${mark} ${String(id).padStart(4)}  ${localMinute(dueAt)}  ${session}  `
  return `${before}${fit(visible(headline(words)), Math.max(10, columns - 36))}`.trimEnd()
}

/** A line a routine. */
export function routineTable(items: readonly RoutineItem[], output: Output) {
  const { colors, columns } = output
  const width = Math.max(...items.map(({ cron }) => visible(cron).length))
  return items
    .map(({ id, name, cron, nextRunAt, lastRun }) => {
      const mark = lastRun === undefined ? " " : colorOfStatus(lastRun.status, output)(marks[lastRun.status])
      const next = nextRunAt === undefined ? colors.dim(pad("paused", 16)) : localMinute(nextRunAt)
      const rest = Math.max(10, columns - width - 34)
      return `${id.slice(0, 8)}  ${mark}  ${next}  ${pad(visible(cron), width)}  ${fit(visible(name), rest)}`
    })
    .map((line) => `${line.trimEnd()}\n`)
    .join("")
}

function missedWords({ missed }: Pick<RoutineRun, "missed">) {
  return missed && `(${missed.count} times since ${localMinute(missed.from)})`
}

function tookOf({ startedAt, endedAt }: Pick<RoutineRun, "startedAt" | "endedAt">) {
  if (startedAt === undefined || endedAt === undefined) return undefined
  return duration(Date.parse(endedAt) - Date.parse(startedAt))
}

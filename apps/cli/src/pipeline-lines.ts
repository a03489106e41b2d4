import type { Pipeline, PipelineItem, RoutineRun } from "@aegis/client"
import { duration } from "./event-printer.ts"
import { fit, headline, type Output, pad, visible } from "./output.ts"

type Stage = Pipeline["stages"][number]

type Status = PipelineItem["status"] | Stage["status"] | RoutineRun["status"]

/** How a status is shown, of a pipeline, of a stage or of a routine's run. */
export function colorOfStatus(status: Status, { colors }: Output) {
  if (status === "completed") return colors.green
  if (status === "failed") return colors.red
  return status === "running" ? colors.cyan : colors.dim
}

const marks: Readonly<Record<Stage["status"], string>> = {
  pending: "·",
  running: "…",
  completed: "✓",
  failed: "✗",
  skipped: "-",
  cancelled: "-",
}

/** A pipeline, and a line for each of its stages. */
export function pipelineLines(pipeline: Pipeline, output: Output): readonly string[] {
  const { colors } = output
  const { id, name, status, reason, stages } = pipeline
  const widths = {
    name: Math.min(30, Math.max(...stages.map((stage) => visible(stage.name).length))),
    took: Math.max(...stages.map((stage) => tookOf(stage).length)),
  }
  return [
    `${colors.bold(visible(name))}  ${colorOfStatus(status, output)(status)}  ${colors.dim(id)}`,
    ...stages.map((stage) => stageLine(stage, widths, output)),
    ...(reason === undefined || status === "completed" ? [] : [visible(reason)]),
  ]
}

function stageLine(stage: Stage, widths: { readonly name: number; readonly took: number }, output: Output) {
  const { colors } = output
  const mark = colorOfStatus(stage.status, output)(marks[stage.status])
  const name = pad(fit(visible(stage.name), widths.name), widths.name)
  const told = stage.error ? `${stage.error.code}: ${stage.error.message}` : (stage.output ?? waitsFor(stage))
  const rest = Math.max(10, output.columns - widths.name - widths.took - 20)
  const session = colors.dim(pad(stage.sessionId?.slice(0, 8) ?? "", 8))
  return `  ${mark} ${name}  ${session}  ${colors.dim(tookOf(stage).padStart(widths.took))}  ${fit(visible(headline(told)), rest)}`.trimEnd()
}

function waitsFor({ status, dependsOn }: Stage) {
  return status === "pending" && dependsOn.length > 0 ? `after ${dependsOn.join(", ")}` : ""
}

function tookOf({ startedAt, endedAt }: Stage) {
  if (startedAt === undefined) return ""
  return duration((endedAt === undefined ? Date.now() : Date.parse(endedAt)) - Date.parse(startedAt))
}

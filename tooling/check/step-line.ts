import { styleText } from "node:util"

export interface StepOutcome {
  readonly ok: boolean
  readonly name: string
  readonly seconds: number
  readonly guards: string
}

/** One line about a step: cut to the terminal's width, coloured where that is wanted. */
export function toStepLine(
  { ok, name, seconds, guards }: StepOutcome,
  stream: NodeJS.WritableStream & { readonly columns?: number },
) {
  const rest = ` ${name.padEnd(14)} ${seconds.toFixed(1).padStart(5)} s  ${guards}`
  return styleText(ok ? "green" : "red", ok ? "✓" : "✗", { stream }) + cut(rest, (stream.columns ?? 1000) - 1)
}

function cut(text: string, width: number) {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`
}

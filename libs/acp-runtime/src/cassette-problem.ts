import type { CassetteFrame } from "./cassette.ts"
import type { Difference } from "./first-difference.ts"
import type { JsonRecord } from "./json-record.ts"
import { kindOf } from "./rpc-kind.ts"

/** Something else came than what is recorded next. */
export function nothingMore(before: CassetteFrame | undefined, came: JsonRecord, expected?: CassetteFrame) {
  if (expected) return expecting(expected, `${nameOf(came)} came`)
  const where = before ? `after its line ${before.line}` : "for this process"
  return `The cassette has nothing more ${where}, and ${nameOf(came)} came.`
}

export function expecting({ line, frame }: CassetteFrame, problem: string) {
  return `The cassette goes on with ${frame ? nameOf(frame) : "a line that is no JSON"} (its line ${line}), and ${problem}.`
}

export function differing({ path, recorded, came }: Difference) {
  return `it is another one: at ${path} ${shown(recorded)} was recorded, and ${shown(came)} came`
}

const LONGEST = 200

function shown(value: unknown) {
  if (value === undefined) return "nothing"
  const text = JSON.stringify(value)
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}

function nameOf(frame: JsonRecord) {
  return kindOf(frame) === "reply" ? `the reply to the agent's request ${shown(frame.id)}` : String(frame.method)
}

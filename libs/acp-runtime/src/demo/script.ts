import { RequestError } from "@agentclientprotocol/sdk/unstable"

/** A line of a script: its word, and the rest with `\n` as a line break. */
export interface ScriptStep {
  readonly line: number
  readonly word: string
  readonly rest: string
}

/** The steps of a prompt whose first line is `#script`; undefined for any other prompt. */
export function readScript(prompt: string): readonly ScriptStep[] | undefined {
  const [first, ...lines] = prompt.split("\n").map((line) => line.trim())
  if (first !== "#script") return undefined
  const steps = lines.map((text, index) => toStep(text, index + 2))
  return steps.filter(({ word }) => word !== "" && !word.startsWith("//"))
}

/** What is played before the prompt is answered, and what only afterwards. */
export function splitAtLater(steps: readonly ScriptStep[] | undefined) {
  const at = steps?.findIndex(({ word }) => word === "later") ?? -1
  return at < 0 ? { steps, later: [] } : { steps: steps?.slice(0, at), later: steps?.slice(at + 1) ?? [] }
}

function toStep(text: string, line: number): ScriptStep {
  const [word = "", ...rest] = text.split(" ")
  return { line, word, rest: rest.join(" ").trim() }
}

export function textOf({ rest }: ScriptStep) {
  return rest.replaceAll("\\n", "\n")
}

/** The step's numbers; `count` of them must be there. */
export function numbersOf(step: ScriptStep, count: number): readonly number[] {
  const numbers = step.rest.split(/\s+/).slice(0, count).map(Number)
  if (step.rest === "" || numbers.length < count || !numbers.every(Number.isFinite))
    throw wrong(step, `needs ${count} numbers`)
  return numbers
}

/** The step's first words, and what follows them. */
export function wordsOf(step: ScriptStep, count: number): readonly string[] {
  const parts = step.rest.split(" ")
  return [...parts.slice(0, count), parts.slice(count).join(" ").replaceAll("\\n", "\n")]
}

export function wrong({ line, word }: ScriptStep, problem: string) {
  return new RequestError(-32602, `Line ${line} of the script: "${word}" ${problem}.`)
}

import type { TemplateFields } from "./events.ts"
import { withoutUndefined } from "./evolve.ts"
import { SessionError } from "./session-error.ts"

/** What a template leaves open: `{{name}}`, or `{{name=what it is otherwise}}`. */
export interface TemplateVariable {
  readonly name: string
  /** Absent: somebody has to say. */
  readonly default?: string
}

/** In characters: no prompt may be longer. */
const LONGEST = 100_000
const PLACE = /\{\{\s*([A-Za-z_]\w{0,63})\s*(?:=([^{}]*))?\}\}/g

/** What can be left open, each once, in the order of its first place; the first default that is given holds for all. */
export function variablesOf(template: TemplateFields): readonly TemplateVariable[] {
  const found = new Map<string, TemplateVariable>()
  for (const text of textsOf(template))
    for (const [, name = "", otherwise] of text.matchAll(PLACE)) {
      const before = found.get(name)
      if (before?.default === undefined) found.set(name, { name, ...withoutUndefined({ default: otherwise?.trim() }) })
    }
  return [...found.values()]
}

/** With everything said; or `template-variables`: what is missing, or what it does not have. Values are taken as they are. */
export function fillTemplate(template: TemplateFields, values: Readonly<Record<string, string>>): TemplateFields {
  const variables = variablesOf(template)
  const known = new Map(variables.map((variable) => [variable.name, variable.default]))
  const unknown = Object.keys(values).filter((name) => !known.has(name))
  if (unknown.length > 0) throw refusal(`has no variable ${unknown.join(", ")}`, variables)
  const missing = variables.filter((each) => each.default === undefined && !Object.hasOwn(values, each.name))
  if (missing.length > 0) throw refusal(`needs a value for ${missing.map(({ name }) => name).join(", ")}`, variables)
  const said = (name: string) => (Object.hasOwn(values, name) ? values[name] : known.get(name)) ?? ""
  const fill = (text: string) => {
    // Before it is made: a place is some characters, and what comes into it may be a hundred thousand.
    const places = [...text.matchAll(PLACE)].map(([place, name = ""]) => said(name).length - place.length)
    if (places.reduce((length, more) => length + more, text.length) > LONGEST)
      throw refusal(`comes to more than ${LONGEST.toLocaleString("en")} characters with these variables`, variables)
    return text.replaceAll(PLACE, (_, name: string) => said(name))
  }
  const { workDir, prompt, labels, ...rest } = template
  const filled = {
    workDir: workDir === undefined ? undefined : fill(workDir),
    prompt: prompt === undefined ? undefined : fill(prompt),
    labels: labels && Object.fromEntries(Object.entries(labels).map(([name, text]) => [name, fill(text)])),
  }
  return { ...rest, ...withoutUndefined(filled) }
}

function textsOf({ workDir = "", prompt = "", labels = {} }: TemplateFields) {
  return [workDir, prompt, ...Object.values(labels)]
}

function refusal(what: string, variables: readonly TemplateVariable[]) {
  const names = variables.map(({ name }) => name).join(", ")
  return new SessionError(
    "template-variables",
    `The template ${what}. ${names === "" ? "It has none." : `It has: ${names}.`}`,
  )
}

/** A field of an agent's question, from the JSON schema of its answer. */
export interface AnswerField {
  readonly name: string
  readonly label: string
  readonly hint?: string
  readonly isRequired: boolean
  readonly input:
    | { readonly type: "choice"; readonly many: boolean; readonly choices: readonly Choice[] }
    | { readonly type: "text" | "number" | "boolean" }
}

export interface Choice {
  readonly value: string
  readonly label: string
  readonly hint?: string
}

interface Property {
  readonly type?: string
  readonly title?: string
  readonly description?: string
  readonly oneOf?: readonly { readonly const: string; readonly title?: string; readonly description?: string }[]
  readonly anyOf?: Property["oneOf"]
  readonly enum?: readonly string[]
  readonly enumNames?: readonly string[]
  readonly items?: Property
}

interface AnswerSchema {
  readonly properties?: Readonly<Record<string, Property>>
  readonly required?: readonly string[]
}

/** The fields to ask for, in the schema's order. */
export function answerFields(schema: Readonly<Record<string, unknown>>): readonly AnswerField[] {
  const { properties = {}, required = [] } = schema as AnswerSchema
  return Object.entries(properties).map(([name, property]) => ({
    name,
    label: property.title ?? name,
    ...(property.description === undefined ? {} : { hint: property.description }),
    isRequired: required.includes(name),
    input: inputOf(property),
  }))
}

function inputOf(property: Property): AnswerField["input"] {
  const many = property.type === "array"
  const choices = choicesOf(many ? (property.items ?? {}) : property)
  if (choices.length > 0) return { type: "choice", many, choices }
  if (property.type === "number" || property.type === "integer") return { type: "number" }
  return { type: property.type === "boolean" ? "boolean" : "text" }
}

function choicesOf({ oneOf, anyOf, enum: values = [], enumNames = [] }: Property): readonly Choice[] {
  const named = oneOf ?? anyOf
  if (named)
    return named.map(({ const: value, title = value, description }) => ({
      value,
      label: title,
      ...(description === undefined ? {} : { hint: description }),
    }))
  return values.map((value, index) => ({ value, label: enumNames[index] ?? value }))
}

/** The answer's content from what a form has; what was left empty is left out. */
export function answerContent(fields: readonly AnswerField[], form: FormData): Record<string, unknown> {
  const entries = fields.map(({ name, input }) => [name, givenValue(input, form.getAll(name).map(String))] as const)
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

function givenValue(input: AnswerField["input"], given: readonly string[]) {
  if (input.type === "boolean") return given.length > 0
  const filled = given.filter((text) => text.trim() !== "")
  if (filled.length === 0) return undefined
  if (input.type === "choice" && input.many) return filled
  return input.type === "number" ? Number(filled[0]) : filled[0]
}

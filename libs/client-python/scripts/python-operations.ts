import { methodsOf, type OpenApiDocument, type PlacedOperation, type Schema } from "./open-api.ts"
import { type Code, docString, importBlock, importFrom, layOut, wordsOf } from "./python-layout.ts"
import { pascalCase, snakeCase } from "./python-names.ts"
import { isNullable, orNone, type PythonTypes, unionOf } from "./python-types.ts"

interface Argument {
  readonly wire: string
  readonly name: string
  readonly type: string
  readonly isRequired: boolean
  readonly description: string | undefined
}

/** operations.py: a class with a method per operation. */
export function operationsFile(document: OpenApiDocument, types: PythonTypes) {
  const methods = methodsOf(document).map((operation) => methodOf(operation, { document, types }))
  const body = methods.join("\n\n")
  const words = wordsOf(`Caller ${body}`)
  const models = [...types.definitions.keys()].filter((name) => words.has(name))
  const sorted = models.toSorted((one, other) => (one.toLowerCase() < other.toLowerCase() ? -1 : 1))
  return `"""Generated from the contract by scripts/generate.ts."""

from __future__ import annotations

${importBlock(words, IMPORTS)}${importFrom(".models", sorted)}

class Operations(Caller):
    """Every operation of the contract as a method; a problem is raised as AegisProblem."""

${body}
`
}

const IMPORTS = [
  { "collections.abc": ["Mapping", "Sequence"], datetime: ["datetime"], typing: ["Any", "Literal"] },
  { pydantic: ["TypeAdapter"] },
  { "..caller": ["Call", "Caller", "new_key", "segment"], "..transport": ["Lines"], "..wire": ["UNSET", "Unset"] },
]

interface MethodOptions {
  readonly document: OpenApiDocument
  readonly types: PythonTypes
}

function methodOf(operation: PlacedOperation, { document, types }: MethodOptions) {
  const { operationId, summary, method, path, parameters = [] } = operation
  const inPlace = (place: string) =>
    parameters
      .filter((parameter) => parameter.in === place)
      .map(({ name, schema, required = false }) =>
        argument(name, { schema, required, owner: pascalCase(operationId), types }),
      )
  const inPath = inPlace("path")
  const inBody = apart("body", bodyOf(operation, { document, types }), inPath)
  // What is not in an address is not there: it has no way to say null.
  const asked = inPlace("query").map((one) => ({ ...one, type: one.type.replace(" | None", "") }))
  const inQuery = apart("query", asked, [...inPath, ...(inBody ?? [])])
  const takes = (header: string) => parameters.some(({ name }) => name === header)
  const all = [...inPath, ...(inBody ?? []), ...inQuery]
  const placed = [...inPath, ...(inBody ? byPosition(inBody) : [])]
  const named = all.filter((one) => !placed.includes(one))
  const { kind, type } = answerOf(operation, types)
  const signature: Code = {
    open: `def ${snakeCase(operationId)}(`,
    items: [
      "self",
      ...placed.map(parameter),
      "*",
      ...[...named.filter((one) => one.isRequired), ...named.filter((one) => !one.isRequired)].map(parameter),
      ...(takes("If-Match") ? ["if_version: int | None = None"] : []),
      ...(takes("Idempotency-Key") ? ["idempotency_key: str | None = None"] : []),
      "timeout: float | None = None",
    ],
    close: `) -> ${type}:`,
  }
  const nullable = (inBody ?? []).filter((one) => isNullable(one.type)).map(({ wire }) => `"${wire}"`)
  const call: Code = {
    open: "call = Call(",
    items: [
      `"${method}"`,
      pathOf(path),
      ...(inQuery.length > 0 ? [dictionary("query=", inQuery)] : []),
      ...(inBody ? [dictionary("body=", inBody)] : []),
      ...(nullable.length > 0 ? [`nullable=[${nullable.join(", ")}]`] : []),
      ...(takes("Idempotency-Key") ? ["idempotency_key=idempotency_key or new_key()"] : []),
      ...(takes("If-Match") ? ["if_version=if_version"] : []),
      "timeout=timeout",
    ],
    close: ")",
  }
  const described = all
    .filter(({ description }) => description)
    .map(({ name, description }) => `${name}: ${description}`)
  const doc = [`${summary}.`, ...(described.length > 0 ? ["", ...described] : [])].join("\n")
  return [
    layOut(signature, "    "),
    docString(doc, "        "),
    layOut(call, "        "),
    ...(kind === "_value" ? [`        kind: TypeAdapter[${type}] = TypeAdapter(${type})`] : []),
    `        return self.${kind}(${{ _model: `${type}, `, _value: "kind, " }[kind] ?? ""}call)`,
  ].join("\n")
}

interface ArgumentOptions {
  readonly schema: Schema
  readonly required: boolean
  readonly owner: string
  readonly types: PythonTypes
}

function argument(wire: string, { schema, required, owner, types }: ArgumentOptions): Argument {
  const type = types.typeOf(schema, { name: owner + pascalCase(wire), isWish: true })
  return { wire, name: snakeCase(wire), type, isRequired: required, description: schema.description }
}

// The fields of a body are arguments.
function bodyOf({ operationId, requestBody }: PlacedOperation, { document, types }: MethodOptions) {
  if (requestBody === undefined) return undefined
  const given = requestBody.content["application/json"]?.schema ?? {}
  const component = given.$ref?.split("/").at(-1)
  const schema = component === undefined ? given : (document.components.schemas[component] ?? {})
  if (schema.properties === undefined)
    throw new Error(`${operationId} takes something else than an object: teach python-operations.ts.`)
  const owner = component ?? pascalCase(operationId)
  return Object.entries(schema.properties).map(([wire, property]) =>
    argument(wire, { schema: property, required: schema.required?.includes(wire) ?? false, owner, types }),
  )
}

const OF_EVERY_CALL = ["self", "call", "timeout", "if_version", "idempotency_key"]

// What another place has a name for already gets its own place's before it.
function apart<Given extends readonly Argument[] | undefined>(
  place: string,
  given: Given,
  before: readonly Argument[],
) {
  const taken = new Set([...OF_EVERY_CALL, ...before.map(({ name }) => name)])
  return given?.map((one) => (taken.has(one.name) ? { ...one, name: `${place}_${one.name}` } : one)) as Given
}

// What a body must have, or else what it has first: `send_message(id, "Hello")`.
function byPosition(body: readonly Argument[]) {
  const required = body.filter(({ isRequired }) => isRequired)
  return required.length > 0 ? required : body.slice(0, 1)
}

function parameter({ name, type, isRequired }: Argument) {
  if (isRequired) return `${name}: ${type}`
  return isNullable(type) ? `${name}: ${unionOf([type, "Unset"])} = UNSET` : `${name}: ${orNone(type)} = None`
}

function pathOf(path: string) {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => `{segment(${snakeCase(name)})}`)
  return filled === path ? `"${path}"` : `f"${filled}"`
}

function dictionary(open: string, given: readonly Argument[]): Code {
  return { open: `${open}{`, items: given.map(({ wire, name }) => `"${wire}": ${name}`), close: "}" }
}

function answerOf({ operationId, responses }: PlacedOperation, types: PythonTypes) {
  const contents = Object.entries(responses)
    .filter(([status]) => status.startsWith("2"))
    .flatMap(([, { content = {} }]) => Object.entries(content))
  const media = contents.map(([type]) => type)
  if (media.some((type) => type === "application/x-ndjson" || type === "text/csv"))
    return { kind: "_lines", type: "Lines" }
  if (media.includes("text/plain")) return { kind: "_text", type: "str" }
  if (media.length === 0) return { kind: "_nothing", type: "None" }
  const answers = contents.map(([, { schema }]) => types.typeOf(schema, { name: `${pascalCase(operationId)}Answer` }))
  const type = unionOf(answers)
  return types.definitions.get(type)?.startsWith("class ") ? { kind: "_model", type } : { kind: "_value", type }
}

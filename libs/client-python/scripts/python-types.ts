import type { Schema } from "./open-api.ts"
import { type Code, docString, layOut } from "./python-layout.ts"
import { pascalCase, singular, snakeCase, wireName } from "./python-names.ts"

/** A literal that is longer gets a name of its own. */
const LONGEST_LITERAL = 60

interface TypeOptions {
  /** What a schema without a name is called, should it need one. */
  readonly name: string
  /** For an argument: plain mappings stand for models, and only what is known today may be given. */
  readonly isWish?: boolean
}

/** Python's types for schemas, and the models that they need: each is made when it is first asked for. */
export class PythonTypes {
  readonly definitions = new Map<string, string>()
  readonly #schemas: Readonly<Record<string, Schema>>
  /** What each class was made from. */
  readonly #shapes = new Map<string, string>()

  constructor(schemas: Readonly<Record<string, Schema>>) {
    this.#schemas = schemas
  }

  /** How a schema is annotated. */
  typeOf(schema: Schema, options: TypeOptions): string {
    const { name, isWish = false } = options
    if (schema.$ref !== undefined) return this.#reference(schema.$ref, isWish)
    if (schema.allOf !== undefined) return this.#allOf(schema.allOf, options)
    if (schema.oneOf?.every(({ properties }) => properties !== undefined))
      return this.typeOf(oneObjectOf(schema.oneOf), options)
    const choices = schema.anyOf ?? schema.oneOf
    if (choices !== undefined) return unionOf(choices.map((choice) => this.typeOf(choice, options)))
    if (schema.enum !== undefined) return this.#literal(schema.enum, options)
    const types = [schema.type ?? []].flat()
    if (types.length > 1) return unionOf(types.map((type) => this.typeOf({ ...schema, type }, options)))
    switch (types[0]) {
      case "null":
        return "None"
      case "boolean":
        return "bool"
      case "integer":
        return "int"
      case "number":
        return "float"
      case "string":
        return schema.format === "date-time" ? "datetime" : "str"
      case "array": {
        const item = this.typeOf(schema.items ?? {}, { ...options, name: singular(name) })
        return `${isWish ? "Sequence" : "list"}[${item}]`
      }
      case "object":
        return schema.properties ? this.#model(schema, options) : this.#dictionary(schema, options)
      default:
        return "Any"
    }
  }

  /** A class for an object; gives its name. */
  define(name: string, schema: Schema, { base = "Model", fixed = {} }: DefineOptions = {}) {
    const shape = JSON.stringify([schema, base, fixed])
    if (this.#shapes.get(name) === shape) return name
    if (this.definitions.has(name)) throw new Error(`Two things would be called ${name}: teach python-types.ts.`)
    this.#shapes.set(name, shape)
    this.definitions.set(name, "")
    const fields = Object.entries(schema.properties ?? {}).map(([wire, property]) => {
      const isRequired = schema.required?.includes(wire) ?? false
      const type = fixed[wire] ?? this.typeOf(property, { name: name + pascalCase(wire) })
      return field(wire, { type, isRequired, description: property.description })
    })
    const parts = [...(schema.description ? [`${docString(schema.description, "    ")}\n`] : []), ...fields]
    // What it needs has been defined meanwhile, and stands before it.
    this.definitions.delete(name)
    this.definitions.set(name, `class ${name}(${base}):\n${parts.length > 0 ? parts.join("\n") : "    pass"}`)
    return name
  }

  #reference($ref: string, isWish: boolean): string {
    const name = $ref.split("/").at(-1) ?? ""
    const schema = this.#schemas[name]
    if (schema === undefined) throw new Error(`The document refers to ${$ref}, which it does not have.`)
    if (!schema.properties && !schema.allOf) return this.typeOf(schema, { name, isWish })
    if (schema.allOf) this.#allOf(schema.allOf, { name, isWish })
    else this.define(name, schema)
    return isWish ? `${name} | Mapping[str, Any]` : name
  }

  // What another one has, and more; or just another one, with words of its own about it.
  #allOf(parts: readonly Schema[], { name, isWish = false }: TypeOptions) {
    const [base, ...others] = parts.map((part) => part.$ref).filter((ref) => ref !== undefined)
    const own = parts.filter(({ properties }) => properties !== undefined)
    if (base === undefined || others.length > 0) throw new Error(`${name} is all of several: teach python-types.ts.`)
    const type = this.#reference(base, isWish)
    const [more] = own
    return more === undefined ? type : this.define(name, more, { base: this.#reference(base, false) })
  }

  #model(schema: Schema, { name, isWish = false }: TypeOptions) {
    const type = this.define(this.#unnamed(name), schema)
    return isWish ? `${type} | Mapping[str, Any]` : type
  }

  // The document's own names are for what it names.
  #unnamed(name: string) {
    return name in this.#schemas ? `${name}Value` : name
  }

  #dictionary({ additionalProperties }: Schema, options: TypeOptions) {
    const values = typeof additionalProperties === "object" ? additionalProperties : {}
    const type = this.typeOf(values, { ...options, name: singular(options.name) })
    return `${options.isWish ? "Mapping" : "dict"}[str, ${type}]`
  }

  #literal(values: readonly (string | number | boolean)[], { name, isWish = false }: TypeOptions) {
    const code: Code = { open: "Literal[", items: values.map(pythonValue), close: "]" }
    const flat = layOut(code)
    const alias = this.#unnamed(name)
    const isLong = flat.length > LONGEST_LITERAL
    if (isLong) {
      const definition = layOut({ ...code, open: `${alias}: TypeAlias = Literal[` })
      if ((this.definitions.get(alias) ?? definition) !== definition)
        throw new Error(`Two things would be called ${alias}: teach python-types.ts.`)
      this.definitions.set(alias, definition)
    }
    const type = isLong ? alias : flat
    return isWish ? type : `Open[${type}]`
  }
}

interface DefineOptions {
  readonly base?: string
  /** Types of fields that are known better than the schema says. */
  readonly fixed?: Readonly<Record<string, string>>
}

interface FieldOptions {
  readonly type: string
  readonly isRequired: boolean
  readonly description?: string | undefined
}

function field(wire: string, { type, isRequired, description }: FieldOptions) {
  const name = snakeCase(wire)
  const aliases = `validation_alias="${wire}", serialization_alias="${wire}"`
  const isPlain = wireName(name) === wire
  const value = isRequired
    ? isPlain
      ? ""
      : ` = Field(${aliases})`
    : isPlain
      ? " = None"
      : ` = Field(None, ${aliases})`
  const line = `    ${name}: ${isRequired ? type : orNone(type)}${value}`
  return description ? `${line}\n${docString(description, "    ")}` : line
}

/** The same type, or nothing. */
export function orNone(type: string) {
  return type === "Any" || isNullable(type) ? type : `${type} | None`
}

/** Whether None is one of its values. */
export function isNullable(type: string) {
  return type.split(" | ").includes("None")
}

/** One of several; None stands last, whatever the schema's order. */
export function unionOf(types: readonly string[]) {
  const distinct = [...new Set(types.flatMap((type) => type.split(" | ")))]
  if (distinct.includes("Any")) return "Any"
  return [...distinct.filter((type) => type !== "None"), ...distinct.filter((type) => type === "None")].join(" | ")
}

// Objects of which a thing is one are one class here, with all that any of them may have: none of them is told apart by
// trying, and one that comes later is read too.
function oneObjectOf(choices: readonly Schema[]): Schema {
  const names = [...new Set(choices.flatMap(({ properties = {} }) => Object.keys(properties)))]
  const properties = Object.fromEntries(
    names.map((name) => [name, mergedOf(choices.flatMap(({ properties = {} }) => properties[name] ?? []))]),
  )
  return {
    type: "object",
    properties,
    required: names.filter((name) => choices.every((one) => one.required?.includes(name))),
  }
}

function mergedOf(schemas: readonly Schema[]): Schema {
  const [first = {}, ...others] = schemas
  if (others.every((other) => JSON.stringify(other) === JSON.stringify(first))) return first
  if (schemas.every((schema) => schema.enum !== undefined))
    return { ...first, enum: [...new Set(schemas.flatMap((schema) => schema.enum ?? []))] }
  return { anyOf: schemas }
}

function pythonValue(value: string | number | boolean) {
  return typeof value === "boolean" ? (value ? "True" : "False") : JSON.stringify(value)
}

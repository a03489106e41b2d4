import fc from "fast-check"
import type { Contract, Schema } from "./contract.ts"
import { textArbitrary } from "./odd-text.ts"

/** Values that are worth more than any, by the name of the field. */
export type Hints = Readonly<Record<string, fc.Arbitrary<unknown>>>

/** Values that a schema of the document allows. */
export function valueArbitrary(schema: Schema, { contract, hints }: ValueOptions): fc.Arbitrary<unknown> {
  const known = contract.resolve(schema)
  if (known.enum) return fc.constantFrom(...known.enum)
  if (known.const !== undefined) return fc.constant(known.const)
  if (known.anyOf) return fc.oneof(...known.anyOf.map((each) => valueArbitrary(each, { contract, hints })))
  const types = [known.type ?? []].flat()
  if (types.length > 1) return fc.oneof(...types.map((type) => valueArbitrary({ ...known, type }, { contract, hints })))
  switch (types[0]) {
    case "string":
      return stringArbitrary(known)
    case "integer":
      return fc.integer({ min: known.minimum ?? -5, max: Math.min(known.maximum ?? 2 ** 31, 2 ** 31 - 1) })
    case "number":
      return fc.double({ noNaN: true, noDefaultInfinity: true })
    case "boolean":
      return fc.boolean()
    case "null":
      return fc.constant(null)
    case "array": {
      const { minItems = 0, maxItems = 5 } = known
      const items = valueArbitrary(known.items ?? {}, { contract, hints })
      return fc.array(items, { minLength: minItems, maxLength: Math.max(minItems, Math.min(maxItems, 5)) })
    }
    case "object":
      return objectArbitrary(known, { contract, hints })
    default:
      return fc.jsonValue({ maxDepth: 3 })
  }
}

interface ValueOptions {
  readonly contract: Contract
  readonly hints: Hints
}

function stringArbitrary({ pattern, format, minLength, maxLength }: Schema) {
  if (format === "date-time")
    return fc
      .date({ min: new Date("2000-01-01"), max: new Date("2100-01-01"), noInvalidDate: true })
      .map((date) => date.toISOString())
  if (format === "uuid") return fc.uuid()
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern), { size: "small" })
  return textArbitrary({ minLength, maxLength })
}

function objectArbitrary({ properties = {}, required = [], additionalProperties }: Schema, options: ValueOptions) {
  const own = Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, options.hints[name] ?? valueArbitrary(schema, options)]),
  )
  const record = fc.record(own, { requiredKeys: [...required] })
  if (additionalProperties === undefined || additionalProperties === false) return record
  const values =
    additionalProperties === true ? fc.jsonValue({ maxDepth: 2 }) : valueArbitrary(additionalProperties, options)
  const more = fc.dictionary(textArbitrary({ minLength: 1, maxLength: 40 }), values, { maxKeys: 4 })
  return fc.tuple(more, record).map(([others, value]) => ({ ...others, ...value }))
}

import { isRecord } from "./json-record.ts"

/**
 * What a value from an agent must look like: as much of the protocol's JSON schema as reading it safely needs.
 * - a word: a primitive, or `#Name`: another shape of the table
 * - `fields`: an object; members that are not listed pass untouched, a wrong `lenient` one is taken out
 * - `list`: with `skips`, wrong items are taken out
 * - `tag`: an object whose kind stands in one member; kinds that are not listed pass, `otherwise` is for no kind at all
 */
export type Shape =
  | "any"
  | "boolean"
  | "integer"
  | "natural"
  | "null"
  | "number"
  | "object"
  | "string"
  | `#${string}`
  | { readonly and: readonly Shape[] }
  | { readonly or: readonly Shape[] }
  | ListShape
  | { readonly map: Shape }
  | FieldsShape
  | TaggedShape

interface ListShape {
  readonly list: Shape
  readonly skips?: boolean
}

interface TaggedShape {
  readonly tag: string
  readonly variants: Readonly<Record<string, Shape>>
  readonly otherwise?: Shape
}

interface FieldsShape {
  readonly fields: Readonly<Record<string, Shape>>
  readonly required: readonly string[]
  readonly lenient: readonly string[]
}

export type Shapes = Readonly<Record<string, Shape>>

/** `dropped` names the members that were wrong and not needed; they are missing in `value`. */
export type Fitting =
  | { readonly fits: true; readonly value: unknown; readonly dropped: readonly string[] }
  | { readonly fits: false; readonly reason: string }

/** Checks a value against a shape of the table. Never throws; the value itself is not changed. */
export function fit(shapes: Shapes, name: string, value: unknown): Fitting {
  const fitting = fitShape(shapes, `#${name}`, value)
  return fitting.fits ? fitting : { fits: false, reason: fitting.reason.replace(/^: /, "") }
}

function fitShape(shapes: Shapes, shape: Shape, value: unknown): Fitting {
  if (typeof shape === "string") return fitWord(shapes, shape, value)
  if ("and" in shape) return fitAll(shapes, shape.and, value)
  if ("or" in shape) return fitAny(shapes, shape.or, value)
  if ("list" in shape) return fitList(shapes, shape, value)
  if ("map" in shape) return fitMap(shapes, shape.map, value)
  if ("fields" in shape) return fitFields(shapes, shape, value)
  return fitTagged(shapes, shape, value)
}

function fitWord(shapes: Shapes, word: string, value: unknown): Fitting {
  if (word.startsWith("#")) return fitShape(shapes, shapes[word.slice(1)] ?? "any", value)
  return isOfKind(word, value) ? whole(value) : unexpected(word, value)
}

function isOfKind(word: string, value: unknown) {
  if (word === "any") return true
  if (word === "integer") return Number.isInteger(value)
  if (word === "natural") return Number.isInteger(value) && Number(value) >= 0
  if (word === "number") return Number.isFinite(value)
  return kindOf(value) === word
}

function fitAll(shapes: Shapes, all: readonly Shape[], value: unknown): Fitting {
  const dropped: string[] = []
  let fitted = value
  for (const shape of all) {
    const fitting = fitShape(shapes, shape, fitted)
    if (!fitting.fits) return fitting
    fitted = fitting.value
    dropped.push(...fitting.dropped)
  }
  return { fits: true, value: fitted, dropped }
}

function fitAny(shapes: Shapes, any: readonly Shape[], value: unknown): Fitting {
  let first: Fitting | undefined
  for (const shape of any) {
    const fitting = fitShape(shapes, shape, value)
    if (fitting.fits) return fitting
    first ??= fitting
  }
  return first ?? whole(value)
}

function fitList(shapes: Shapes, { list, skips }: ListShape, value: unknown): Fitting {
  if (!Array.isArray(value)) return unexpected("list", value)
  const kept: unknown[] = []
  const dropped: string[] = []
  for (const [index, item] of value.entries()) {
    const fitting = inside(String(index), fitShape(shapes, list, item))
    if (!fitting.fits && !skips) return fitting
    if (fitting.fits) kept.push(fitting.value)
    dropped.push(...(fitting.fits ? fitting.dropped : [fitting.reason]))
  }
  return { fits: true, value: dropped.length === 0 ? value : kept, dropped }
}

function fitMap(shapes: Shapes, shape: Shape, value: unknown): Fitting {
  if (!isRecord(value)) return unexpected("object", value)
  const fields = Object.fromEntries(Object.keys(value).map((key) => [key, shape]))
  return fitFields(shapes, { fields, required: [], lenient: [] }, value)
}

function fitFields(shapes: Shapes, { fields, required, lenient }: FieldsShape, value: unknown): Fitting {
  if (!isRecord(value)) return unexpected("object", value)
  const missing = required.find((key) => !Object.hasOwn(value, key))
  if (missing !== undefined) return { fits: false, reason: `${missing}: is missing` }
  const fitted = new Map<string, unknown>()
  const dropped: string[] = []
  for (const [key, shape] of Object.entries(fields)) {
    if (!Object.hasOwn(value, key)) continue
    const fitting = inside(key, fitShape(shapes, shape, value[key]))
    if (!fitting.fits && !lenient.includes(key)) return fitting
    if (fitting.fits && fitting.dropped.length === 0) continue
    fitted.set(key, fitting.fits ? fitting.value : undefined)
    dropped.push(...(fitting.fits ? fitting.dropped : [fitting.reason]))
  }
  return { fits: true, value: fitted.size === 0 ? value : replaceMembers(value, fitted), dropped }
}

function replaceMembers(value: Readonly<Record<string, unknown>>, fitted: ReadonlyMap<string, unknown>) {
  const members = Object.entries(value).map(
    ([key, member]) => [key, fitted.has(key) ? fitted.get(key) : member] as const,
  )
  return Object.fromEntries(members.filter(([, member]) => member !== undefined))
}

function fitTagged(shapes: Shapes, { tag, variants, otherwise }: TaggedShape, value: unknown): Fitting {
  if (!isRecord(value)) return unexpected("object", value)
  const kind = Object.hasOwn(value, tag) ? value[tag] : undefined
  if (typeof kind !== "string") {
    return otherwise === undefined ? { fits: false, reason: `${tag}: is missing` } : fitShape(shapes, otherwise, value)
  }
  const variant = Object.hasOwn(variants, kind) ? variants[kind] : undefined
  return variant === undefined ? whole(value) : fitShape(shapes, variant, value)
}

function whole(value: unknown): Fitting {
  return { fits: true, value, dropped: [] }
}

function unexpected(wanted: string, value: unknown): Fitting {
  return { fits: false, reason: `: expected ${wanted}, found ${kindOf(value)}` }
}

/** Puts the member's name before what was found in it. */
function inside(key: string, fitting: Fitting): Fitting {
  if (!fitting.fits) return { fits: false, reason: prefix(key, fitting.reason) }
  return fitting.dropped.length === 0
    ? fitting
    : { ...fitting, dropped: fitting.dropped.map((reason) => prefix(key, reason)) }
}

function prefix(key: string, reason: string) {
  return reason.startsWith(":") ? key + reason : `${key}.${reason}`
}

function kindOf(value: unknown) {
  if (value === null) return "null"
  return Array.isArray(value) ? "list" : typeof value
}

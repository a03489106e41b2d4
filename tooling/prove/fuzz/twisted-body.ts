import fc from "fast-check"
import { anyText, oddTexts } from "./odd-text.ts"

/** A body as it is sent: text, or bytes that are none. */
export type Body = string | Uint8Array

/** A body that would be good but for one thing. */
export function twistedBody(valid: fc.Arbitrary<unknown>): fc.Arbitrary<Body> {
  return fc.oneof(
    {
      weight: 5,
      arbitrary: fc
        .tuple(valid, fc.nat(), fc.constantFrom(...twists))
        .map(([value, at, twist]) => JSON.stringify(twist(structuredClone(value), at)) ?? ""),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(valid, fc.nat(), fc.constantFrom(...textTwists))
        .map(([value, at, twist]) => twist(JSON.stringify(value), at)),
    },
  )
}

/** Bodies that have nothing to do with any schema. */
export const anyBody: fc.Arbitrary<Body> = fc.oneof(
  fc.json({ maxDepth: 4 }),
  anyText({ maxLength: 200 }),
  fc.uint8Array({ maxLength: 200 }),
  fc.constantFrom("", "null", "[]", "{}", '""', "0", "true", "[[[[]]]]", '{"":""}', " ", "\ufeff{}", "{}{}"),
)

type Twist = (value: unknown, at: number) => unknown

/** Each replaces one of the places of the value, or puts something in. */
const twists: readonly Twist[] = [
  ...[null, true, 0, -1, 1.5, 1e308, -0, 2 ** 53, "", "x", [], {}, [[]], { a: { b: [] } }].map(
    (other): Twist =>
      (value, at) =>
        replaceAt(value, at, () => other),
  ),
  ...oddTexts.map(
    (text): Twist =>
      (value, at) =>
        replaceAt(value, at, () => text),
  ),
  (value, at) => replaceAt(value, at, (old) => [old]),
  (value, at) => replaceAt(value, at, (old) => ({ value: old })),
  (value, at) => replaceAt(value, at, (old) => String(old)),
  (value, at) => replaceAt(value, at, () => "x".repeat(100_001)),
  (value, at) => replaceAt(value, at, () => "€".repeat(5000)),
  (value, at) => replaceAt(value, at, () => Array.from({ length: 2000 }, () => "x")),
  (value, at) => replaceAt(value, at, () => Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`k${n}`, n]))),
  (value, at) => replaceAt(value, at, () => nested(2000)),
  (value, at) => removeAt(value, at),
  (value) => withKey(value, "unknown", 1),
  (value) => withKey(value, "", ""),
  ...["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"].flatMap((key): Twist[] => [
    (value) => withKey(value, key, { isAdmin: true, role: "admin" }),
    (value) => withKey(value, key, "x"),
  ]),
]

type TextTwist = (text: string, at: number) => Body

const textTwists: readonly TextTwist[] = [
  (text, at) => text.slice(0, at % (text.length + 1)),
  (text) => `${text}x`,
  (text) => text + text,
  (text) => `\ufeff${text}`,
  (text) => `\0${text}`,
  (text) => text.replaceAll('"', "'"),
  (text) => `/* */${text}`,
  (text) => text.replace(/^\{/, '{"name":"first","name":"second",'),
  (text) => text.replace(/\}$/, ',"workDir":"/","text":"twice","role":"viewer"}'),
  (text) => text.replace(/^\{/, '{"limit":1e400,'),
  (text) => text.replace(/:("[^"]*"|\d+|true|false|null)/, ":1e400"),
  (text) => text.replace(/:("[^"]*"|\d+|true|false|null)/, ":-1E-9999"),
  (text) => text.replace(/:("[^"]*"|\d+|true|false|null)/, ":NaN"),
  (text) => text.replace(/:("[^"]*"|\d+|true|false|null)/, `:${"9".repeat(400)}`),
  (text) => text.replace(/:("[^"]*"|\d+|true|false|null)/, `:"\\ud800"`),
  (text) => text.replace(/:("[^"]*"|\d+|true|false|null)/, `:"\\u0000"`),
  (text) => Buffer.from(text, "utf16le"),
  (text, at) => spliced(text, at, [0xff]),
  (text, at) => spliced(text, at, [0xc0, 0xaf]),
  (text, at) => spliced(text, at, [0xed, 0xa0, 0x80]),
  (text, at) => spliced(text, at, [0x00]),
]

function spliced(text: string, at: number, bytes: readonly number[]) {
  const whole = Buffer.from(text)
  const place = at % (whole.length + 1)
  return Buffer.concat([whole.subarray(0, place), Buffer.from(bytes), whole.subarray(place)])
}

type Place = readonly [parent: Record<string, unknown> | unknown[], key: string]

function placesOf(value: unknown): readonly Place[] {
  if (typeof value !== "object" || value === null) return []
  const parent = value as Record<string, unknown>
  return Object.keys(parent).flatMap((key) => [[parent, key] as const, ...placesOf(parent[key])])
}

function replaceAt(value: unknown, at: number, change: (old: unknown) => unknown) {
  const places = placesOf(value)
  // One more than there are: the whole of it.
  const place = places[at % (places.length + 1)]
  if (place === undefined) return change(value)
  const [parent, key] = place as [Record<string, unknown>, string]
  parent[key] = change(parent[key])
  return value
}

function removeAt(value: unknown, at: number) {
  const places = placesOf(value)
  const [parent, key] = (places[at % Math.max(1, places.length)] ?? []) as [Record<string, unknown>?, string?]
  if (parent !== undefined && key !== undefined) delete parent[key]
  return value
}

/** A member of its own, also where the name is one that every object has. */
function withKey(value: unknown, key: string, member: unknown) {
  if (typeof value !== "object" || value === null) return { [key]: member }
  Object.defineProperty(value, key, { value: member, enumerable: true, configurable: true, writable: true })
  return value
}

function nested(depth: number) {
  let value: unknown = []
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value }
  return value
}

/** Where two values of JSON part, and what stands there. */
export interface Difference {
  /** Names and indexes with dots between them; empty: the whole. */
  readonly path: string
  readonly recorded: unknown
  readonly came: unknown
}

/**
 * The first place where what came is not what was recorded. A mark of a secret that was hidden in the recording stands for
 * any text, and alone for any value.
 */
export function firstDifference(
  recorded: unknown,
  came: unknown,
  path: readonly string[] = [],
): Difference | undefined {
  if (typeof recorded === "string" && fitsText(recorded, came)) return undefined
  if (!isObject(recorded) || !isObject(came) || Array.isArray(recorded) !== Array.isArray(came))
    return Object.is(recorded, came) ? undefined : { path: path.join("."), recorded, came }
  for (const name of new Set([...Object.keys(recorded), ...Object.keys(came)])) {
    const difference = firstDifference(own(recorded, name), own(came, name), [...path, name])
    if (difference) return difference
  }
  return undefined
}

const MARK = /\[redacted: [a-z-]{1,40}\]/

function fitsText(recorded: string, came: unknown) {
  const parts = recorded.split(MARK)
  if (parts.length === 1) return recorded === came
  if (parts.every((part) => part === "")) return came !== undefined
  return typeof came === "string" && hasInOrder(came, parts)
}

/** Whether a text is these parts with anything between them. Linear: each part is taken where it comes first. */
function hasInOrder(text: string, [first = "", ...others]: readonly string[]) {
  const last = others.pop() ?? ""
  if (!text.startsWith(first)) return false
  let from = first.length
  for (const part of others) {
    const at = text.indexOf(part, from)
    if (at < 0) return false
    from = at + part.length
  }
  return text.length - last.length >= from && text.endsWith(last)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null
}

function own(value: Readonly<Record<string, unknown>>, name: string) {
  return Object.hasOwn(value, name) ? value[name] : undefined
}

import canonicalize from "canonicalize"

/**
 * The canonical form (RFC 8785) of a value as the log holds it: half a character, which has no such form, is U+FFFD there
 * (spec/events.md). Of nothing, nothing.
 */
export function canonical(value: unknown): string {
  const json = JSON.stringify(value) ?? ""
  return canonicalize(/\\ud[89a-f]/.test(json) ? JSON.parse(json, withWholeCharacters) : value) ?? ""
}

function withWholeCharacters(_name: string, value: unknown): unknown {
  if (typeof value === "string") return value.toWellFormed()
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name.toWellFormed(), member]))
}

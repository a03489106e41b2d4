/** Where an unquoted value stands. */
export interface ValuePlace {
  readonly name: string
  readonly separator: string
  /** The characters before the name and behind the value. */
  readonly before: string
  readonly after: string
  /** Without blanks around the separator. */
  readonly isTight: boolean
}

const EMPTY =
  /^(?:string|number|boolean|bool|true|false|null|nil|none|undefined|any|unknown|never|void|object|symbol|bigint|str|int|bytes|optional|required|redacted|hidden|masked|secret|token|password|jwt|(?:bearer|basic|token) *|x{2,}|[^\p{L}\p{N}]*)$/iu

/** What says that a value belongs there, and is none. */
export function isPlaceholder(value: string) {
  return EMPTY.test(value) || /\$\{|\{\{|^\$[A-Za-z_(]|^<[^<>]*>$|^%[sdv]$|^%[A-Za-z_]+%$|^[!*]\w/.test(value)
}

/** Whether a value without quotes is rather an expression of a program, a type, or a word of a sentence. */
export function looksLikeCode(value: string, { name, separator, before, after, isTight }: ValuePlace) {
  const isAssigned = isTight && separator === "="
  const isSetting = /^[A-Z0-9_]+$/.test(name) || "?&".includes(before) || name.startsWith("-")
  if (isAssigned && isSetting) return "([".includes(after)
  if (/^-?\d{0,5}$/.test(value) || /^[/.~]|^[a-z][a-z0-9+.-]*:\/\//i.test(value)) return true
  if (!/^[A-Za-z_$][\w$-]*(?:[.:?!#]+[A-Za-z_$][\w$-]*)*[.:?!]*$/.test(value)) return false
  if (/[([]/.test(after) || value.includes(".")) return true
  if (/\d/.test(value)) return false
  return !isAlone(value, { before, after, separator, isAssigned })
}

/** A word that is all there is: a line of a file of settings, a part of a connection string. */
function isAlone(
  value: string,
  {
    before,
    after,
    separator,
    isAssigned,
  }: Pick<ValuePlace, "before" | "after" | "separator"> & { readonly isAssigned: boolean },
) {
  // A type, or a variable that is called like the member.
  if (/^[A-Z][a-z]+(?:[A-Z][a-z]*)*$/.test(value)) return false
  if (/(?:token|secret|password|key|cookie|credentials?)s?$/i.test(value)) return false
  if (isAssigned) return /[\n\s;&"'`]/.test(before) && /[\r\n;&"'`\\]/.test(after)
  return separator === ":" && /\s/.test(before) && /[\r\n]/.test(after)
}

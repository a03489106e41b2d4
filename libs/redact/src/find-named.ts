import { isPlaceholder, looksLikeCode } from "./named-value.ts"
import { isFolderName, isSecretName, kindOfName } from "./secret-name.ts"
import type { Span } from "./span.ts"

/** A name, and what stands between it and its value: of JSON, YAML, `.env`, addresses, headers, programs, XML. */
const NAME = /(?<![\w.$-])(-{0,2}[\w$][\w.$-]{0,99})(\\{0,7}["'`])?\]?[ \t]{0,8}(=>|:=|={1,3}|:|,|>)[ \t]{0,8}/g
const QUOTE = /(?:[bBfFrRuU]{1,2}(?=["']))?(\\{0,7})(["'`])/y
/** So much of a value is looked at; where it is hidden, all of it is. */
const WORD = /[^\s"'`,;&<>(){}[\]|\\]{1,512}/y
const REST = /[^\s"'`,;&<>(){}[\]|\\]*/y
const COOKIE = /[\w.!#$%&*+^|~-]{1,200}=[^\r\n"`\\]*/y
const CREDENTIALS = /([A-Za-z][\w-]{0,40} {1,4})?([^\s"'`\\<>,;(){}[\]$]{1,512})/y
const HEADER = /^(?:proxy-)?authorization$|^(?:set-)?cookie$|^x-[\w-]*(?:key|token)$/i

/** Values whose names say that they are secrets. */
export function findNamed(text: string): readonly Span[] {
  const found: Span[] = []
  let behind = 0
  for (const match of text.matchAll(NAME)) {
    const { 1: name = "", 2: quote, 3: separator = "" } = match
    if (match.index < behind || !isSecretName(name)) continue
    const value = valueAt(text, { name, separator, isQuoted: quote !== undefined, match })
    if (value === undefined || value.end === value.start) continue
    found.push({ ...value, kind: kindOfName(name) })
    behind = value.end
  }
  return found
}

interface Named {
  readonly name: string
  readonly separator: string
  readonly isQuoted: boolean
  readonly match: RegExpExecArray
}

function valueAt(text: string, named: Named) {
  const start = named.match.index + named.match[0].length
  const quoted = quotedAt(text, start)
  // With a comma two texts stand in a list, as headers do; most lists are of something else.
  if (named.separator === "," && !(named.isQuoted && quoted && HEADER.test(named.name))) return undefined
  if (named.separator === ">") return elementAt(text, start)
  if (quoted) {
    // `'password: ', value`: the quote is the end of the name's own text.
    const isOwn = !named.isQuoted && text[named.match.index - 1] === text[quoted.start - 1]
    return isOwn || isPlainText(text.slice(quoted.start, quoted.end), named) ? undefined : quoted
  }
  if (named.separator === ":" && /(?:cookie|authorization)$/i.test(named.name)) return headerAt(text, start, named.name)
  return wordAt(text, start, named)
}

/** What stands in quotes and is none: a word that something is compared with, a cookie's own name, a package's version. */
function isPlainText(value: string, { name, separator }: Named) {
  if (isPlaceholder(value) || isFolderName(name, value) || /^[~^<>=v]{0,2}\d+\.\d+\.\d/.test(value)) return true
  return /cookies?$/i.test(name) ? !value.includes("=") : separator.startsWith("==") && value.length < 8
}

/** Between quotes, however often they were escaped; or to the end of the line, where the text was cut. */
function quotedAt(text: string, at: number) {
  const opened = matchAt(QUOTE, text, at)
  if (!opened) return undefined
  const { 0: opening, 1: slashes = "", 2: quote = "" } = opened
  const start = at + opening.length
  let end = start
  for (; end < text.length && text[end] !== "\n"; end += 1) {
    if (slashes === "" && text[end] === "\\") end += 1
    else if (text.startsWith(slashes + quote, end) && (slashes === "" || text[end - 1] !== "\\")) break
  }
  return { start, end: Math.min(end, text.length) }
}

function elementAt(text: string, start: number) {
  const [value = "", next] = text.slice(start, start + 4096).split("<", 2)
  return !next?.startsWith("/") || value === "" || /\s/.test(value) ? undefined : { start, end: start + value.length }
}

/** A cookie header to the end of its line; of an authorization what is behind its scheme. */
function headerAt(text: string, start: number, name: string) {
  if (/cookie$/i.test(name)) {
    const cookies = matchAt(COOKIE, text, start)?.[0]
    return cookies === undefined ? undefined : { start, end: start + cookies.trimEnd().length }
  }
  const { 1: scheme = "", 2: credentials = "" } = matchAt(CREDENTIALS, text, start) ?? []
  // Something else than a word that a sentence, or a program, goes on with.
  if (!/\d|[a-z][A-Z]|[A-Z]{2}/.test(credentials) && !/^(?=.*[+/=._-]).{16}/.test(credentials)) return undefined
  const end = start + scheme.length + credentials.length
  return { start: start + scheme.length, end: end + (matchAt(REST, text, end)?.[0].length ?? 0) }
}

function wordAt(text: string, start: number, { name, separator, match }: Named) {
  const word = matchAt(WORD, text, start)?.[0] ?? ""
  const end = start + word.length
  if (word === "" || isPlaceholder(word) || isFolderName(name, word)) return undefined
  const around = { before: text[match.index - 1] ?? "\n", after: text[end] ?? "\n", isTight: !/\s/.test(match[0]) }
  if (looksLikeCode(word, { name, separator, ...around })) return undefined
  return { start, end: end + (matchAt(REST, text, end)?.[0].length ?? 0) }
}

function matchAt(pattern: RegExp, text: string, place: number) {
  pattern.lastIndex = place
  return pattern.exec(text)
}

import { DEEPEST, mayHaveSecrets } from "./may-have-secrets.ts"
import { redactPieces } from "./redact-pieces.ts"
import { redactText } from "./redact-text.ts"
import { redactWords } from "./redact-words.ts"
import { isFolderName, isSecretName, kindOfName } from "./secret-name.ts"
import { isMark, markOf } from "./span.ts"
import { type TextBlock, textOf } from "./text-block.ts"

/**
 * The value without its secrets: members whose names say that they are one are hidden whole, and all texts, names too, are
 * redacted. The texts of one list (`text` of its items) are taken as one text that was cut. A value without secrets is
 * given back as it is.
 */
export function redactJson(value: unknown): unknown {
  return mayHaveSecrets(value) ? redactValue(value, 0) : value
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === "string") return redactText(value)
  if (typeof value !== "object" || value === null) return value
  if (depth >= DEEPEST) return markOf("too-deep")
  return Array.isArray(value) ? redactList(value, depth) : redactMembers(value, depth)
}

function redactList(list: readonly unknown[], depth: number): unknown {
  if (list.length > 0 && list.every((item) => typeof item === "string")) return unlessSame(list, redactWords(list))
  const texts = list.map(textOf)
  const known = texts.filter((text) => text !== undefined)
  const redacted = known.length > 1 ? redactPieces(known) : known
  const joined = list.map((item, place) => {
    const text = texts[place] === undefined ? undefined : redacted.shift()
    return text === undefined || text === texts[place] ? item : withText(item as TextBlock, text)
  })
  return unlessSame(
    list,
    joined.map((item) => redactValue(item, depth + 1)),
  )
}

function redactMembers(members: object, depth: number) {
  let isSame = true
  const redacted = Object.entries(members).map(([name, value]: [string, unknown]) => {
    const [cleanName, cleanValue] = [redactText(name), redactMember(name, value, depth)]
    isSame &&= cleanName === name && cleanValue === value
    return [cleanName, cleanValue] as const
  })
  return isSame ? members : Object.fromEntries(redacted)
}

function redactMember(name: string, value: unknown, depth: number) {
  if (!isSecretName(name) || isNothing(value)) return redactValue(value, depth + 1)
  if (typeof value === "string" && (isMark(value) || isFolderName(name, value))) return value
  return markOf(kindOfName(name))
}

function isNothing(value: unknown) {
  return value === null || value === undefined || value === "" || typeof value === "boolean"
}

function withText(block: TextBlock, text: string): TextBlock {
  return "text" in block ? { ...block, text } : { ...block, content: { ...block.content, text } }
}

function unlessSame(list: readonly unknown[], redacted: readonly unknown[]) {
  return redacted.every((item, place) => item === list[place]) ? list : redacted
}

import { findSecrets } from "./find-secrets.ts"
import { isSecretName } from "./secret-name.ts"
import { textOf } from "./text-block.ts"

/** What is inside so many others is not looked at, and not shown. */
export const DEEPEST = 500

/**
 * Whether a value of JSON is to be looked at text by text: with all its texts as one, a line each, it takes a tenth of the
 * time, and most values have no secret.
 */
export function mayHaveSecrets(value: unknown): boolean {
  const texts: string[] = []
  if (!collect(value, texts, 0)) return true
  const text = texts.join("\n")
  // A block of PEM may begin in one text and end in another: then what is between them is in none.
  return text.includes("-----BEGIN") || findSecrets(text).length > 0
}

/** False: there is something in it that is a secret by its name, or not to be shown. */
function collect(value: unknown, texts: string[], depth: number): boolean {
  if (typeof value === "string") texts.push(value)
  if (typeof value !== "object" || value === null) return true
  if (depth >= DEEPEST) return false
  if (Array.isArray(value)) return collectList(value, texts, depth)
  return Object.entries(value).every(([name, member]: [string, unknown]) => {
    if (isSecretName(name)) return false
    texts.push(name)
    return collect(member, texts, depth + 1)
  })
}

function collectList(list: readonly unknown[], texts: string[], depth: number) {
  if (list.some((item) => typeof item === "string" && item.startsWith("-") && isSecretName(item))) return false
  const pieces = list.flatMap((item) => textOf(item) ?? [])
  if (pieces.length > 1) texts.push(pieces.join(""))
  return list.every((item) => collect(item, texts, depth + 1))
}

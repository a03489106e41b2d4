import { redactText } from "./redact-text.ts"
import { isSecretName, kindOfName } from "./secret-name.ts"
import { markOf } from "./span.ts"

/** A command's words: each like a text, and whole where the word before it is a flag that names a secret. */
export function redactWords(words: readonly string[]): string[] {
  return words.map((word, place) => {
    const before = words[place - 1] ?? ""
    const isValue = /^--?[A-Za-z]/.test(before) && !before.includes("=") && !/^-./.test(word)
    return isValue && isSecretName(before) ? markOf(kindOfName(before)) : redactText(word)
  })
}

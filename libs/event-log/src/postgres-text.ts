/**
 * PostgreSQL keeps every character in a text but U+0000. So that a text means the same on all engines it is kept with
 * U+0000 and U+0001 written as two characters each. Order and prefixes stay what they are.
 */
export function toPostgresText(text: string) {
  return special.test(text)
    ? text.replace(allSpecial, (character) => (character === "\0" ? "\x01\x01" : "\x01\x02"))
    : text
}

export function fromPostgresText(text: string) {
  return text.includes("\x01") ? text.replace(allWritten, (_, second) => (second === "\x01" ? "\0" : "\x01")) : text
}

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: these two are what it is about.
const special = /[\0\x01]/
const allSpecial = /[\0\x01]/g
const allWritten = /\x01([\x01\x02])/g
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: these two are what it is about.

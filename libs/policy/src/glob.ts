/** One character of a text that nobody knows before it happens: `*` stands for it, no plain character does. */
export const unknownCharacter = "\uffff"

/** In a sequence that is compared with another pattern: any number of parts. No plain part and no `*` stands for it. */
export const anyParts = Symbol("any number of parts")

export type Part = string | typeof anyParts
export type PartTest = (part: Part) => boolean

/**
 * A test of one text, where `*` is any run of characters. No regular expression: after each `*` the earliest place is
 * taken, and never another one, so the time grows with the text and not with the ways to divide it (spec/threats.md, C8).
 */
export function compileText(pattern: string): PartTest {
  const [first = "", ...rest] = chunksOf(pattern)
  const last = rest.pop()
  if (last === undefined) return (part) => part === first
  if (first === "" && last === "" && rest.length === 0) return (part) => typeof part === "string"
  const least = first.length + last.length
  return (part) => {
    if (typeof part !== "string" || part.length < least || !part.startsWith(first) || !part.endsWith(last)) return false
    return rest.length === 0 || areInOrder(rest, part.slice(first.length, part.length - last.length))
  }
}

/** The pattern's plain pieces, between its stars; a backslash makes a plain character of the next one. */
export function chunksOf(pattern: string): readonly string[] {
  const chunks: string[] = []
  let chunk = ""
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern.charAt(index)
    if (character === "*") {
      chunks.push(chunk)
      chunk = ""
    } else chunk += character === "\\" ? pattern.charAt(++index) : character
  }
  return [...chunks, chunk]
}

function areInOrder(chunks: readonly string[], text: string) {
  let from = 0
  for (const chunk of chunks) {
    const found = text.indexOf(chunk, from)
    if (found < 0) return false
    from = found + chunk.length
  }
  return true
}

/** Runs of tests, with any number of parts between one run and the next. */
export type Sequence = readonly (readonly PartTest[])[]

/** A test of a list of parts, such as a path's: `**` among the patterns is any number of parts, none too. */
export function compileSequence(
  patterns: readonly string[],
  compilePart: (pattern: string, index: number) => PartTest = compileText,
): Sequence {
  const runs: PartTest[][] = [[]]
  for (const [index, pattern] of patterns.entries())
    if (pattern === "**") runs.push([])
    else runs.at(-1)?.push(compilePart(pattern, index))
  return runs
}

/** Whether the parts from `from` on are what the sequence says. As with stars in a text, the earliest place is taken. */
export function matchesSequence(sequence: Sequence, parts: readonly Part[], from = 0): boolean {
  const first = sequence[0] ?? []
  if (!matchesRun(first, parts, from)) return false
  let start = from + first.length
  if (sequence.length === 1) return start === parts.length
  for (let index = 1; index < sequence.length - 1; index++) {
    const run = sequence[index] ?? []
    const found = findRun(run, parts, start)
    if (found === undefined) return false
    start = found + run.length
  }
  const last = sequence.at(-1) ?? []
  return parts.length - last.length >= start && matchesRun(last, parts, parts.length - last.length)
}

function findRun(run: readonly PartTest[], parts: readonly Part[], from: number) {
  for (let start = from; start + run.length <= parts.length; start++) if (matchesRun(run, parts, start)) return start
}

function matchesRun(run: readonly PartTest[], parts: readonly Part[], from: number) {
  if (from + run.length > parts.length) return false
  for (let index = 0; index < run.length; index++) {
    const part = parts[from + index]
    if (part === undefined || !run[index]?.(part)) return false
  }
  return true
}

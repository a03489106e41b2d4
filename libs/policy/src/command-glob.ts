import { chunksOf, compileSequence, compileText, matchesSequence, type PartTest, type Sequence } from "./glob.ts"
import type { ShellCommand } from "./read-shell.ts"

/** A pattern of a command's words, as the rules use it that allow. */
export interface CommandGlob {
  readonly sequence: Sequence
  /** The words that it says in full. */
  readonly plainWords: ReadonlySet<string>
}

/**
 * Word by word: `*` in a word is any run of characters, a word `*` any one word, `**` any number of them. A pattern that
 * ends with `*` goes on: `pnpm test*` is `pnpm test`, `pnpm test:unit` and `pnpm test --watch`.
 */
export function compileCommandGlob(pattern: string): CommandGlob {
  const words = wordsOf(pattern)
  const plainWords = words.filter((word) => chunksOf(word).length === 1).map((word) => chunksOf(word)[0] ?? "")
  return { sequence: compileSequence(words), plainWords: new Set(plainWords) }
}

/** Whether a rule that allows knows this command: also what makes it run others has to be said in full. */
export function allowsCommand({ sequence, plainWords }: CommandGlob, { words, mustName }: ShellCommand): boolean {
  return mustName.every((word) => plainWords.has(word)) && matchesSequence(sequence, words)
}

/** The same for the rules that forbid or ask: they know a command by its file's name too, whatever the case. */
export interface RestrainingGlob {
  readonly here: Sequence
  readonly anywhere: Sequence
}

export function compileRestrainingGlob(pattern: string): RestrainingGlob {
  const words = wordsOf(pattern)
  const compileWord = (word: string, index: number) => (index === 0 ? compileName(word) : compileText(word))
  const here = compileSequence(words, compileWord)
  return { here, anywhere: [[], ...here, []] }
}

/** In a command that runs others, the forbidden one may begin and end at any word. */
export function restrainsCommand({ here, anywhere }: RestrainingGlob, { words, runsOthers }: ShellCommand): boolean {
  return matchesSequence(runsOthers ? anywhere : here, words)
}

export function wordsOf(pattern: string): readonly string[] {
  const words = pattern.split(" ")
  const last = words.at(-1) ?? ""
  if (last === "*") return [...words.slice(0, -1), "**"]
  return last !== "**" && last.endsWith("*") && !last.endsWith("\\*") ? [...words, "**"] : words
}

function compileName(pattern: string): PartTest {
  const chunks = chunksOf(pattern.toLowerCase())
  const [name = ""] = chunks
  if (chunks.length === 1 && !name.includes("/")) return (part) => typeof part === "string" && isNameOf(part, name)
  const isName = compileText(pattern.toLowerCase())
  return (part) => {
    if (typeof part !== "string") return isName(part)
    const folded = part.toLowerCase()
    return isName(folded) || isName(folded.slice(folded.lastIndexOf("/") + 1))
  }
}

// Most words are no command's name, and their length says so.
function isNameOf(word: string, name: string) {
  const start = word.length - name.length
  if (start < 0 || (start > 0 && word.charAt(start - 1) !== "/")) return false
  return word.slice(start).toLowerCase() === name
}

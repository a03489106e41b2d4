import { workDirVariable } from "./path-glob.ts"

// What other globs have and these do not is refused, never taken for plain characters: a rule that silently means less
// than it says is worse than none. A backslash makes a plain character of the next one.

const maxLength = 500
const maxParts = 32

/** What is wrong with a pattern of a name, a host or a label; undefined if nothing is. */
export function textPatternProblem(pattern: string): string | undefined {
  if (pattern.length === 0) return "A pattern is not empty."
  if (pattern.length > maxLength) return `A pattern has at most ${maxLength} characters.`
  if (!pattern.isWellFormed() || [...pattern].some(isUnprintable)) return "A pattern has no control characters."
  return syntaxProblem(pattern)
}

/** Path patterns are absolute, or begin with `**`, `~` or `${workDir}`: nothing else could ever match a real path. */
export function pathPatternProblem(pattern: string): string | undefined {
  const problem = textPatternProblem(
    pattern.startsWith(workDirVariable) ? pattern.slice(workDirVariable.length) || "/" : pattern,
  )
  if (problem !== undefined) return problem
  if (!/^(\/|\*\*(\/|$)|~(\/|$)|\$\{workDir\}(\/|$)|[A-Za-z]:\/)/.test(pattern))
    return `A path pattern begins with /, **/, ~/, ${workDirVariable}/ or a drive such as C:/.`
  const parts = pattern.split("/")
  if (parts.length > maxParts) return `A path pattern has at most ${maxParts} parts.`
  if (parts.some((part, index) => part === "." || part === ".." || (part === "" && index > 0)) && pattern !== "/")
    return "A path pattern has no empty part, no . and no .. in it, and no slash at its end."
  if (parts.some((part) => part !== "**" && part.includes("**"))) return "** stands alone between slashes."
}

/** Command patterns are words with spaces between them. */
export function commandPatternProblem(pattern: string): string | undefined {
  const problem = textPatternProblem(pattern)
  if (problem !== undefined) return problem
  const words = pattern.split(" ")
  if (words.includes("")) return "One space between the words of a command pattern, and none around them."
  if (words.length > maxParts) return `A command pattern has at most ${maxParts} words.`
  if (words.some((word) => word !== "**" && word.includes("**"))) return "** stands alone, for any number of words."
  if (/["'`]/.test(pattern)) return "A command pattern is compared with words after quoting; it has no quotes itself."
}

function syntaxProblem(pattern: string) {
  if (/\\(?![*?[\]{}!\\])/.test(pattern)) return "A backslash stands before one of * ? [ ] { } ! \\ only."
  const plain = pattern.replaceAll(/\\./g, "")
  if (plain.includes("?")) return "? is not known here; write * or \\?."
  if (/[[\]]/.test(plain)) return "[ ] is not known here; write \\[ and \\] for the characters themselves."
  if (plain.match(/\{[^{}]*\}/g)?.some((braces) => /,|\.\./.test(braces)))
    return "{a,b} is not known here; write a list of patterns."
  if (plain.includes("${"))
    return `${workDirVariable} stands at the beginning of a path pattern, and there is no other variable.`
  if (plain.startsWith("!")) return "! is not known here; write a rule that denies."
}

function isUnprintable(character: string) {
  const code = character.codePointAt(0) ?? 0
  return code < 0x20 || code === 0x7f || (code & 0xfffe) === 0xfffe
}

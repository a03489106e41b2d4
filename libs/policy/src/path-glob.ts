import { compileSequence, matchesSequence, type Part, type Sequence } from "./glob.ts"

/** What a path pattern begins with where it means the session's folder. */
export const workDirVariable = `\${workDir}`

export type Anchor = "workDir" | "home"

export interface PathGlob {
  /** What the pattern begins with, if it is a variable: its value is compared as it is, never read as a pattern. */
  readonly anchor: Anchor | undefined
  readonly sequence: Sequence
}

/** The folders that anchors stand for, in parts. */
export type AnchorParts = Readonly<Record<Anchor, readonly string[] | undefined>>

export interface CompilePathGlobOptions {
  /** For rules that allow, `folder/**` is what is in the folder; for the others, also the folder itself. */
  readonly isAllow: boolean
}

export function compilePathGlob(pattern: string, { isAllow }: CompilePathGlobOptions): PathGlob {
  const { anchor, parts } = splitPathPattern(pattern)
  const written = isAllow ? parts : parts.map(foldPart)
  const patterns = isAllow && written.at(-1) === "**" ? [...written.slice(0, -1), "*", "**"] : written
  return { anchor, sequence: compileSequence(patterns) }
}

export function splitPathPattern(pattern: string): { anchor: Anchor | undefined; parts: readonly string[] } {
  const [first, ...rest] = pattern === "/" ? [""] : pattern.split("/")
  if (first === workDirVariable) return { anchor: "workDir", parts: rest }
  if (first === "~") return { anchor: "home", parts: rest }
  return { anchor: undefined, parts: [first ?? "", ...rest] }
}

export function matchesPath({ anchor, sequence }: PathGlob, parts: readonly Part[], anchors: AnchorParts): boolean {
  if (anchor === undefined) return matchesSequence(sequence, parts)
  const base = anchors[anchor]
  if (base === undefined || base.length > parts.length) return false
  for (let index = 0; index < base.length; index++) if (base[index] !== parts[index]) return false
  return matchesSequence(sequence, parts, base.length)
}

/** As a file system sees a name that takes capital and small letters, and the two ways to write ü, for the same. */
export function foldPart(part: string): string {
  // Most are the same already.
  return PLAIN.test(part) ? part : part.normalize("NFD").toLowerCase()
}

const PLAIN = /^[a-z0-9._-]*$/

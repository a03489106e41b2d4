/** Longer than any system opens. */
const maxPathLength = 32_768

export interface RealPath {
  /** The parts between its slashes; an absolute path of POSIX begins with an empty one. Undefined if it is too long. */
  readonly parts: readonly string[] | undefined
  /** Absolute, and without `.`, `..`, empty parts and NUL: only such a path can be allowed. */
  readonly isCanonical: boolean
}

/** Takes a path apart. What is not canonical is made so as well as words can, for the rules that forbid. */
export function splitPath(path: string, workDir: readonly string[] = [""]): RealPath {
  if (path.length > maxPathLength) return { parts: undefined, isCanonical: false }
  const slashed = /^([A-Za-z]:\\|\\\\)/.test(path) ? path.replaceAll("\\", "/") : path
  const isAbsolute = /^(\/|[A-Za-z]:\/)/.test(slashed)
  const written = slashed === "/" ? [""] : slashed.split("/")
  const isPlain = written.every((part, index) => part !== "." && part !== ".." && (part !== "" || index === 0))
  if (isAbsolute && isPlain && !path.includes("\0")) return { parts: written, isCanonical: true }
  return { parts: isAbsolute ? normalize(written) : normalize([...workDir, ...written]), isCanonical: false }
}

function normalize([root = "", ...parts]: readonly string[]) {
  const kept = [root]
  for (const part of parts) {
    if (part === "..") kept.length = Math.max(1, kept.length - 1)
    else if (part !== "." && part !== "") kept.push(part)
  }
  return kept
}

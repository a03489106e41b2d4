import type { FileChange } from "./folder-diff.ts"

/** A file that is another, as `git diff-index --raw -z` tells it. */
export interface RawChange {
  readonly path: string
  readonly oldPath?: string
  /** The first letter of git's status. */
  readonly letter: string
}

const statuses: Readonly<Record<string, FileChange["status"]>> = {
  A: "added",
  D: "deleted",
  M: "modified",
  R: "renamed",
  T: "type-changed",
}

/** The words of `--raw -z`; what comes behind them is left. */
export function readRaw(words: readonly string[]) {
  const changes: RawChange[] = []
  let next = 0
  while (words[next]?.startsWith(":")) {
    const letter = words[next]?.split(" ")[4]?.[0] ?? ""
    const [first = "", second = ""] = words.slice(next + 1, next + 3)
    changes.push(letter === "R" ? { letter, path: second, oldPath: first } : { letter, path: first })
    next += letter === "R" ? 3 : 2
  }
  return { changes, rest: words.slice(next) }
}

/** The words of `--numstat -z`, by path; of what is no text there is no number. */
function readNumstat(words: readonly string[]) {
  const counts = new Map<string, { readonly additions: number; readonly deletions: number } | undefined>()
  for (let next = 0; next < words.length; ) {
    const [additions = "", deletions = "", path = ""] = words[next]?.split("\t", 3) ?? []
    const count = additions === "-" ? undefined : { additions: Number(additions), deletions: Number(deletions) }
    // A renamed one has its two paths behind it.
    counts.set(path === "" ? (words[next + 2] ?? "") : path, count)
    next += path === "" ? 3 : 1
  }
  return counts
}

/**
 * The files of a diff with those that the patch has whole. Where the patch was cut, what is left of the file that it was cut in
 * goes.
 */
export function toChanges(
  words: readonly string[],
  { text, isCut }: { readonly text: string; readonly isCut: boolean },
) {
  const { changes, rest } = readRaw(words)
  const counts = readNumstat(rest)
  const sections = text.split(/^(?=diff --git )/m)
  const whole = isCut ? sections.slice(0, -1) : sections
  let used = 0
  const files = changes.map(({ letter, ...paths }): FileChange => {
    // What was a file and is a link is taken away and put there.
    used += letter === "T" ? 2 : 1
    const count = counts.get(paths.path)
    return {
      ...paths,
      status: statuses[letter] ?? "modified",
      ...count,
      isBinary: count === undefined,
      isInPatch: !isCut || used <= whole.length,
    }
  })
  return { files, patch: whole.join("") }
}

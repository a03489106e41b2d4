import { redactJson } from "@aegis/redact"
import { redactJsonApart } from "@aegis/redact/apart"
import type { FolderDiff } from "@aegis/session-core"

/** In characters: more than that is gone through beside the answers of others. */
const LARGE = 16 * 1024

interface Shown extends Omit<FolderDiff, "patch"> {
  /** A line of the patch each, without the mark that it begins with. */
  readonly lines: readonly { readonly text: string }[]
}

/**
 * A diff without its secrets: it has files that nobody has shown to the session, and it is there to be looked at. A line stays a
 * line, and the mark that it begins with does not hide what goes over several of them.
 */
export async function redactDiff({ patch, ...diff }: FolderDiff) {
  const lines = patch.split(/(?<=\n)/)
  const marks = lines.map((line) => /^[-+ ]?/.exec(line)?.[0] ?? "")
  const given: Shown = { ...diff, lines: lines.map((line, place) => ({ text: line.slice(marks[place]?.length) })) }
  const shown = patch.length > LARGE ? await apart(given) : (redactJson(given) as Shown)
  const { lines: texts, files, skipped, ...rest } = shown
  const isRedacted = shown !== given
  const text = isRedacted ? joined(texts, { lines, marks }) : patch
  return { ...rest, files: [...files], skipped: [...skipped], patch: text, isRedacted }
}

async function apart(given: Shown) {
  const json = await redactJsonApart(JSON.stringify(given))
  return json === undefined ? given : (JSON.parse(json) as Shown)
}

interface Given {
  readonly lines: readonly string[]
  readonly marks: readonly string[]
}

function joined(texts: Shown["lines"], { lines, marks }: Given) {
  const whole = texts.map(({ text }, place) => {
    const isEnded = text.endsWith("\n") || !lines[place]?.endsWith("\n")
    return `${marks[place] ?? ""}${text}${isEnded ? "" : "\n"}`
  })
  return whole.join("")
}

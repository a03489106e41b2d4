import type { Word } from "unbash"
import { anyParts, compileText, unknownCharacter } from "./glob.ts"
import { foldPart } from "./path-glob.ts"
import { isPattern, possibleFolders } from "./possible-folders.ts"
import { readShell, type ShellReading } from "./read-shell.ts"
import { anyRun, homeFolder, patternsOf, withHome } from "./word-patterns.ts"

/** A word of a command line as a path that it may be. */
export interface PathWord {
  /** Absolute, up to the first part that is not literal, with its `..` as written; undefined: it may begin anywhere. */
  readonly start: string | undefined
  /** The parts from there on; none where all of it is literal. */
  readonly rest: readonly PathPart[]
}

/** A name or a pattern of one, or any number of them. */
export type PathPart = PathName | typeof anyParts

export interface PathName {
  readonly matches: (name: string) => boolean
  /** Any character of it is said. */
  readonly isNamed: boolean
  /** The shell fills it in with what there is, and nothing else does. */
  readonly isGlob: boolean
}

export interface PathPlace {
  readonly workDir: string
  readonly home: string
}

/**
 * Every word that a line has anywhere as the paths that it may be, in every folder that a literal `cd` may lead to: with
 * what `~`, `$HOME`, braces and the shell's patterns make of it, and what stands in it behind a sign, as in `if=file`. For
 * whoever forbids; what a program makes of its words is not known here.
 *
 * Undefined: there are more of them than anybody looks at.
 */
export function readPathWords(command: string | undefined, place: PathPlace): readonly PathWord[] | undefined {
  if (command === undefined) return []
  const reading = readShell(command)
  const known = { ...place, isHomeKnown: !changesHome(reading), ofPrograms: true }
  const folders = possibleFolders(reading.moves, known)
  const takesDots = reading.written.some((word) => /^(shopt|setopt|set|-O)$|dot_?glob|glob_?dots/i.test(textOf(word)))
  const words = new Map(reading.written.map((word) => [typeof word === "string" ? word : `word ${word.text}`, word]))
  const texts = new Set([...words.values()].flatMap(spellingsOf).flatMap((text) => withHomes(text, known)))
  if (texts.size * folders.length > maxWords) return undefined
  return [...texts].flatMap((text) => toPathWords(text, { folders, takesDots }))
}

/**
 * Whether a word can lead to where that way ends, or below: `way` are the names from its `start`, or from the root. What may
 * be any text does not count by itself: the last name has to be said, or be among what a pattern is filled in with.
 */
export function mayLeadInto(rest: readonly PathPart[], way: readonly string[]): boolean {
  /** How many of the names the parts so far can be. */
  let reached = [0]
  let isAnywhere = false
  for (const part of rest) {
    if (part === anyParts) {
      isAnywhere = true
      reached = way.map((_, index) => index).filter((index) => index >= Math.min(...reached))
      continue
    }
    const saysLast = part.isNamed || (part.isGlob && !isAnywhere)
    reached = reached
      .filter((index) => part.matches(way[index] ?? "") && (saysLast || index < way.length - 1))
      .map((index) => index + 1)
    if (reached.includes(way.length)) return true
    if (reached.length === 0) return false
  }
  return false
}

function changesHome({ written }: ShellReading) {
  return written.some((word) => /^(HOME|CDPATH)(=|$)/.test(textOf(word)))
}

function textOf(word: Word | string) {
  return typeof word === "string" ? word : word.value
}

const maxWords = 10_000
/** A path is not longer, and nobody reads more of them from a word. */
const [maxLength, maxSigns] = [4096, 8]

/** A word's own patterns, and what of them stands behind a sign or an option's letter. */
function spellingsOf(word: Word | string): readonly string[] {
  const patterns = typeof word === "string" ? roughlyOf(word) : patternsOf(word)
  return patterns.flatMap((pattern) => {
    const text = pattern.slice(-maxLength)
    const signs = [...text.matchAll(/[=@:,]/g)].map(({ index }) => text.slice(index + 1))
    const behind = [...signs.slice(0, maxSigns), ...signs.slice(maxSigns).slice(-maxSigns)]
    return [text, ...behind.map(withHome), ...(/^-[A-Za-z]./.test(text) ? [text.slice(2)] : [])]
  })
}

// Of what could not be read: variables have lost their sign, and quotes are gone.
function roughlyOf(word: string) {
  const text = word.replaceAll(/[*?]/g, anyRun)
  const slash = text.indexOf("/")
  return [withHome(text), unknownCharacter + text, ...(slash > 0 ? [unknownCharacter + text.slice(slash)] : [])]
}

function withHomes(text: string, { home, isHomeKnown }: { readonly home: string; readonly isHomeKnown: boolean }) {
  if (!text.includes(homeFolder)) return [text]
  const known = text.replaceAll(homeFolder, home)
  return isHomeKnown ? [known] : [known, text.replaceAll(homeFolder, unknownCharacter)]
}

interface Reach {
  readonly folders: readonly (string | undefined)[]
  readonly takesDots: boolean
}

function toPathWords(text: string, { folders, takesDots }: Reach): readonly PathWord[] {
  if (text === "") return []
  const begins = text.startsWith("/") ? ["/"] : text.startsWith(unknownCharacter) ? [undefined] : folders
  return begins.flatMap((folder) => {
    const parts = (folder === undefined ? text : pathIn(folder, text)).split("/")
    const first = folder === undefined ? 0 : parts.findIndex(isPattern)
    if (first < 0) return [{ start: parts.join("/"), rest: [] }]
    const start = folder === undefined ? undefined : parts.slice(0, first).join("/") || "/"
    const rest = withoutDots(parts.slice(first))
    const from: readonly PathPart[] = folder === undefined ? [anyParts] : []
    // What is not known is a piece of a name, or has slashes in it.
    const readings = [rest.map((part) => toName(part, takesDots)), rest.flatMap((part) => toNames(part, takesDots))]
    return readings.map((names) => ({ start, rest: [...from, ...names] }))
  })
}

function pathIn(folder: string, path: string) {
  if (path.startsWith("/")) return path
  return folder.endsWith("/") ? folder + path : `${folder}/${path}`
}

function withoutDots(parts: readonly string[]) {
  const kept: string[] = []
  for (const part of parts) {
    if (part === ".." && !kept.at(-1)?.includes(unknownCharacter)) kept.pop()
    else if (part !== "." && part !== "" && part !== "..") kept.push(part)
  }
  return kept
}

function toNames(part: string, takesDots: boolean): readonly PathPart[] {
  const [first = "", ...others] = part.split(unknownCharacter)
  if (others.length === 0) return [toName(part, takesDots)]
  const last = others.at(-1) ?? ""
  return [
    ...(first === "" ? [] : [toName(first + unknownCharacter, takesDots)]),
    anyParts,
    ...(last === "" ? [] : [toName(unknownCharacter + last, takesDots)]),
  ]
}

function toName(part: string, takesDots: boolean): PathName {
  const isShy = part.startsWith(anyRun) && !takesDots
  const pattern = part.replaceAll(/[\\*]/g, String.raw`\$&`).replaceAll(marks, "*")
  const matches = compileText(foldPart(pattern))
  return {
    matches: (name) => !(isShy && name.startsWith(".")) && matches(foldPart(name)),
    isNamed: part.replaceAll(marks, "") !== "",
    isGlob: !part.includes(unknownCharacter),
  }
}

const marks = new RegExp(`[${unknownCharacter}${anyRun}]`, "g")

import type { Word } from "unbash"
import { unknownCharacter } from "./glob.ts"
import type { Move } from "./read-shell.ts"
import { splitPath } from "./real-path.ts"
import { anyRun, homeFolder, patternsOf } from "./word-patterns.ts"
import { isWrapper } from "./wrappers.ts"

export interface FolderPlace {
  readonly workDir: string
  readonly home: string
  /** The line leaves alone what `~` means. */
  readonly isHomeKnown: boolean
  /** Also those that programs go to by an option. */
  readonly ofPrograms: boolean
}

/** More than anybody goes through in a line; what goes through more may be anywhere. */
const maxFolders = 16

/**
 * The folders that relative paths of a line may begin at, its first one first: those of every `cd` in it, whether it is
 * reached or not. Undefined is one of them where it may be any folder.
 */
export function possibleFolders(moves: readonly Move[], place: FolderPlace): readonly (string | undefined)[] {
  let folders: readonly (string | undefined)[] = [place.workDir]
  for (const { words, isRepeated } of moves) {
    for (const target of targetsOf(words, place)) {
      const reached = patternsIn(target).flatMap((text) => foldersFrom(folders, { text, isRepeated, place }))
      folders = [...new Set([...folders, ...reached])]
      if (folders.length > maxFolders) return [...folders.slice(0, maxFolders), undefined]
    }
  }
  return folders
}

type Written = Word | string

const movers: ReadonlySet<string> = new Set(["cd", "pushd", "chdir"])
const options: ReadonlySet<string> = new Set(["-C", "--directory", "--chdir", "--cwd", "--dir", "--prefix"])

/** What stands where a command names a folder to go to. */
function targetsOf(words: readonly Written[], { ofPrograms }: FolderPlace): readonly Written[] {
  const program = words[0] === undefined ? undefined : literalOf(words[0])
  const mayMove = program === undefined || isWrapper(nameOf(program))
  // Of most commands nothing more has to be read.
  if (!ofPrograms && !mayMove && !movers.has(nameOf(program))) return []
  const texts = words.map(literalOf)
  return texts.flatMap((text, index) => {
    const after = words.slice(index + 1, index + 1 + maxFlags)
    if (text === undefined) return index === 0 ? after.slice(0, 1) : []
    if (movers.has(nameOf(text)) && (index === 0 || mayMove)) return goalsOf(after)
    if (!ofPrograms) return []
    if (options.has(text)) return after.slice(0, 1)
    if (/^-C./.test(text)) return [text.slice(2)]
    const [option = "", ...value] = text.split("=", 2)
    return options.has(option) && value.length > 0 ? [text.slice(option.length + 1)] : []
  })
}

/** Nobody gives `cd` more of them. */
const maxFlags = 16

// Without a folder it is the one of home; `-` and `+1` are folders that the line has been to.
function goalsOf(words: readonly Written[]): readonly Written[] {
  const goals = words.filter((word) => !/^[-+]/.test(literalOf(word) ?? ""))
  if (goals.length > 0) return goals.slice(0, 2)
  return words.some((word) => literalOf(word) === "-") ? [] : [homeFolder]
}

function patternsIn(word: Written) {
  return typeof word === "string" ? [word] : patternsOf(word)
}

function literalOf(word: Written) {
  const [text, ...others] = patternsIn(word)
  return text === undefined || others.length > 0 || isPattern(text) ? undefined : text
}

export function isPattern(text: string) {
  return text.includes(unknownCharacter) || text.includes(anyRun)
}

interface Step {
  readonly text: string
  readonly isRepeated: boolean
  readonly place: FolderPlace
}

function foldersFrom(
  folders: readonly (string | undefined)[],
  { text, isRepeated, place: { home, isHomeKnown } }: Step,
): readonly (string | undefined)[] {
  const isLost = isPattern(text) || (text.includes(homeFolder) && !isHomeKnown)
  const path = text.replaceAll(homeFolder, home)
  const isAbsolute = path.startsWith("/")
  // Nobody knows how often it goes on from where it is.
  const lost = isLost || (isRepeated && !isAbsolute) ? [undefined] : []
  if (isPattern(text)) return lost
  if (isAbsolute) return [...lost, folderOf(path, "/")]
  return [...lost, ...folders.map((folder) => (folder === undefined ? undefined : folderOf(path, folder)))]
}

function folderOf(path: string, folder: string) {
  return splitPath(path, splitPath(folder).parts).parts?.join("/") || "/"
}

function nameOf(word: string) {
  return word.slice(word.lastIndexOf("/") + 1).toLowerCase()
}

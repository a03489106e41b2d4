import { readdir } from "node:fs/promises"
import { join, relative, resolve, sep } from "node:path"
import { mayLeadInto, type PathPart, type PathWord } from "@aegis/policy"
import { isInside } from "./node-work-dir.ts"
import { realTarget } from "./real-target.ts"

/** Names in folders that are looked at for the patterns of one call. */
const MOST_NAMES = 2000

export interface NamedFiles {
  /** Where the words lead, all links followed. */
  readonly targets: readonly string[]
  /** One of them may lead into the folder, by what it says. */
  readonly mayLeadInto: boolean
}

/** What the words of a command lead to at this moment, and whether that may be in a folder (links resolved). */
export async function findNamedFiles(words: readonly PathWord[], folder: string): Promise<NamedFiles> {
  const budget = { names: MOST_NAMES }
  const found = await Promise.all(words.map((word) => lookAt(word, { folder, budget })))
  return { targets: found.flatMap(({ targets }) => targets), mayLeadInto: found.some((each) => each.mayLeadInto) }
}

interface Look {
  readonly folder: string
  readonly budget: { names: number }
}

async function lookAt({ start, rest }: PathWord, { folder, budget }: Look): Promise<NamedFiles> {
  if (start === undefined) return { targets: [], mayLeadInto: mayLeadInto(rest, namesOf(folder)) }
  const targets = await targetsOf(start)
  if (rest.length === 0) return { targets, mayLeadInto: false }
  const isSaid = targets.some(
    (target) => isInside(folder, target) && mayLeadInto(rest, namesOf(relative(target, folder))),
  )
  const filled = await Promise.all(targets.map((target) => fillIn(target, { rest, budget })))
  return { targets: [...targets, ...filled.flat()], mayLeadInto: isSaid }
}

/** Of a path with `..` in it: as the system follows it, and as a program does that takes it for words. */
export async function targetsOf(path: string): Promise<readonly string[]> {
  const plain = resolve(path)
  const target = await realTarget(plain)
  return path.split(/[/\\]/).includes("..") ? [...new Set([target, await realTarget(path)])] : [target]
}

/** What a pattern is filled in with: a folder of the repository's may hold a link to elsewhere. */
async function fillIn(
  folder: string,
  { rest, budget }: { readonly rest: readonly PathPart[]; readonly budget: Look["budget"] },
): Promise<readonly string[]> {
  const [part, ...others] = rest
  if (part === undefined) return [folder]
  if (typeof part === "symbol" || !(part.isNamed || part.isGlob) || budget.names <= 0) return []
  const names = await readdir(folder).catch(() => [])
  budget.names -= names.length
  const fitting = names.filter((name) => part.matches(name))
  const found = await Promise.all(
    fitting.map(async (name) => fillIn(await realTarget(join(folder, name)), { rest: others, budget })),
  )
  return found.flat()
}

function namesOf(path: string) {
  return path.split(sep).filter((name) => name !== "")
}

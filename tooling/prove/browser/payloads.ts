import { Random } from "../random.ts"
import { families } from "./payload-families.ts"

export type Family = keyof typeof families

/** Text that a page must show and never obey. */
export interface Payload {
  readonly family: Family
  readonly text: string
}

export interface PayloadsOptions {
  readonly seed: number
  /** So many more, that are made of the others. */
  readonly mutations: number
  /** One of so many of the others; which one the seed says. */
  readonly every: number
}

/** The same with the same options, in the same order. */
export function payloads({ seed, mutations, every }: PayloadsOptions): readonly Payload[] {
  const own = (Object.keys(families) as Family[]).flatMap((family) =>
    families[family].map((text): Payload => ({ family, text })),
  )
  const random = new Random(seed)
  const mutated = Array.from({ length: mutations }, () => mutate(random, own))
  return [...own.filter((_, index) => index % every === seed % every), ...mutated]
}

const seams = ["\u0000", "\n", "\t", "/", "\u200b", `"`, "'", "`", "<", ">", "&", "\u202e", "\u001b[0m", "-->", "\\"]

/** Two halves of two, with something between them. */
function mutate(random: Random, own: readonly Payload[]): Payload {
  const [first, second] = [random.oneOf(own), random.oneOf(own)]
  if (!first || !second) throw new Error("There is nothing to be made of.")
  const [from, to] = [random.between(1, first.text.length), random.between(0, second.text.length)]
  return { family: first.family, text: first.text.slice(0, from) + (random.oneOf(seams) ?? "") + second.text.slice(to) }
}

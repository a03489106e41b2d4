import { Random } from "../random.ts"
import { families } from "./payload-families.ts"

export type Family = keyof typeof families

/** Text that a page must show and never obey. */
export interface Payload {
  readonly family: Family
  readonly text: string
}

/** All of them, and `mutations` more that are made of these. */
export function payloads({ seed, mutations }: { readonly seed: number; readonly mutations: number }) {
  const own = (Object.keys(families) as Family[]).flatMap((family) =>
    families[family].map((text): Payload => ({ family, text })),
  )
  const random = new Random(seed)
  const mutated = Array.from({ length: mutations }, () => mutate(random, own))
  return [...own, ...mutated]
}

const seams = ["\u0000", "\n", "\t", "/", "\u200b", `"`, "'", "`", "<", ">", "&", "\u202e", "\u001b[0m", "-->", "\\"]

/** Two halves of two, with something between them. */
function mutate(random: Random, own: readonly Payload[]): Payload {
  const [first, second] = [random.oneOf(own), random.oneOf(own)]
  if (!first || !second) throw new Error("There is nothing to be made of.")
  const [from, to] = [random.between(1, first.text.length), random.between(0, second.text.length)]
  return { family: first.family, text: first.text.slice(0, from) + (random.oneOf(seams) ?? "") + second.text.slice(to) }
}

import { AllProofs } from "./audit/all-proofs.ts"
import { FlippedBits } from "./audit/flip-bits.ts"
import { createLogKey, keepLog } from "./audit/kept-log.ts"
import { KilledTiles } from "./audit/killed-tiles.ts"
import { Tampering } from "./audit/tamper.ts"
import type { ProofOptions } from "./prove.ts"
import { Random } from "./random.ts"

const ENTRIES = { short: 300, full: 1000 }
/** Of so many bits one is flipped. */
const FLIP_EVERY = { short: 397, full: 1 }
const PLACES = { short: 1, full: 15 }
const PAIRS = { short: 64, full: 512 }
const LARGE = { short: 70_000, full: 1_000_000 }
const RANDOM_PROOFS = { short: 50, full: 5000 }
const STOP_EVERY = { short: 9, full: 1 }
const KILLS = { short: 2, full: 100 }
/** Whoever has a proof has the answer at once: 99 of 100. */
const MOST_MILLISECONDS = 5
/** Times are judged in rounds of so many, by the round in which the machine had the least else to do. */
const ROUND = 500

/** A log is changed in every way, and an audit by the client alone finds it; whatever happens to its tiles, the roots stay. */
export async function proveAudit({ isFull, seed, count, print }: ProofOptions): Promise<boolean> {
  const length = isFull ? "full" : "short"
  const random = new Random(seed)
  const parts = [
    () => proveFlips({ length, random, print, entries: count ?? ENTRIES[length] }),
    () => proveTampering({ length, random, print, entries: ENTRIES[length] }),
    () => proveProofs({ length, random, print }),
    () => proveKills({ length, random, print }),
  ]
  const figures: string[] = []
  const problems: string[] = []
  for (const part of parts) {
    const result = await part()
    for (const problem of result.problems.slice(0, 50)) print(`✗ ${problem}`)
    print(`… ${result.figures}`)
    figures.push(result.figures)
    problems.push(...result.problems)
  }
  for (const each of figures) print(each)
  print(
    `${problems.length} problems: what was changed and not found, or found elsewhere; proofs that do not hold (seed ${seed}).`,
  )
  if (problems.length > 0) print(`Again: pnpm prove audit --seed ${seed}${isFull ? " --full" : ""}`)
  return problems.length === 0
}

interface Part {
  readonly length: "short" | "full"
  readonly random: Random
  readonly print: ProofOptions["print"]
}

interface LogPart extends Part {
  readonly entries: number
}

interface Result {
  readonly problems: readonly string[]
  readonly figures: string
}

async function proveFlips({ length, random, print, entries }: LogPart): Promise<Result> {
  const key = createLogKey()
  const log = await keepLog(entries, key)
  const flips = new FlippedBits(log, { vkey: key.vkey, random, every: FLIP_EVERY[length], print })
  await flips.run()
  const { counts, problems } = flips
  const figures = `Single bits flipped in a log of ${entries} entries: ${counts.entries} of entries, ${counts.leaves} of leaves, ${counts.checkpoint} of the checkpoint, ${counts.tiles} of tiles; ${problems.length} not found.`
  return { problems, figures }
}

async function proveTampering({ length, random, entries }: LogPart): Promise<Result> {
  const key = createLogKey()
  const tampering = new Tampering(await keepLog(entries, key), key)
  await tampering.tamperEntries(random, PLACES[length])
  await tampering.tamperAll(random)
  const found = [...tampering.found].map(([what, times]) => `${what} (${times})`).join(", ")
  return { problems: tampering.problems, figures: `Found, and where: ${found}.` }
}

async function proveProofs({ length, random, print }: Part): Promise<Result> {
  const proofs = new AllProofs()
  await proofs.provePairs(PAIRS[length], print)
  const { pairs, longest } = proofs
  await proofs.proveRandom(LARGE[length], { times: RANDOM_PROOFS[length], random })
  const slowest = Math.min(...roundsOf(proofs.verified).map((round) => quantile(round, 0.99)))
  // Only in full: in short this is a test, and no test is judged by how busy the machine is.
  const isSlow = length === "full" && slowest > MOST_MILLISECONDS
  return {
    problems: [
      ...proofs.problems,
      ...(isSlow ? [`a proof took ${slowest.toFixed(2)} ms to verify (p99 of the quietest round)`] : []),
    ],
    figures: [
      `${pairs} proofs, all up to ${PAIRS[length]} entries, of at most ${longest} hashes, verified by the client.`,
      `${proofs.pairs - pairs} random ones up to ${LARGE[length]}, of at most ${proofs.longest} hashes: made in ${told(proofs.made)}, verified in ${told(proofs.verified)}.`,
    ].join(" "),
  }
}

async function proveKills({ length, random, print }: Part): Promise<Result> {
  const tiles = new KilledTiles()
  try {
    await tiles.stopEach(STOP_EVERY[length], print)
    await tiles.killOften(KILLS[length], random)
    return { problems: tiles.problems, figures: `Every root the same after ${tiles.figures}.` }
  } finally {
    tiles.close()
  }
}

function told(times: readonly number[]) {
  const quietest = Math.min(...roundsOf(times).map((round) => quantile(round, 0.99)))
  return `${quantile(times, 0.5).toFixed(2)} ms (p50) to ${quantile(times, 0.99).toFixed(2)} ms (p99; ${quietest.toFixed(2)} ms in the quietest round)`
}

function roundsOf(times: readonly number[]) {
  const count = Math.max(1, Math.floor(times.length / ROUND))
  return Array.from({ length: count }, (_, round) => times.slice(round * ROUND, (round + 1) * ROUND))
}

function quantile(times: readonly number[], share: number) {
  return times.toSorted((one, other) => one - other)[Math.floor(times.length * share)] ?? 0
}

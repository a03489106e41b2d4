import type { ChunkOrder } from "./chunk-agent.ts"
import { type BenchOptions, machineLine, median, megabytes, milliseconds, quantile, toTable } from "./figures.ts"
import { type RelayRun, throughBareClient, throughCore, throughPipe, throughServer } from "./relay-ways.ts"
import { roundTripsOfBareClient, roundTripsOfBareSteps, roundTripsOfServer } from "./round-trips.ts"

/** What durability, one truth and every door may cost at most: a fifth of the bare client's speed must be left. */
const LEAST_RATIO = 0.5
/** What a turn ten times as long may leave behind in the server, in bytes. */
const MOST_GROWN = 60 * 1024 * 1024
/**
 * What a prompt and its ten chunks may take of what their bare steps take, half of them and 99 in 100. Not milliseconds: two
 * synced commits, a request and a pipe take three times as long on one machine as on the other.
 */
const MOST_OF_STEPS = 3
const MOST_ROUNDS = 400
const PACED: ChunkOrder = { count: 500, everyMs: 2 }

const ways = {
  pipe: { title: "the agent's pipe, lines counted", through: throughPipe },
  bare: { title: "bare ACP client of the SDK", through: throughBareClient },
  core: { title: "core: log on disk, reader inside", through: throughCore },
  server: { title: "server: log on disk, event stream", through: throughServer },
} as const
type Way = keyof typeof ways
const names = Object.keys(ways) as readonly Way[]

interface WayRuns {
  readonly flood: readonly RelayRun[]
  readonly paced: readonly RelayRun[]
}

/** The same agent through each way, in turns, so that a busy moment of the machine meets all of them alike. */
export async function benchRelay({ runs, chunks, json }: BenchOptions) {
  const flood: ChunkOrder = { count: chunks, everyMs: 0 }
  const results: Record<Way, { flood: RelayRun[]; paced: RelayRun[] }> = {
    pipe: { flood: [], paced: [] },
    bare: { flood: [], paced: [] },
    core: { flood: [], paced: [] },
    server: { flood: [], paced: [] },
  }
  // What is compiled when it is first needed is not measured; of a single run nothing is.
  if (runs > 1) for (const name of names) await ways[name].through(flood)
  for (let run = 1; run <= runs; run++) {
    process.stderr.write(`run ${run} of ${runs} …\n`)
    for (const name of names) results[name].flood.push(await ways[name].through(flood))
    for (const name of names) results[name].paced.push(await ways[name].through(PACED))
  }
  const long: RelayRun[] = []
  for (let run = 1; run <= runs; run++) long.push(await throughServer({ count: chunks * 10, everyMs: 0 }))
  const grown = median(long.map((run) => run.grown ?? 0))
  const count = Math.min(MOST_ROUNDS, chunks)
  const rounds = {
    bare: roundFigures(await roundTripsOfBareClient(count)),
    steps: roundFigures(await roundTripsOfBareSteps(count)),
    server: roundFigures(await roundTripsOfServer(count)),
  }
  const ratio = lastOf(results.bare) / lastOf(results.server)
  const outcome = { runs, chunks, ratio, grown, rounds }
  console.log(json ? JSON.stringify(toFigures(results, outcome)) : toReport(results, outcome))
  return ratio >= LEAST_RATIO && grown <= MOST_GROWN && isQuick(rounds)
}

interface RoundFigures {
  readonly p50Ms: number
  readonly p99Ms: number
}

type Rounds = Readonly<Record<"bare" | "steps" | "server", RoundFigures>>

function roundFigures(times: readonly number[]): RoundFigures {
  return { p50Ms: median(times), p99Ms: quantile(times, 0.99) }
}

function isQuick({ server, steps }: Rounds) {
  return server.p50Ms <= MOST_OF_STEPS * steps.p50Ms && server.p99Ms <= MOST_OF_STEPS * steps.p99Ms
}

const roundTitles = [
  ["bare", "bare ACP client of the SDK"],
  ["steps", "bare steps of it, by hand"],
  ["server", "server: log on disk, event stream"],
] as const

function roundRow(title: string, { p50Ms, p99Ms }: RoundFigures) {
  return [title, milliseconds(p50Ms), milliseconds(p99Ms)]
}

function lastOf({ flood }: WayRuns) {
  return median(flood.map(({ lastMs }) => lastMs))
}

interface Outcome {
  readonly runs: number
  readonly chunks: number
  readonly ratio: number
  readonly grown: number
  readonly rounds: Rounds
}

function toFigures(results: Record<Way, WayRuns>, { chunks, ratio, grown, rounds }: Outcome) {
  const figures = names.map((name) => [name, figuresOf(results[name])])
  return { machine: machineLine(), chunks, ratio, grown, rounds, ways: Object.fromEntries(figures) as unknown }
}

function figuresOf({ flood, paced }: WayRuns) {
  const of = (runs: readonly RelayRun[], pick: (run: RelayRun) => number) => median(runs.map(pick))
  return {
    lastMs: of(flood, ({ lastMs }) => lastMs),
    firstMs: of(flood, ({ firstMs }) => firstMs),
    p50Ms: of(paced, ({ latencies }) => quantile(latencies, 0.5)),
    p99Ms: of(paced, ({ latencies }) => quantile(latencies, 0.99)),
    rss: of(flood, ({ rss = 0 }) => rss),
  }
}

function toReport(results: Record<Way, WayRuns>, { runs, chunks, ratio, grown, rounds }: Outcome) {
  const bare = lastOf(results.bare)
  const rows = names.map((name) => {
    const { lastMs, firstMs, p50Ms, p99Ms, rss } = figuresOf(results[name])
    return [
      ways[name].title,
      milliseconds(lastMs),
      Math.round((1000 * chunks) / lastMs).toLocaleString("en"),
      (bare / lastMs).toFixed(2),
      milliseconds(firstMs),
      milliseconds(p50Ms),
      milliseconds(p99Ms),
      rss === 0 ? "" : megabytes(rss),
    ]
  })
  const titles = ["", "last ms", "chunks/s", "ratio", "first ms", "p50 ms", "p99 ms", "RSS"]
  const verdict = ratio >= LEAST_RATIO ? "at least" : "LESS THAN"
  return [
    `${chunks.toLocaleString("en")} chunks of 40 bytes, median of ${runs} alternating runs. ${machineLine()}`,
    "",
    toTable([titles, ...rows]),
    "",
    `last, first: from the prompt to the last and the first chunk, the agent sending as fast as it can. ratio: of the speed`,
    `of the bare client. p50, p99: from the agent's hand to the reader, ${PACED.count} chunks, one every ${PACED.everyMs} ms.`,
    `The server's ratio is ${ratio.toFixed(2)}: ${verdict} ${LEAST_RATIO}.`,
    `A turn of ${(chunks * 10).toLocaleString("en")} chunks leaves the server ${megabytes(grown)} larger, of ${megabytes(MOST_GROWN)} that it may.`,
    "",
    toTable([
      ["a prompt and its 10 chunks", "p50 ms", "p99 ms"],
      ...roundTitles.map(([name, title]) => roundRow(title, rounds[name])),
    ]),
    "",
    `bare steps: a POST, a commit, the agent's pipe, a commit, a stream, and nothing else. The server takes ${(rounds.server.p50Ms / rounds.steps.p50Ms).toFixed(1)} and`,
    `${(rounds.server.p99Ms / rounds.steps.p99Ms).toFixed(1)} times as long, of ${MOST_OF_STEPS} that it may.`,
  ].join("\n")
}

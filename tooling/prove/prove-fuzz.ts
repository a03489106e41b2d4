import { readRss } from "../bench/read-rss.ts"
import { Fuzzer } from "./fuzz/ask-everything.ts"
import { Canaries } from "./fuzz/canaries.ts"
import { Contract, type Document } from "./fuzz/contract.ts"
import { TellFinder } from "./fuzz/find-tells.ts"
import { FuzzedServer } from "./fuzz/fuzzed-server.ts"
import { judgeTrail } from "./fuzz/judge-trail.ts"
import { mcpRequests } from "./fuzz/mcp-requests.ts"
import { askRaw } from "./fuzz/raw-requests.ts"
import { Things } from "./fuzz/things.ts"
import { verifyLog } from "./fuzz/verify-log.ts"
import { Wire } from "./fuzz/wire.ts"
import type { ProofOptions } from "./prove.ts"

interface Form {
  readonly requests: number
  readonly canaries: number
}

const forms: Readonly<Record<"short" | "full", Form>> = {
  short: { requests: 1500, canaries: 80 },
  full: { requests: 1_000_000, canaries: 5000 },
}
/** Of the requests: by then all that is loaded and kept is there. */
const WARM_UP = 0.1
/** With fewer requests memory says nothing: what is compiled and cached has not all come. */
const LEAST_FOR_MEMORY = 100_000
const MOST_GROWTH = 0.2
const GUESSES = 40
const MB = 1024 * 1024

/** Requests of every kind, by everybody: nothing fails, hangs, tells of the server's inside, or says a secret. */
export async function proveFuzz({ isFull, seed, count, print }: ProofOptions): Promise<boolean> {
  const form = forms[isFull ? "full" : "short"]
  const proof = await fuzz({ ...form, requests: count ?? form.requests, seed, print })
  for (const problem of proof.problems.slice(0, 50)) print(`✗ ${problem}`)
  for (const line of proof.figures) print(line)
  if (proof.problems.length > 0) print(`Again: pnpm prove fuzz --seed ${seed}`)
  return proof.problems.length === 0
}

interface FuzzOptions extends Form {
  readonly seed: number
  readonly print: ProofOptions["print"]
}

async function fuzz({ requests, canaries: wanted, seed, print }: FuzzOptions) {
  const canaries = new Canaries(seed)
  const server = new FuzzedServer({ canaries })
  try {
    await server.process.start()
    const tells = new TellFinder({ paths: server.paths })
    const guesses = Array.from({ length: GUESSES }, () => canaries.make({ place: "a wrong credential" }))
    const planted = Array.from({ length: Math.max(0, wanted - canaries.count) }, () => canaries.make.bind(canaries))
    const local = server.process.client
    const things = await Things.make(local, {
      root: server.root,
      hookSecret: server.hookSecret,
      canaries: planted,
      guesses,
    })
    const contract = new Contract((await local.getOpenApiDocument()) as unknown as Document)
    const wire = new Wire(local.baseUrl, { connections: 16 })
    const progress = (asked: number) => {
      if (asked % 50_000 === 0)
        print(`… ${asked.toLocaleString("en")} requests, ${Math.round(readRss(server.process.pid) / MB)} MB`)
    }
    const fuzzer = new Fuzzer({ wire, things, contract, canaries, tells, guesses, seed, progress })
    await fuzzer.guessInAddresses()
    const target = { url: local.baseUrl, token: server.process.token, sessionId: things.sessionId(0) }
    const raw = await askRaw(target, await mcpRequests(target))
    const trail = await judgeTrail(await things.readers(), canaries)
    const began = performance.now()
    await fuzzer.run(Math.ceil(requests * WARM_UP))
    const before = readRss(server.process.pid)
    while (fuzzer.asked < requests) await fuzzer.run(requests - fuzzer.asked)
    const seconds = (performance.now() - began) / 1000
    const after = readRss(server.process.pid)
    wire.close()
    const memory = judgeMemory(before, after, fuzzer.asked)
    const health = await judgeHealth(server)
    await server.process.end("SIGTERM")
    const lines = await server.judgeLog(canaries, tells)
    const events = await verifyLog(server.process.stateDir, { canaries, tells })
    const problems = [
      ...fuzzer.problems,
      ...raw.problems,
      ...trail.problems,
      ...memory.problems,
      ...health,
      ...lines.problems,
      ...events.problems,
    ]
    return {
      problems,
      figures: [
        ...fuzzer.figures(),
        `${Math.round(fuzzer.asked / seconds)} requests a second. ${canaries.count} secrets of 40 shapes were looked for in every answer and in ${lines.lines.toLocaleString("en")} lines of the log.`,
        `Of the audit trail, in pages, lines of JSON and tables, ${trail.redacted.toLocaleString("en")} entries were proved without their secrets.`,
        `${raw.asked} raw requests and frames, that are none or look like two, were refused one by one.`,
        memory.figure,
        `${events.events.toLocaleString("en")} events of ${events.streams} histories follow from those before them.`,
        `${problems.length} problems: answers of 500 and more, without end, without a problem of the contract, with what they must not tell; a server that is not as it was.`,
      ],
    }
  } finally {
    await server.end()
  }
}

function judgeMemory(before: number, after: number, asked: number) {
  const growth = after / before - 1
  const isJudged = asked >= LEAST_FOR_MEMORY
  const figure = `Resident: ${Math.round(before / MB)} MB after a tenth of the requests, ${Math.round(after / MB)} MB in the end (${isJudged ? "may be" : `from ${LEAST_FOR_MEMORY.toLocaleString("en")} requests on it may be`} ${MOST_GROWTH * 100} % more).`
  return {
    figure,
    problems: isJudged && growth > MOST_GROWTH ? [`the server has grown by ${Math.round(growth * 100)} %`] : [],
  }
}

/** The server says that it is as well as it was. */
async function judgeHealth({ process }: FuzzedServer) {
  const { status } = await process.client.getHealth()
  return status === "ok" ? [] : [`the server's health is ${status}`]
}

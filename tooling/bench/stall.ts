import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { Agent, get } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads"
import { type BenchOptions, machineLine, median, milliseconds, toTable } from "./figures.ts"
import { writeHistory } from "./history.ts"
import { withServer } from "./start.ts"

const MIB = 1024 * 1024
const MOST_SESSIONS = 1000
const IDLE_MS = 300
const EVENTS_EACH = 20
/** How long anybody else may wait for an answer meanwhile (spec/threats.md, C3), in milliseconds. */
const MOST_MS = 50
/** The same for what is taken, and is as large as it may be: ten megabytes are parsed, hashed and kept in one go. */
const MOST_OF_LARGE_MS = 200

/** What is heavy: a request, and the answer that it has to have. */
interface Load {
  readonly path: string
  readonly method?: "GET" | "POST"
  readonly body?: () => string
  readonly status: number
  readonly mostMs?: number
}

const fill = (text: string, bytes: number) => text.repeat(Math.ceil(bytes / text.length)).slice(0, bytes)
const hook = "/v1/hooks/PostToolUse"
const payload = (text: string) =>
  `{"session_id":"a","cwd":"/","hook_event_name":"PostToolUse","tool_name":"Bash","tool_input":{},"tool_response":${text}}`

const loads: Readonly<Record<string, Load>> = {
  "10 MiB of lists in lists": { path: hook, body: () => "[".repeat(10 * MIB), status: 400 },
  "10 MiB of empty objects": { path: hook, body: () => payload(`[${fill("{},", 9 * MIB)}{}]`), status: 400 },
  "10 MiB of names": {
    path: hook,
    body: () => payload(`{${Array.from({ length: 600_000 }, (_, index) => `"k${index}":1`).join()}}`),
    status: 400,
  },
  "100,000 values": { path: hook, body: () => payload(`[${fill("0,", 198_000)}0]`), status: 204 },
  "10 MiB of text": {
    path: hook,
    body: () => payload(`"${fill("a line of it\\n", 9 * MIB)}"`),
    status: 204,
    mostMs: MOST_OF_LARGE_MS,
  },
  "10 MiB of escapes": {
    path: hook,
    body: () => payload(`"${"\\u0041".repeat(1_500_000)}"`),
    status: 204,
    mostMs: MOST_OF_LARGE_MS,
  },
  "20,000 labels that are none": {
    path: "/v1/sessions",
    body: () => `{"labels":{${Array.from({ length: 20_000 }, (_, index) => `"Not one ${index}":1`).join()}}}`,
    status: 400,
    mostMs: MOST_OF_LARGE_MS,
  },
  "a page of the trail": { path: "/v1/audit?limit=200", method: "GET", status: 200 },
  "an export": { path: "/v1/audit/export", method: "GET", status: 200 },
  "an export as a table": { path: "/v1/audit/export?format=csv", method: "GET", status: 200 },
  "a verification": { path: "/v1/audit/verify", status: 200 },
}

/** All of it comes from one address. */
const unlimited = {
  AEGIS_RATE_LIMIT_REQUESTS_PER_ADDRESS: "1000000000",
  AEGIS_RATE_LIMIT_REQUESTS_PER_KEY: "1000000000",
}

interface Wait {
  readonly name: string
  readonly longestMs: number
  readonly mostMs: number
}

/** How long somebody else waits for an answer while a server is asked for something heavy. */
export async function benchStall({ runs, json, ...asked }: BenchOptions) {
  const sessions = Math.min(asked.sessions, MOST_SESSIONS)
  const folder = mkdtempSync(join(tmpdir(), "aegis-bench-"))
  try {
    await writeHistory({ path: join(folder, "aegis.db"), sessions, eventsEach: EVENTS_EACH })
    const rounds = await withServer(
      folder,
      async ({ url }) => {
        const token = readFileSync(join(folder, "token"), "utf8").trim()
        const secret = readFileSync(join(folder, "hook-secret"), "utf8").trim()
        const watch = new Watch(url)
        const all: number[][] = []
        for (let run = 0; run < runs; run++) {
          const waits = [await watch.during(() => pause(IDLE_MS))]
          for (const load of Object.values(loads))
            waits.push(await watch.during(() => ask(url, { ...load, token, secret })))
          all.push(waits)
        }
        await watch.end()
        return all
      },
      unlimited,
    )
    const named: readonly (readonly [string, Pick<Load, "mostMs">])[] = [["nothing", {}], ...Object.entries(loads)]
    const waits = named.map(([name, { mostMs = MOST_MS }], place) => ({
      name,
      mostMs,
      longestMs: median(rounds.map((round) => round[place] ?? Number.NaN)),
    }))
    console.log(json ? JSON.stringify({ machine: machineLine(), waits }) : toReport(waits, { runs, sessions }))
    return waits.every(({ longestMs, mostMs }) => longestMs <= mostMs)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function toReport(waits: readonly Wait[], { runs, sessions }: Pick<BenchOptions, "runs" | "sessions">) {
  return [
    `${sessions.toLocaleString("en")} sessions of ${EVENTS_EACH} events; the median of ${runs}. ${machineLine()}`,
    "",
    toTable([
      ["while it is asked for", "the longest wait of others, ms", "may be"],
      ...waits.map(({ name, longestMs, mostMs }) => [name, milliseconds(longestMs), milliseconds(mostMs)]),
    ]),
  ].join("\n")
}

interface AskOptions extends Load {
  readonly token: string
  readonly secret: string
}

async function ask(url: string, { path, method = "POST", body, status, token, secret }: AskOptions) {
  const headers = {
    ...(path === hook ? { "X-Hook-Secret": secret } : { Authorization: `Bearer ${token}` }),
    "Content-Type": "application/json",
  }
  const answer = await fetch(`${url}${path}`, { method, headers, ...(body ? { body: body() } : {}) })
  await answer.arrayBuffer()
  if (answer.status !== status) throw new Error(`${path} was answered with ${answer.status} instead of ${status}.`)
}

/** Somebody else, in a thread of their own: asks for the version again and again. */
class Watch {
  readonly #thread: Worker

  constructor(url: string) {
    this.#thread = new Worker(new URL(import.meta.url), { workerData: url })
  }

  /** The longest wait for an answer meanwhile, in milliseconds. */
  async during(work: () => Promise<void>) {
    await this.#say("begin")
    await work()
    return this.#say("end")
  }

  async end() {
    await this.#thread.terminate()
  }

  async #say(word: "begin" | "end") {
    const answered = once(this.#thread, "message")
    this.#thread.postMessage(word)
    const [longest] = (await answered) as [number]
    return longest
  }
}

if (!isMainThread) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  let longest = 0
  const askOnce = () =>
    new Promise<void>((resolve, reject) => {
      const began = performance.now()
      get(`${String(workerData)}/v1/version`, { agent }, (answer) => {
        answer.resume().once("end", () => {
          longest = Math.max(longest, performance.now() - began)
          resolve()
        })
      }).once("error", reject)
    })
  parentPort?.on("message", (word: "begin" | "end") => {
    // The one that is on its way is of what was before.
    void asking.then(() => {
      if (word === "begin") longest = 0
      parentPort?.postMessage(longest)
    })
  })
  let asking = askOnce()
  for (;;) {
    await asking
    asking = askOnce()
  }
}

import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { AegisClient } from "@aegis/client"
import { type BenchOptions, machineLine, median, megabytes, milliseconds, toTable } from "./figures.ts"
import { writeHistory } from "./history.ts"
import { readRss } from "./read-rss.ts"
import { withServer } from "./start.ts"

interface Restart {
  readonly healthMs: number
  readonly listMs: number
  readonly rss: number
}

const EVENTS_EACH = 100
const LONGEST_MS = 1000

/** A server on a data directory with a long history: until it answers, and until every session was listed. */
export async function benchRestart({ runs, sessions, json }: BenchOptions) {
  const folder = mkdtempSync(join(tmpdir(), "aegis-bench-"))
  try {
    const [fresh, full] = [join(folder, "fresh"), join(folder, "full")]
    const path = join(full, "aegis.db")
    const events = await writeHistory({ path, sessions, eventsEach: EVENTS_EACH })
    const restarts: Restart[] = []
    const empty: number[] = []
    for (let run = 0; run < runs; run++) {
      empty.push(await withServer(fresh, async ({ healthMs }) => healthMs))
      restarts.push(await restartOnce(full, sessions))
    }
    const of = (pick: (restart: Restart) => number) => median(restarts.map(pick))
    const figures = {
      sessions,
      events,
      bytes: statSync(path).size,
      emptyMs: median(empty),
      healthMs: of(({ healthMs }) => healthMs),
      listMs: of(({ listMs }) => listMs),
      rss: of(({ rss }) => rss),
    }
    console.log(json ? JSON.stringify({ machine: machineLine(), ...figures }) : toReport(figures, runs))
    return json || figures.healthMs <= LONGEST_MS
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function restartOnce(stateDir: string, sessions: number): Promise<Restart> {
  return withServer(stateDir, async ({ url, pid, healthMs }) => {
    const client = new AegisClient(url, readFileSync(join(stateDir, "token"), "utf8").trim())
    const began = performance.now()
    let listed = 0
    for (let after: number | undefined; ; ) {
      const { items, nextCursor } = await client.listSessions({ limit: 200, ...(after === undefined ? {} : { after }) })
      listed += items.length
      if (nextCursor === undefined) break
      after = Number(nextCursor)
    }
    if (listed !== sessions) throw new Error(`${listed} of ${sessions} sessions were listed.`)
    return { healthMs, listMs: performance.now() - began, rss: readRss(pid) }
  })
}

interface Figures extends Restart {
  readonly sessions: number
  readonly events: number
  readonly bytes: number
  readonly emptyMs: number
}

function toReport({ sessions, events, bytes, emptyMs, healthMs, listMs, rss }: Figures, runs: number) {
  const rows = [
    ["", "ms", "of an empty start"],
    ["an empty data directory, to the first answer", milliseconds(emptyMs), "1.0"],
    ["this one, to the first answer", milliseconds(healthMs), (healthMs / emptyMs).toFixed(1)],
    ["every session listed, 200 at a time", milliseconds(listMs), ""],
  ]
  return [
    `A server from source on ${sessions.toLocaleString("en")} sessions and ${events.toLocaleString("en")} events (${megabytes(bytes)}), median of ${runs} runs. ${machineLine()}`,
    "",
    toTable(rows),
    "",
    `Resident after that: ${rss === 0 ? "not told by this system" : megabytes(rss)}. To the first answer: at most ${LONGEST_MS} ms.`,
  ].join("\n")
}

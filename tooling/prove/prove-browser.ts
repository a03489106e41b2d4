import { findChromium, launchChromium } from "../e2e/chromium.ts"
import { askDoors } from "./browser/ask-doors.ts"
import { BrowsedServer } from "./browser/browsed-server.ts"
import { countRunning } from "./browser/control-page.ts"
import { doorsOf } from "./browser/doors.ts"
import { askFromForeignPages } from "./browser/foreign-pages.ts"
import { lookOnly } from "./browser/look-only.ts"
import { payloads } from "./browser/payloads.ts"
import { readOperations } from "./browser/read-operations.ts"
import { showPayloads } from "./browser/show-payloads.ts"
import type { ProofOptions } from "./prove.ts"
import { Random } from "./random.ts"

/** Payloads that are made of others, and how many of these there are. */
const MADE = { short: { mutations: 0, every: 6 }, full: { mutations: 1000, every: 1 } }
/** What each takes a request or a page for. */
const OFTEN = { short: { often: 3, singly: 4 }, full: { often: 98, singly: 200 } }
/** In short, pages of others ask for one operation of so many. */
const ASKED_IN_SHORT = 8
/** How many of the payloads are tried where they run, and how many of these have to. */
const CONTROL = { short: 60, full: 400 }
const LEAST_RUNNING = 1 / 3

/** What pages of other origins, and text in our own pages, can make a browser do: nothing. */
export async function proveBrowser({ isFull, seed, count, print }: ProofOptions): Promise<boolean> {
  const form = isFull ? "full" : "short"
  const made = { ...MADE[form], seed, ...(count === undefined ? {} : { mutations: count }) }
  const executable = findChromium(process.env)
  if (executable === undefined) throw new Error("This proof needs Chromium: install it, or set AEGIS_CHROMIUM to one.")
  const server = await BrowsedServer.start(made)
  const browser = await launchChromium(executable)
  const problems: string[] = []
  try {
    const { login, asset } = await server.knock()
    const doors = await doorsOf({ client: server.client, url: server.url, token: server.token, login, asset })
    const operations = await readOperations(server.client)
    const served = { port: Number(new URL(server.url).port), hosts: [], origins: [] }
    const asked = await askDoors({ doors, operations, served, seed, isFull, head: () => server.head() })
    print(`… ${asked.refused + asked.welcome} requests at ${doors.length} doors`)
    const asking = operations.filter((_, index) => isFull || index % ASKED_IN_SHORT === seed % ASKED_IN_SHORT)
    const foreign = await askFromForeignPages({ server, browser, operations: asking })
    print(`… ${foreign.answers} answers to pages of others`)
    const looked = await lookOnly({ server, browser, operations })
    print(`… ${looked.reads} reads, each twice`)
    const list = payloads(made)
    const shown = await showPayloads({ server, browser, list, seed, ...OFTEN[form], isFull, print })
    const random = new Random(seed)
    // Of those that are made of two halves few run.
    const whole = payloads({ ...made, mutations: 0 })
    const tried = whole.toSorted(() => random.next() - 0.5).slice(0, CONTROL[form])
    const running = await countRunning(browser, tried)
    problems.push(...asked.problems, ...foreign.problems, ...looked.problems, ...shown.problems)
    if (running < LEAST_RUNNING * tried.length)
      problems.push(`only ${running} payloads run where nothing holds them back`)
    for (const problem of problems.slice(0, 50)) print(`✗ ${problem}`)
    print(
      [
        `${asked.refused} requests of foreign names, origins and sites at ${doors.length} doors are refused, ${asked.welcome} of our own let in; ${asked.preflights} preflights of ${asked.routes} routes grant nothing (seed ${seed}).`,
        `Pages of another port, another site and of no origin, in a browser that is signed in, got ${foreign.answers} answers, which all have to be no; ${looked.reads} reads, each twice, and addresses that say what to do have to change nothing.`,
        `${list.length} payloads in ${shown.places} places of the dashboard, looked at ${shown.looks} times; of ${tried.length} in a page without escaping ${running} run.`,
        `${problems.length} problems: somebody let in or told too much, a payload obeyed, a request elsewhere, text that hides.`,
      ].join("\n"),
    )
    return problems.length === 0
  } finally {
    await browser.close()
    await server.end()
  }
}

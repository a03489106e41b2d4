import { asKnown } from "@aegis/client"
import type { Browser } from "playwright-core"
import type { BrowsedServer } from "./browsed-server.ts"
import type { Operation } from "./read-operations.ts"
import { NOBODYS } from "./read-operations.ts"
import { WatchedPage } from "./watched-page.ts"

export interface LookOnlyOptions {
  readonly server: BrowsedServer
  readonly browser: Browser
  readonly operations: readonly Operation[]
}

/** What a link could say, so that a page asks elsewhere, or decides by itself. */
const PARAMETERS = [
  "api",
  "apiUrl",
  "baseUrl",
  "base",
  "server",
  "url",
  "gatewayUrl",
  "host",
  "origin",
  "redirect",
  "next",
]
const DECISIONS = ["approve", "approved", "allow", "decision", "action", "submit", "vote", "option", "confirm"]

/** Links and addresses show, and do nothing: no link preview decides, no parameter points elsewhere (spec/threats.md, B7). */
export async function lookOnly({ server, browser, operations }: LookOnlyOptions) {
  const { id } = await server.client.createSession({ workDir: server.workFolder(), agent: "demo", reuse: false })
  await server.client.sendMessage(id, "#script\nwrite a.txt Hello")
  const approval = await untilAsked(server, id)
  const problems: string[] = []
  const reads = operations.filter(({ method, operationId }) => method === "GET" && operationId !== LOGGED)
  const before = await server.head()
  for (const { target } of reads)
    for (let times = 0; times < 2; times += 1) {
      await read(server, target.replaceAll(NOBODYS, id))
      if ((await server.head()) !== before) problems.push(`GET ${target} changes something`)
    }
  const context = await browser.newContext()
  context.setDefaultTimeout(60_000)
  const watched = await WatchedPage.open(context, server.url)
  try {
    await watched.page.goto(server.loginUrl())
    await watched.page.getByRole("heading", { name: "Sessions" }).waitFor()
    const [pointing, deciding] = [`http://elsewhere.example:1/`, approval]
    const query = [...PARAMETERS.map((name) => [name, pointing]), ...DECISIONS.map((name) => [name, deciding])]
    const text = new URLSearchParams(query as [string, string][]).toString()
    const head = await server.head()
    for (const address of [`sessions/${id}?${text}`, `sessions/${id}#${text}`, `?${text}`, `#${text}`]) {
      await watched.goto(address)
      await watched.page.reload()
      await watched.page.getByRole("button", { name: "Reject" }).first().waitFor()
      await watched.look(`an address with ${address.slice(0, 60)}`)
    }
    if ((await server.head()) !== head) problems.push("an address has decided something")
  } finally {
    await context.close()
  }
  await server.client.killSession(id)
  return { problems: [...problems, ...watched.problems], reads: reads.length }
}

/** Who takes a copy of the trail is told in it: the one read that leaves something. */
const LOGGED = "exportAudit"

async function read(server: BrowsedServer, target: string) {
  const stop = new AbortController()
  await fetch(`${server.url}${target}`, {
    headers: { Authorization: `Bearer ${server.token}` },
    signal: stop.signal,
    redirect: "manual",
  })
  // A stream has no end; what it answers is not looked at here.
  stop.abort()
}

async function untilAsked({ client }: BrowsedServer, id: string) {
  for await (const event of client.events(id, { after: 0 })) {
    const known = "hash" in event ? asKnown(event) : undefined
    if (known?.type === "approval.requested") return known.data.approvalId
  }
  throw new Error(`Session ${id} has asked for nothing.`)
}

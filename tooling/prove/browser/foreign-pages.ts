import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import type { Browser, BrowserContext, Frame, Page } from "playwright-core"
import { FOREIGN_NAME } from "../../e2e/chromium.ts"
import type { BrowsedServer } from "./browsed-server.ts"
import type { Operation } from "./read-operations.ts"

/**
 * Runs in a page of another origin, in a browser that is signed in to the server: asks for all that such a page can ask
 * for, and returns what it got that it should not. One operation after another: each form has a process of its own.
 */
const ASK = `async ({ server, operations }) => {
  const got = []
  const enctypes = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
  const form = (target, enctype) => new Promise((resolve) => {
    const frame = document.createElement("iframe")
    frame.name = "frame" + Math.random()
    const form = Object.assign(document.createElement("form"), { method: "post", action: server + target, enctype, target: frame.name })
    form.append(Object.assign(document.createElement("input"), { name: '{"reason":"', value: '"}' }))
    document.body.append(frame, form)
    frame.addEventListener("load", () => resolve(frame.remove()))
    form.submit()
  })
  for (const { method, target } of operations) {
    const cases = []
    const quietly = (promise) => cases.push(promise.catch(() => undefined))
    const what = method + " " + target
    const body = method === "GET" ? {} : { body: "{}" }
    if (method === "GET" || method === "POST") {
      quietly(fetch(server + target, { method, mode: "no-cors", credentials: "include", ...body })
        .then(({ type }) => type === "opaque" || got.push("reads without being asked about: " + what)))
    }
    for (const headers of [{}, { "Content-Type": "application/json", "X-Aegis-Page-Token": "guessed" }])
      quietly(fetch(server + target, { method, credentials: "include", headers, ...body })
        .then(({ status }) => got.push("reads the answer " + status + " to " + what)))
    if (method === "POST") {
      // What sendBeacon does; of this one hears when it is over.
      const beacon = { method, mode: "no-cors", credentials: "include", keepalive: true }
      quietly(fetch(server + target, { ...beacon, body: new Blob(["{}"], { type: "text/plain" }) }))
      for (const enctype of enctypes) cases.push(form(target, enctype))
    }
    await Promise.all(cases)
  }
  const opened = (name, make) => new Promise((resolve) => {
    const one = make()
    one.onopen = () => resolve(got.push("opens a " + name))
    one.onerror = () => resolve(one.close())
  })
  await opened("WebSocket", () => new WebSocket(server.replace("http", "ws") + "/v1/ws"))
  await opened("stream", () => new EventSource(server + "/v1/events", { withCredentials: true }))
  return got
}`

const PAGE = `<!doctype html><title>Elsewhere</title><iframe sandbox="allow-scripts allow-forms" srcdoc="<body></body>"></iframe>`

export interface ForeignPagesOptions {
  readonly server: BrowsedServer
  readonly browser: Browser
  readonly operations: readonly Operation[]
}

/** Pages of another port, of another site, and of no origin at all, where somebody is signed in (spec/threats.md, B1, B4, B8). */
export async function askFromForeignPages({ server, browser, operations }: ForeignPagesOptions) {
  const context = await browser.newContext()
  context.setDefaultTimeout(60_000)
  const elsewhere = await serve(PAGE)
  const problems: string[] = []
  let answers = 0
  try {
    await signInHere(context, server)
    for (const host of ["127.0.0.1", FOREIGN_NAME]) {
      const page = await context.newPage()
      const watched = new WatchedAnswers(page, server.url)
      await page.goto(`http://${host}:${elsewhere.port}/`)
      const sandboxed = await (await page.$("iframe"))?.contentFrame()
      for (const [name, frame] of [
        [`a page of ${host}`, page.mainFrame()],
        [`a sandboxed frame of ${host}`, sandboxed],
      ] as const) {
        const before = await server.head()
        problems.push(...(await ask(frame, { server, operations })).map((fault) => `${name} ${fault}`))
        if ((await server.head()) !== before) problems.push(`${name} has changed something`)
      }
      problems.push(...(await watched.faults(host)))
      answers += watched.count
    }
    return { problems, answers }
  } finally {
    await context.close()
    elsewhere.close()
  }
}

async function signInHere(context: BrowserContext, server: BrowsedServer) {
  const page = await context.newPage()
  await page.goto(server.loginUrl())
  await page.getByRole("heading", { name: "Sessions" }).waitFor()
  await page.close()
}

async function ask(frame: Frame | null | undefined, { server, operations }: Omit<ForeignPagesOptions, "browser">) {
  if (!frame) throw new Error("The sandboxed frame is not there.")
  const asked = JSON.stringify({ server: server.url, operations })
  return frame.evaluate<readonly string[]>(`(${ASK})(${asked})`)
}

/** What the server says to the page: nothing but no. And whether the browser showed it our cookie, as it does to the same site. */
class WatchedAnswers {
  count = 0
  readonly #page: Page
  readonly #looked: Promise<void>[] = []
  readonly #others = new Set<string>()
  #told = 0
  #withCookie = 0

  constructor(page: Page, origin: string) {
    this.#page = page
    page.on("response", (response) => {
      if (new URL(response.url()).origin !== origin) return
      this.count += 1
      const asked = `${response.request().method()} ${new URL(response.url()).pathname}`
      if (response.status() !== 403) this.#others.add(`${asked} is answered ${response.status()}`)
      this.#looked.push(this.#look(response.request()))
    })
  }

  /** Closes the page. */
  async faults(host: string) {
    await this.#page.close()
    await Promise.all(this.#looked)
    const isSameSite = host !== FOREIGN_NAME
    return [
      ...[...this.#others].map((other) => `from a page of ${host} ${other}`),
      ...(this.count === 0 ? [`nothing has reached the server from ${host}: this proves nothing`] : []),
      ...(this.#told < this.count / 2 ? [`the browser told ${this.#told} of ${this.count} requests: too few`] : []),
      ...(isSameSite && this.#withCookie === 0
        ? ["no request of another port had the cookie: this proves nothing"]
        : []),
      ...(!isSameSite && this.#withCookie > 0 ? [`${this.#withCookie} requests of another site had the cookie`] : []),
    ]
  }

  async #look(request: { allHeaders(): Promise<Record<string, string>> }) {
    // Of some forms whose frame is gone the browser never tells what it sent: their pages' end ends the wait.
    const headers = await request.allHeaders().catch(() => undefined)
    if (headers === undefined) return
    this.#told += 1
    const { cookie = "" } = headers
    if (cookie.includes("aegis_session=")) this.#withCookie += 1
  }
}

async function serve(page: string) {
  const server = createServer((_request, response) => response.setHeader("Content-Type", "text/html").end(page))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() }
}

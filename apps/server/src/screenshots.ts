import { existsSync } from "node:fs"
import type { Browser } from "playwright-core"
import { CHROMIUM_PLACES } from "./chromium-places.ts"
import type { Config } from "./config-schema.ts"
import { GuardedProxy, NO_ANSWER } from "./guarded-proxy.ts"
import { RequestProblem } from "./problem-reply.ts"

export interface ScreenshotWish {
  readonly url: string
  /** Of the window, in CSS pixels. */
  readonly width: number
  readonly height: number
  /** All of the page, instead of what the window shows. */
  readonly fullPage: boolean
}

export interface Screenshot {
  readonly png: Buffer
  /** Where the page came from in the end. */
  readonly url: string
  /** The HTTP status of that. */
  readonly status?: number
  /** What the page asked for and did not get: hosts and ports that are not of the open internet. */
  readonly refused: readonly string[]
}

/** Browsers that run at once. */
const MOST_AT_ONCE = 2
const MOST_MS = 30_000
const MOST_BYTES = 10 * 1024 * 1024
const WAIT_SECONDS = 5

// Nothing of its own goes anywhere, and nothing of a page's past the proxy.
const ARGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
]

/** Looks at pages with a browser of its own, which has nothing in it and is gone afterwards. */
export class Screenshots {
  readonly #parts: { readonly config: Pick<Config, "screenshots"> }
  #running = 0

  constructor(parts: { readonly config: Pick<Config, "screenshots"> }) {
    this.#parts = parts
  }

  /** Rejects with `browser-missing`, `too-many-screenshots`, `url-forbidden`, `page-unreachable`, `screenshot-too-large`. */
  async take(wish: ScreenshotWish): Promise<Screenshot> {
    const launch = await this.#launcher()
    if (this.#running >= MOST_AT_ONCE)
      throw new RequestProblem("too-many-screenshots", `${MOST_AT_ONCE} pages are looked at already: try again.`, {
        retryAfterSeconds: WAIT_SECONDS,
      })
    this.#running += 1
    try {
      const proxy = await GuardedProxy.open({ allowHosts: this.#parts.config.screenshots.allowHosts })
      try {
        const browser = await launch(proxy)
        try {
          return await look(browser, wish, proxy)
        } finally {
          await browser.close()
        }
      } finally {
        await proxy.close()
      }
    } finally {
      this.#running -= 1
    }
  }

  async #launcher() {
    const { browser, sandbox } = this.#parts.config.screenshots
    const executablePath = browser ?? CHROMIUM_PLACES.find((place) => existsSync(place))
    const library = await import("playwright-core").catch(() => undefined)
    if (!library) throw missing("The package playwright-core is not installed: npm install playwright-core.")
    if (executablePath === undefined || !existsSync(executablePath))
      throw missing("There is no Chromium: install it, or say where it is (screenshots.browser).")
    if (sandbox && process.getuid?.() === 0)
      throw missing(
        "As root Chromium has no sandbox: run the server as somebody else, or say that it may do without (screenshots.sandbox: false).",
      )
    return (proxy: GuardedProxy): Promise<Browser> =>
      library.chromium.launch({
        executablePath,
        chromiumSandbox: sandbox,
        args: ARGS,
        proxy: proxy.settings,
        // Its environment has nothing of the server's.
        env: { PATH: process.env.PATH ?? "", HOME: "/nonexistent" },
        timeout: MOST_MS,
      })
  }
}

async function look(browser: Browser, { url, width, height, fullPage }: ScreenshotWish, proxy: GuardedProxy) {
  const context = await browser.newContext({
    viewport: { width, height },
    acceptDownloads: false,
    serviceWorkers: "block",
  })
  const page = await context.newPage()
  page.setDefaultTimeout(MOST_MS)
  const answer = await page.goto(url, { waitUntil: "load", timeout: MOST_MS }).catch((error: unknown) => error as Error)
  const refused = [...proxy.refused]
  const isRefused = refused.includes(hostAndPort(page.url())) || refused.includes(hostAndPort(url))
  if (isRefused || (answer instanceof Error && refused.length > 0))
    throw new RequestProblem(
      "url-forbidden",
      `${refused[0]} is not an address of the open internet: what may be looked at besides stands in screenshots.allowHosts.`,
    )
  if (answer instanceof Error)
    throw new RequestProblem("page-unreachable", `The page did not load: ${reasonOf(answer)}.`)
  if (answer && answer.status() >= NO_ANSWER)
    throw new RequestProblem("page-unreachable", "The page did not load: nobody answers there.")
  const png = await page.screenshot({ type: "png", fullPage, timeout: MOST_MS, animations: "disabled" })
  if (png.length > MOST_BYTES)
    throw new RequestProblem("screenshot-too-large", "The picture has more than 10 MiB: ask for less of the page.")
  return { png, url: page.url(), refused, ...(answer ? { status: answer.status() } : {}) }
}

function missing(message: string) {
  return new RequestProblem("browser-missing", message)
}

function hostAndPort(address: string) {
  if (!URL.canParse(address)) return ""
  const { hostname, port, protocol } = new URL(address)
  return `${hostname.replace(/^\[(.*)\]$/, "$1")}:${port === "" ? (protocol === "https:" ? 443 : 80) : port}`
}

// The library's message goes on with what it did.
function reasonOf({ message }: Error) {
  return (
    /net::(\w+)/.exec(message)?.[1] ?? (/Timeout/.test(message) ? `nothing within ${MOST_MS / 1000} s` : "it failed")
  )
}

import type { BrowserContext, Page } from "playwright-core"
import { JUDGE_PAGE, READ_TRACES, WATCH_POLICY } from "./judge-page.ts"

interface Traces {
  readonly pwned: boolean
  readonly held: readonly string[]
}

/** A page of the dashboard, and what it does that it should not. */
export class WatchedPage {
  readonly page: Page
  readonly problems: string[] = []
  /** How often it was looked at. */
  looks = 0
  readonly #origin: string
  #where = "at first"

  static async open(context: BrowserContext, origin: string) {
    await context.addInitScript(WATCH_POLICY)
    return new WatchedPage(await context.newPage(), origin)
  }

  private constructor(page: Page, origin: string) {
    this.page = page
    this.#origin = origin
    page.on("request", (request) => {
      if (new URL(request.url()).origin !== origin) this.#note(`asks ${request.url().slice(0, 200)}`)
    })
    page.on("dialog", (dialog) => {
      this.#note(`opens a dialog: ${dialog.message().slice(0, 200)}`)
      void dialog.dismiss()
    })
    page.on("popup", (popup) => this.#note(`opens ${popup.url().slice(0, 200)}`))
    page.on("pageerror", (error) => this.#note(`fails: ${error.message.slice(0, 200)}`))
    page.on("framenavigated", (frame) => {
      if (new URL(frame.url()).origin !== origin) this.#note(`goes to ${frame.url().slice(0, 200)}`)
    })
  }

  async goto(path: string) {
    await this.page.goto(`${this.#origin}/dashboard/${path}`)
  }

  /** Opens and touches all that the page has, and notes what it should not have. */
  async look(where: string) {
    this.looks += 1
    this.#where = where
    for (const fault of await this.page.evaluate<readonly string[]>(JUDGE_PAGE)) this.#note(fault)
    // What was touched has had its turn.
    await this.page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    const { pwned, held } = await this.page.evaluate<Traces>(READ_TRACES)
    if (pwned) this.#note("has obeyed a payload")
    for (const what of held) this.#note(`had to be held back: ${what.slice(0, 200)}`)
  }

  /** Wants so many of what a selector finds: what is not shown harms nobody. */
  async shows(selector: string, count: number) {
    const found = this.page.locator(selector)
    await found.nth(Math.max(0, count - 1)).waitFor({ state: count === 0 ? "detached" : "attached" })
    const shown = await found.count()
    if (shown !== count) this.#note(`shows ${shown} of ${count} ${selector}`)
  }

  /** After it nothing is looked at any more. */
  givenUp(error: unknown) {
    this.#note(`is not as it is waited for: ${String(error)}`)
  }

  #note(what: string) {
    const problem = `${this.#where}: the page ${what}`
    if (!this.problems.includes(problem)) this.problems.push(problem)
  }
}

import type { Browser } from "playwright-core"
import { Random } from "../random.ts"
import type { BrowsedServer } from "./browsed-server.ts"
import type { Payload } from "./payloads.ts"
import { WatchedPage } from "./watched-page.ts"

/** As many as a session shows at once. */
const TOGETHER = 75

export interface ShowPayloadsOptions {
  readonly server: BrowsedServer
  readonly browser: Browser
  readonly list: readonly Payload[]
  readonly seed: number
  /** Of what takes a page each: how many. */
  readonly singly: number
  /** Of what takes a request each: how many of a session's. */
  readonly often: number
  readonly isFull: boolean
  readonly print: (line: string) => void
}

/** Payloads wherever people and agents can say something: every page that shows them is opened, and obeys none. */
export async function showPayloads({ server, browser, list, seed, singly, often, isFull, print }: ShowPayloadsOptions) {
  const context = await browser.newContext()
  context.setDefaultTimeout(60_000)
  const watched = await WatchedPage.open(context, server.url)
  const show = new PayloadShow(server, watched, { isFull })
  try {
    await watched.page.goto(server.loginUrl())
    await watched.page.getByRole("heading", { name: "Sessions" }).waitFor()
    for (let from = 0; from < list.length; from += TOGETHER) {
      await show.session(from, list.slice(from, from + TOGETHER), often)
      print(`… ${Math.min(from + TOGETHER, list.length)} of ${list.length} payloads`)
    }
    const random = new Random(seed)
    const some = Array.from({ length: singly }, () => random.between(0, list.length - 1))
    await show.names(some.map((index) => textAt(list, index)))
    await show.fail(some)
    for (const index of some) await show.stop(textAt(list, index))
    for (const index of some) await show.address(textAt(list, index))
    await show.form(some.map((index) => textAt(list, index)))
  } catch (error) {
    // A page that payloads have taken over shows no more of what is waited for.
    watched.givenUp(error)
  } finally {
    await context.close()
  }
  return { problems: watched.problems, looks: watched.looks, places: show.places }
}

function textAt(list: readonly Payload[], index: number) {
  return list[index]?.text ?? ""
}

interface PartOptions {
  readonly range: string
  readonly often: number
}

class PayloadShow {
  /** Payloads times places. */
  places = 0
  readonly #server: BrowsedServer
  readonly #watched: WatchedPage
  readonly #isShort: boolean
  /** On the first page, by what was looked for there. */
  readonly #seen = new Set<string>()

  constructor(server: BrowsedServer, watched: WatchedPage, { isFull }: Pick<ShowPayloadsOptions, "isFull">) {
    this.#isShort = !isFull
    this.#server = server
    this.#watched = watched
  }

  /** Sessions with payloads in all that a turn has: while it waits for a person, as a question, and as prompts. */
  async session(from: number, payloads: readonly Payload[], often: number) {
    const texts = payloads.map(({ text }) => text)
    const range = `${from} ${from + texts.length}`
    const { id } = await this.#create({ name: texts[0] ?? "", prompt: `show ${range}` })
    await this.#decides(id, texts, { range, often })
    const asking = await this.#create({ name: texts.at(-1) ?? "", prompt: `ask ${range}` })
    await this.#asks(asking.id, texts, { range, often })
  }

  /** Names, of sessions that have said nothing else. */
  async names(texts: readonly string[]) {
    for (const text of texts) await this.#create({ name: text, labels: { payload: text.slice(0, 200) } })
    await this.#watched.goto("")
    await this.#watched.page.locator(".row").first().waitFor()
    await this.#watched.look("names")
    this.places += texts.length
  }

  /** How turns fail, and the last words of an agent that dies. */
  async fail(indexes: readonly number[]) {
    const { id } = await this.#create({ name: "fails", prompt: "nothing" })
    for (const [count, index] of indexes.entries()) {
      await this.#watched.goto(`sessions/${id}`)
      await this.#client.sendMessage(id, `fail ${index}`)
      await this.#watched.shows(".notice-error", count + 1)
    }
    await this.#client.sendMessage(id, `die ${indexes[0]}`)
    // The turn, the agent and the session have each come to an end.
    await this.#watched.shows(".notice-error", indexes.length + 3)
    await this.#watched.look(`payloads ${indexes.join(", ")} as failures`)
    this.places += indexes.length + 1
  }

  /** Why all work is stopped. */
  async stop(reason: string) {
    await this.#client.stopAll({ reason })
    await this.#watched.page.locator(".stop-banner").waitFor()
    await this.#watched.look(`a stop because of ${JSON.stringify(reason)}`)
    await this.#client.liftStopAll()
    await this.#watched.page.locator(".stop-banner").waitFor({ state: "detached" })
    this.places += 1
  }

  /** Asked with an address, and behind it: in its path it is no page's. */
  async address(text: string) {
    const part = encodeURIComponent(text.toWellFormed())
    await this.#watched.goto(`sessions/x?${part}=${part}#${part}`)
    await this.#watched.page.getByRole("heading").first().waitFor()
    await this.#watched.look(`an address with ${JSON.stringify(text)}`)
    this.places += 1
  }

  /** What a server says of a folder that is not there. */
  async form(texts: readonly string[]) {
    const { page } = this.#watched
    await this.#watched.goto("")
    await page.getByRole("button", { name: "New session" }).click()
    await page.locator("dialog textarea").fill("x")
    for (const text of texts) {
      await page.getByRole("combobox", { name: "Folder" }).fill(`/${text}`)
      const answered = page.waitForResponse((response) => response.request().method() === "POST")
      await page.getByRole("button", { name: "Start", exact: true }).click()
      await answered
      await page.locator("dialog").getByRole("alert").waitFor()
      await this.#watched.look(`a folder called ${JSON.stringify(text)}`)
      this.places += 1
    }
  }

  /** Calls and requests, then why some were refused, and what is left of the others. */
  async #decides(id: string, texts: readonly string[], { range, often }: PartOptions) {
    await this.#watched.goto(`sessions/${id}`)
    await this.#watched.shows(".approval", texts.length)
    await this.#watched.shows(".entry-assistant", texts.length)
    await this.#watched.shows(".entry-thinking", texts.length)
    await this.#watched.shows(".tool", 4 * texts.length)
    await this.#watched.page.locator(".composer textarea").fill("/")
    await this.#watched.page.locator(".commands").waitFor()
    await this.#watched.look(`payloads ${range}, to be decided`)
    await this.#seenFirst(`payloads ${range}, to be decided, on the first page`, ".approval", texts.length)
    await this.#watched.goto(`sessions/${id}`)
    const { items } = await this.#client.listSessionApprovals(id, { status: "open" })
    for (const [index, { approvalId }] of items.slice(0, often).entries())
      await this.#client.rejectPermission(id, { approvalId, reason: texts.at(-index) ?? "" })
    await this.#client.killSession(id)
    await this.#watched.shows(".decision", texts.length)
    await this.#watched.look(`payloads ${range}, decided`)
    // Said and thought, four calls in three places each, a request with its options, a plan, a command, a mode, a title.
    this.places += 20 * texts.length
  }

  /** A form of many fields; then, when it was answered, prompts that wait, and are said. */
  async #asks(id: string, texts: readonly string[], { range, often }: PartOptions) {
    const [first = ""] = texts
    await this.#watched.goto(`sessions/${id}`)
    await this.#watched.shows("form.question", 1)
    await this.#watched.look(`payloads ${range}, as a question`)
    await this.#seenFirst(`payloads ${range}, as a question, on the first page`, "form.question", 1)
    await this.#watched.goto(`sessions/${id}`)
    await this.#client.pauseSession(id, { reason: first })
    await this.#client.answerQuestion(id, { content: { [first]: first } })
    await this.#watched.shows(".decision", 1)
    const prompts = texts.slice(-often)
    for (const text of prompts) await this.#client.sendMessage(id, text)
    await this.#watched.shows(".queue li", prompts.length)
    await this.#watched.look(`payloads ${range}, answered and in the queue`)
    await this.#client.resumeSession(id)
    await this.#watched.shows(".queue li", 0)
    await this.#watched.shows(".bubble", prompts.length + 1)
    await this.#watched.look(`payloads ${range}, as prompts`)
    await this.#client.killSession(id)
    this.places += 3 * texts.length + 2 * prompts.length
  }

  /** On the first page, which has the same cards: of some sessions, where it is to be short. */
  async #seenFirst(where: string, selector: string, count: number) {
    if (this.#isShort && this.#seen.has(selector)) return
    this.#seen.add(selector)
    await this.#watched.goto("")
    await this.#watched.shows(selector, count)
    await this.#watched.look(where)
  }

  #create(wish: { readonly name: string; readonly prompt?: string; readonly labels?: Record<string, string> }) {
    const name = wish.name.slice(0, 200).toWellFormed()
    return this.#client.createSession({
      ...wish,
      name,
      workDir: this.#server.workFolder(),
      agent: "hostile",
      reuse: false,
    })
  }

  get #client() {
    return this.#server.client
  }
}

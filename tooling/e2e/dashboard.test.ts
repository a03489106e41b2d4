import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { AegisClient } from "@aegis/client"
import { type RunningServer, startServer } from "@aegis/server"
import { loadConfig } from "@aegis/server/local"
import AxeBuilder from "@axe-core/playwright"
import type { Browser, BrowserContextOptions, Page } from "playwright-core"
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest"
import { buildDashboard } from "./build-dashboard.ts"
import { findChromium, launchChromium } from "./chromium.ts"

// The dashboard as people use it: built, served by the real server, in a real browser, with the demo agent.

const executable = findChromium(process.env)
const root = mkdtempSync(join(tmpdir(), "aegis-e2e-"))
const dashboardFolder = join(root, "dashboard")
const tour = "Have a look at this folder."
const script = (...lines: string[]) => ["#script", ...lines].join("\n")

describe.skipIf(executable === undefined)("the dashboard", () => {
  let browser: Browser
  let server: RunningServer
  let client: AegisClient
  let port = 0
  const stateDir = join(root, "state")

  beforeAll(async () => {
    await buildDashboard(dashboardFolder)
    browser = await launchChromium(executable ?? "")
    await start()
  })
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()))
  })
  afterAll(async () => {
    await browser.close()
    await server.close()
    rmSync(root, { recursive: true, force: true })
  })

  async function start() {
    const policy = join(root, "policy.yaml")
    writeFileSync(policy, 'version: 1\nbudgets: [{ scope: "key:Thrifty", usd: 1 }]')
    const env = {
      AEGIS_POLICY: policy,
      AEGIS_PORT: String(port),
      AEGIS_STATE_DIR: stateDir,
      AEGIS_AGENT: "demo",
      AEGIS_LOG_LEVEL: "silent",
    }
    server = await startServer({
      config: loadConfig({ env, cwd: root, home: root }),
      env: process.env,
      dashboardFolder,
    })
    port = Number(new URL(server.url).port)
    client = new AegisClient(server.url, server.token)
  }

  /** A folder for an agent to look at. */
  function project(name: string) {
    const folder = join(root, name)
    mkdirSync(folder)
    writeFileSync(join(folder, "notes.txt"), "One line.\n")
    return folder
  }

  /** A page of a browser that knows nothing yet. */
  async function openPage(options: BrowserContextOptions = {}) {
    const context = await browser.newContext({ viewport: { width: 1100, height: 800 }, ...options })
    context.setDefaultTimeout(60_000)
    return context.newPage()
  }

  async function signedIn(options: BrowserContextOptions = {}) {
    const page = await openPage(options)
    await page.goto(server.loginUrl())
    await page.getByRole("heading", { name: "Sessions" }).waitFor()
    return page
  }

  const sessionPath = (id: string) => `${server.url}/dashboard/sessions/${id}`
  const badge = (page: Page) => page.locator(".session-title .badge")

  it("opens by its link, starts a session, shows the exact change, and writes the file once it is allowed", async () => {
    const folder = project("allowed")
    const file = join(folder, "AEGIS-DEMO.md")
    const page = await openPage()
    await page.goto(server.loginUrl())
    await page.getByRole("button", { name: "New session" }).click()
    expect(page.url()).toBe(`${server.url}/dashboard/`)
    await page.getByRole("combobox", { name: "Folder" }).fill(folder)
    await page.getByLabel("Prompt").fill(tour)
    await page.getByRole("button", { name: "Start", exact: true }).click()

    const approval = page.getByRole("region", { name: "Permission: Write AEGIS-DEMO.md" })
    await approval.waitFor()
    expect(await badge(page).textContent()).toBe("Needs approval")
    expect(await page.title()).toContain("(1)")
    expect(existsSync(file)).toBe(false)
    const shown = (await approval.locator(".diff-added").allTextContents()).map((line) => line.replace(/^\+|\n$/g, ""))
    await approval.getByRole("button", { name: "Allow", exact: true }).click()

    const question = page.getByRole("form", { name: "Question: What shall I look at next?" })
    await question.getByLabel("Tests").check()
    expect(readFileSync(file, "utf8")).toBe(`${shown.join("\n")}\n`)
    await question.getByRole("button", { name: "Answer" }).click()
    await page.locator(".turn-end").waitFor()
    expect(await badge(page).textContent()).toBe("Ready")
    expect(await page.getByText("Allowed Write AEGIS-DEMO.md by local (dashboard)").count()).toBe(1)
    expect(await page.getByText("What shall I look at next? Tests by local (dashboard)").count()).toBe(1)
  })

  it("opens by a link once; after that the cookie is what lets in, and only this browser has it", async () => {
    const link = server.loginUrl()
    const page = await openPage()
    await page.goto(link)
    await page.getByRole("heading", { name: "Sessions" }).waitFor()
    const [cookie] = await page.context().cookies()
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict" })
    expect(await page.evaluate("[document.cookie, JSON.stringify(Object.keys(localStorage))]")).toEqual([
      "",
      '["aegis-page-token"]',
    ])
    await page.reload()
    await page.getByRole("heading", { name: "Sessions" }).waitFor()

    const other = await openPage()
    await other.goto(link)
    await other.getByRole("alert").getByText("used already").waitFor()
    await other.getByLabel(/token/).fill("ag_wrong")
    await other.getByRole("button", { name: "Sign in" }).click()
    await other.getByRole("alert").getByText("not known here").waitFor()
    await other.getByLabel(/token/).fill(server.token)
    await other.getByRole("button", { name: "Sign in" }).click()
    await other.getByRole("heading", { name: "Sessions" }).waitFor()
  })

  it("signs out for good: its other tab is out, too, and its cookie lets nobody in any more", async () => {
    const page = await signedIn()
    const other = await page.context().newPage()
    await other.goto(`${server.url}/dashboard/`)
    await other.getByRole("heading", { name: "Sessions" }).waitFor()
    const cookies = await page.context().cookies()
    await page.getByRole("button", { name: "Sign out" }).click()
    await page.getByRole("button", { name: "Sign in" }).waitFor()
    await other.getByText("Not connected").waitFor()
    await page.context().addCookies(cookies)
    await page.reload()
    await page.getByRole("button", { name: "Sign in" }).waitFor()
  })

  it("is nobody's without what its pages keep for themselves: the cookie is shown to every port of this host", async () => {
    const page = await signedIn()
    const shown = Promise.withResolvers<string>()
    const neighbour = createServer(({ headers }, response) => {
      shown.resolve(headers.cookie ?? "")
      response.setHeader("Content-Type", "text/html")
      response.end("<title>Neighbour</title>")
    })
    await new Promise<void>((resolve) => neighbour.listen(0, "127.0.0.1", resolve))
    onTestFinished(() => void neighbour.close())
    const address = `http://127.0.0.1:${(neighbour.address() as AddressInfo).port}`
    await page.goto(address)
    const Cookie = await shown.promise
    expect(Cookie).toMatch(/^aegis_session=/)
    expect(await page.evaluate("Object.keys(localStorage)")).toEqual([])
    expect((await fetch(`${server.url}/v1/sessions`, { headers: { Cookie } })).status).toBe(401)
    await page.goto(`${server.url}/dashboard/`)
    await page.getByRole("heading", { name: "Sessions" }).waitFor()
    await page.evaluate("localStorage.clear()")
    await page.reload()
    await page.getByRole("button", { name: "Sign in" }).waitFor()
  })

  it("stays who one is when somebody else's link is followed", async () => {
    const page = await signedIn()
    const { key = "" } = await client.createApiKey({ name: "Eve", role: "admin", userId: "eve" })
    const { url } = await new AegisClient(server.url, key).createLoginCode()
    await page.goto(url)
    await page.getByText("You are signed in already, as local.").waitFor()
    expect(page.url()).toBe(`${server.url}/dashboard/`)
    expect(await page.getByRole("button", { name: "Sign out" }).getAttribute("title")).toBe("Signed in as local")
    await page.getByRole("button", { name: "OK" }).click()
    expect(await page.getByText("You are signed in already").count()).toBe(0)
    await page.getByRole("button", { name: "Sign out" }).click()
    await page.getByRole("button", { name: "Sign in" }).waitFor()
    await page.goto(url)
    await page.getByRole("button", { name: "Sign out" }).and(page.getByTitle("Signed in as eve")).waitFor()
  })

  it("opens by a link in the tab that asked for one", async () => {
    const page = await openPage()
    await page.goto(`${server.url}/dashboard/`)
    await page.getByRole("button", { name: "Sign in" }).waitFor()
    await page.goto(server.loginUrl())
    await page.getByRole("heading", { name: "Sessions" }).waitFor()
    expect(page.url()).toBe(`${server.url}/dashboard/`)
  })

  it("shows what needs somebody on its first page, and gives way when another door decides", async () => {
    const page = await signedIn()
    const created = await client.createSession({
      workDir: project("elsewhere"),
      prompt: tour,
      reuse: false,
      name: "Elsewhere",
    })
    const card = page.getByRole("article").filter({ hasText: "Elsewhere" })
    await card.getByRole("button", { name: "Reject" }).waitFor()
    await page.locator(`[data-session="${created.id}"]`).getByText("Needs approval").waitFor()
    await client.rejectPermission(created.id)
    await card.getByRole("form").waitFor()
    expect(await card.getByRole("button", { name: "Reject" }).count()).toBe(0)
    await card.getByRole("button", { name: "Decline" }).click()
    await card.waitFor({ state: "detached" })
    await page.locator(`[data-session="${created.id}"]`).getByText("Ready").waitFor()

    await page.locator(`[data-session="${created.id}"] a`).click()
    await page.getByText("Rejected Write AEGIS-DEMO.md by local (rest)").waitFor()
    await page.getByText("declined by local (dashboard)").waitFor()
  })

  it("says for which budget a prompt waits, until somebody allows more", async () => {
    const { key = "" } = await client.createApiKey({ name: "Thrifty", role: "operator" })
    const thrifty = new AegisClient(server.url, key)
    const prompt = script("say One", "usage 10 100 0.9")
    const { id } = await thrifty.createSession({ workDir: project("budget"), prompt, reuse: false })
    const page = await signedIn()
    await page.goto(sessionPath(id))
    const words = page.getByLabel("Agent", { exact: true })
    await words.getByText("One").waitFor()
    await thrifty.sendMessage(id, script("say Two"))
    await page.getByText("Over budget: prompts wait").waitFor()
    await page.getByText('Budget "key:Thrifty of local" of $1.00 has no room for this turn: $0.90 spent').waitFor()
    await client.extendBudget(id, { usd: 5 })
    await words.getByText("Two").waitFor()
    await page.getByText('local (rest) allows $5.00 more of the budget "key:Thrifty of local".').waitFor()
    expect(await page.getByText("Over budget: prompts wait").count()).toBe(0)
  })

  it("sends, queues, interrupts, pauses and ends", async () => {
    const { id } = await client.createSession({ workDir: project("composer"), reuse: false })
    const page = await signedIn()
    await page.goto(sessionPath(id))
    const prompt = page.getByLabel("Prompt")
    await prompt.fill(script("say Waiting", "wait"))
    await prompt.press("Enter")
    await page.getByRole("button", { name: "Interrupt" }).waitFor()
    await prompt.fill(script("say The next one"))
    await page.getByRole("button", { name: "Queue" }).click()
    await page.getByRole("list", { name: "Prompts that wait" }).getByText("The next one").waitFor()
    await page.getByRole("button", { name: "Interrupt" }).click()
    await page.getByText("Interrupted").waitFor()
    await page.getByLabel("Agent", { exact: true }).getByText("The next one").waitFor()
    await page.getByRole("button", { name: "Send" }).waitFor()

    await page.getByRole("button", { name: "Pause" }).click()
    await page.getByText("Paused: prompts wait").waitFor()
    await client.sendMessage(id, script("say After the pause"))
    await page.getByRole("list", { name: "Prompts that wait" }).getByText("After the pause").waitFor()
    await page.getByRole("button", { name: "Resume" }).click()
    await page.getByLabel("Agent", { exact: true }).getByText("After the pause").waitFor()

    page.on("dialog", (dialog) => void dialog.accept())
    await page.getByRole("button", { name: "End", exact: true }).click()
    await page.getByText("This session is over").waitFor()
    expect((await client.getSession(id)).status).toBe("killed")
  })

  it("shows on every page that all work is stopped, by whom and why, and lets it go on", async () => {
    const { id } = await client.createSession({ workDir: project("stopped"), prompt: script("wait") })
    const page = await signedIn()
    await client.stopAll({ reason: "Smoke in the server room." })
    const banner = page.getByRole("complementary", { name: "All work is stopped" })
    await banner.waitFor()
    expect(await banner.textContent()).toContain("Smoke in the server room.")
    expect(await banner.textContent()).toContain("local (rest)")
    await page.goto(sessionPath(id))
    await banner.getByRole("button", { name: "Lift" }).waitFor()
    await expect.poll(() => badge(page).textContent()).toBe("Ready")
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
    await banner.getByRole("button", { name: "Lift" }).click()
    await banner.waitFor({ state: "detached" })
    expect((await client.getHealth()).stop).toBeUndefined()
    await client.killSession(id)
  })

  it("says what is wrong with a folder that is not there, and keeps what was typed", async () => {
    const page = await signedIn()
    await page.getByRole("button", { name: "New session" }).click()
    await page.getByRole("combobox", { name: "Folder" }).fill("/no/such/folder")
    await page.getByLabel("Prompt").fill("Hello")
    await page.getByRole("button", { name: "Start", exact: true }).click()
    await page.getByRole("alert").getByText("/no/such/folder").waitFor()
    expect(await page.getByLabel("Prompt").inputValue()).toBe("Hello")
    await page.goto(sessionPath("00000000-0000-4000-8000-000000000000"))
    await page.getByRole("heading", { name: "There is no session" }).waitFor()
  })

  it("obeys nothing that a name, a prompt or an agent says, and asks nobody but its server", async () => {
    const attack =
      '<img src=x onerror="window.__pwned=1"><script>window.__pwned=1</script><svg onload="window.__pwned=1"> [go](javascript:window.__pwned=1) ![x](https://example.invalid/x.png) <a href="https://example.invalid/">y</a>'
    const { id } = await client.createSession({
      workDir: project("attack"),
      name: attack.slice(0, 200),
      prompt: script(`say ${attack}`, `think ${attack}`, `run ${attack}`, `ask ${attack} | ${attack} | b`),
      reuse: false,
    })
    const page = await signedIn()
    const asked = new Set<string>()
    page.on("request", (request) => asked.add(new URL(request.url()).origin))
    await page.goto(sessionPath(id))
    const approval = page.getByRole("region", { name: /Permission/ })
    await approval.waitFor()
    expect(await approval.locator(".command").textContent()).toBe(attack)
    await approval.getByRole("button", { name: "Reject" }).click()
    await page.getByRole("form").waitFor()
    const link = page.getByRole("link", { name: "go" }).first()
    expect(await link.getAttribute("href")).not.toMatch(/javascript/)
    await page.goto(`${server.url}/dashboard/`)
    await page.locator(`[data-session="${id}"]`).waitFor()
    expect(await page.evaluate("window.__pwned")).toBeUndefined()
    expect([...asked]).toEqual([server.url])
    await client.killSession(id)
  })

  it("says when the server is gone, and goes on where it was when it is back", async () => {
    const { id } = await client.createSession({
      workDir: project("outage"),
      prompt: script("say Before"),
      reuse: false,
    })
    const page = await signedIn()
    await page.goto(sessionPath(id))
    await page.getByText("Before", { exact: true }).waitFor()
    await server.close()
    await page.getByRole("status").getByText("Reconnecting").waitFor()
    await start()
    await client.sendMessage(id, script("say After"))
    await page.getByLabel("Agent", { exact: true }).getByText("After").waitFor()
    await page.getByRole("status").getByText("Live").waitFor()
    expect(await page.getByLabel("Agent", { exact: true }).allTextContents()).toEqual(["Before", "After"])
  })

  it("tries again when the server is gone before a page has all it shows", async () => {
    const { id } = await client.createSession({ workDir: project("early"), prompt: script("say Here"), reuse: false })
    const page = await signedIn()
    for (const asked of ["**/v1/log?*", `**/v1/sessions/${id}`])
      await page.route(asked, (route) => route.fulfill({ status: 502, body: "Nobody there" }), { times: 1 })
    await page.goto(sessionPath(id))
    await page.getByRole("status").getByText("Reconnecting").waitFor()
    await page.getByRole("status").getByText("Live").waitFor()
    expect(await page.getByLabel("Agent", { exact: true }).allTextContents()).toEqual(["Here"])
  })

  /** What a Claude Code tells that was started by hand. */
  async function byHand(name: string) {
    const cwd = project(name)
    const secret = readFileSync(join(stateDir, "hook-secret"), "utf8").trim()
    return async (event: string, fields: object = {}) => {
      const headers = { "Content-Type": "application/json", "X-Hook-Secret": secret }
      const body = JSON.stringify({ session_id: name, cwd, ...fields })
      const { status } = await fetch(`${server.url}/v1/hooks/${event}`, { method: "POST", headers, body })
      expect(status).toBeLessThan(300)
    }
  }

  it("shows an agent that was started elsewhere, and offers nothing", async () => {
    const hook = await byHand("by-hand")
    await hook("UserPromptSubmit", { prompt: "Tidy up the notes." })
    const call = { tool_name: "Bash", tool_input: { command: "ls -l notes" }, tool_use_id: "t1" }
    await hook("PreToolUse", call)
    await hook("PostToolUse", { ...call, tool_response: { stdout: "notes.txt" } })
    const token = { tool_name: "Read", tool_input: { file_path: join(stateDir, "token") }, tool_use_id: "t2" }
    await hook("PreToolUse", token)
    const page = await signedIn({ reducedMotion: "reduce" })
    const row = page.locator(".row", { hasText: "by-hand" })
    expect(await row.textContent()).toContain("external")
    await expectWellMade(page)
    await hook("Notification", { notification_type: "permission_prompt" })
    await page.getByRole("article").filter({ hasText: "by-hand" }).getByText("It waits where it runs").waitFor()
    await row.getByRole("link").click()
    await page.getByText("This agent was started elsewhere").waitFor()
    await page.getByText("Denied by server:data-directory").waitFor()
    expect(await badge(page).textContent()).toBe("Needs approval")
    expect(await page.getByText("Tidy up the notes.").count()).toBe(1)
    const offered = page.locator(".session").getByRole("button").or(page.locator(".session").getByRole("textbox"))
    expect(await offered.count()).toBe(0)
    await expectWellMade(page)
    await hook("Stop", { last_assistant_message: "The notes are **tidy**." })
    await page.getByLabel("Agent", { exact: true }).getByText("tidy").waitFor()
    await hook("SessionEnd", { reason: "other" })
    await page.locator(".session-title .badge", { hasText: "Completed" }).waitFor()
  })

  it("can be used by everybody", async () => {
    const guest = await openPage({ reducedMotion: "reduce" })
    await guest.goto(`${server.url}/dashboard/`)
    await guest.getByRole("button", { name: "Sign in" }).waitFor()
    await expectWellMade(guest)

    const prompt = script(
      "say # A title\\n\\n| a | b |\\n|---|---|\\n| 1 | 2 |",
      "run echo hello",
      "ask Which? | One | Two",
    )
    const { id } = await client.createSession({ workDir: project("axe"), prompt, reuse: false })
    onTestFinished(async () => {
      await client.killSession(id)
    })
    const page = await signedIn({ reducedMotion: "reduce" })
    await page.getByRole("region", { name: /Permission/ }).waitFor()
    await expectWellMade(page)
    await page.getByRole("button", { name: "New session" }).click()
    await expectWellMade(page)
    await page.goto(sessionPath(id))
    await page.getByRole("button", { name: "Allow", exact: true }).click()
    await page.getByRole("form").waitFor()
    await expectWellMade(page)
  })

  /** In light and dark, wide and on a phone: each of the four once, and what takes long in the two that share nothing. */
  async function expectWellMade(page: Page) {
    for (const [colorScheme, width, isJudged] of [
      ["light", 360, false],
      ["light", 1100, true],
      ["dark", 1100, false],
      ["dark", 360, true],
    ] as const) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: 800 })
      const look = `${colorScheme}, ${width} pixels wide`
      expect(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), look).toBe(true)
      if (!isJudged) continue
      const { violations } = await new AxeBuilder({ page })
        .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
        .analyze()
      expect(
        violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]),
        look,
      ).toEqual([])
    }
  }
})

import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { AegisClient } from "@aegis/client"
import { type RunningServer, startServer } from "@aegis/server"
import { loadConfig } from "@aegis/server/local"
import { buildDashboard } from "../../e2e/build-dashboard.ts"
import { signIn } from "../sign-in.ts"
import type { PayloadsOptions } from "./payloads.ts"

const agentProgram = fileURLToPath(new URL("agent-program.ts", import.meta.url))

/** A server with the dashboard, and an agent that says payloads. */
export class BrowsedServer {
  readonly client: AegisClient
  readonly #running: RunningServer
  readonly #root: string
  #folders = 0

  static async start({ seed, mutations, every }: PayloadsOptions) {
    const root = realpathSync(mkdtempSync(join(tmpdir(), "prove-browser-")))
    const dashboardFolder = join(root, "dashboard")
    await buildDashboard(dashboardFolder)
    const args = ["--disable-warning=ExperimentalWarning", agentProgram, ...[seed, mutations, every].map(String)]
    const config = loadConfig({
      env: {
        AEGIS_PORT: "0",
        AEGIS_STATE_DIR: join(root, "state"),
        AEGIS_AGENT: "demo",
        AEGIS_LOG_LEVEL: "silent",
        AEGIS_RESTART_MAX: "0",
        // All of it comes from one address.
        AEGIS_RATE_LIMIT_REQUESTS_PER_ADDRESS: "10000000",
        AEGIS_RATE_LIMIT_REQUESTS_PER_KEY: "10000000",
        AEGIS_RATE_LIMIT_AUTH_FAILURES: "1000000",
      },
      cwd: root,
      home: root,
    })
    config.agents.named.hostile = { command: process.execPath, args }
    return new BrowsedServer(root, await startServer({ config, env: process.env, dashboardFolder }))
  }

  private constructor(root: string, running: RunningServer) {
    this.#root = root
    this.#running = running
    this.client = new AegisClient(running.url, running.token)
  }

  get url() {
    return this.#running.url
  }

  get token() {
    return this.#running.token
  }

  loginUrl() {
    return this.#running.loginUrl()
  }

  /** What a browser shows that came in by a link, and a file that its page needs. */
  async knock() {
    const { Origin: _, ...login } = await signIn(this.loginUrl())
    const page = await (await fetch(`${this.url}/dashboard/`)).text()
    const asset = /src="(\/dashboard\/assets\/[^"]+)"/.exec(page)?.[1] ?? ""
    return { login, asset }
  }

  /** A folder to work in. */
  workFolder() {
    const folder = join(this.#root, `work-${++this.#folders}`)
    mkdirSync(folder)
    return folder
  }

  /** `seq` of the last event: what changed something has moved it. */
  async head() {
    return (await this.client.getHealth()).storage?.head ?? Number.NaN
  }

  async end() {
    await this.#running.close()
    rmSync(this.#root, { recursive: true, force: true })
  }
}

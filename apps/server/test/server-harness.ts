import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type afterAll, afterEach } from "vitest"
import { type RunningServer, type StartServerOptions, startServer } from "../src/index.ts"
import { type Config, loadConfig } from "../src/local.ts"

/** Servers and folders of a test, or of all of a file: all are gone after it. */
export function useServer({ after = afterEach }: { readonly after?: typeof afterEach | typeof afterAll } = {}) {
  const folders: string[] = []
  const servers: RunningServer[] = []
  const temporary = (name: string) => {
    const folder = mkdtempSync(join(tmpdir(), `aegis-${name}-`))
    folders.push(folder)
    return folder
  }
  after(async () => {
    for (const server of servers.splice(0)) await server.close()
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
  })
  return {
    temporary,
    async start(options: Omit<Partial<StartServerOptions>, "config"> & { readonly config?: Partial<Config> } = {}) {
      const config = { ...defaults(temporary("state")), ...options.config }
      const server = await startServer({ env: process.env, ...options, config })
      servers.push(server)
      return new TestServer(server, config.stateDir)
    },
  }
}

/** A quiet server on a free port, with the demo agent. */
export function defaults(stateDir: string): Config {
  const env = { AEGIS_PORT: "0", AEGIS_STATE_DIR: stateDir, AEGIS_AGENT: "demo", AEGIS_LOG_LEVEL: "silent" }
  return loadConfig({ env, cwd: stateDir, home: stateDir })
}

/** Of a link that opens the dashboard. */
export const codeOf = (link: string) => new URLSearchParams(new URL(link).hash.slice(1)).get("code") ?? ""

export const bearer = (key: string) => ({ Authorization: `Bearer ${key}` })

export interface Reply {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: what a server answers is looked at member by member.
  readonly body: any
}

/** A server with the calls that tests make of it. */
class TestServer {
  readonly server: RunningServer
  readonly #stateDir: string

  constructor(server: RunningServer, stateDir: string) {
    this.server = server
    this.#stateDir = stateDir
  }

  /** What the page of a browser shows that has come in by a link: its cookie and its page token. */
  async signIn(link = this.server.loginUrl()) {
    const { body, headers } = await this.call("POST", "/v1/auth/exchange", { code: codeOf(link) }, {})
    return { Cookie: headers.getSetCookie()[0]?.split(";")[0] ?? "", "X-Aegis-Page-Token": String(body.pageToken) }
  }

  get hookSecret() {
    return readFileSync(join(this.#stateDir, "hook-secret"), "utf8").trim()
  }

  get url() {
    return this.server.url
  }

  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = { Authorization: `Bearer ${this.server.token}` },
  ): Promise<Reply> {
    const json = body === undefined ? {} : { body: JSON.stringify(body) }
    const type = body === undefined ? {} : { "Content-Type": "application/json" }
    const response = await fetch(`${this.url}${path}`, { method, headers: { ...type, ...headers }, ...json })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) }
  }

  async create(workDir: string, prompt?: string, options: Record<string, unknown> = {}) {
    const { body } = await this.call("POST", "/v1/sessions", {
      workDir,
      ...(prompt === undefined ? {} : { prompt }),
      ...options,
    })
    return body
  }

  async streamToken(sessionId?: string, key = this.server.token): Promise<string> {
    const wanted = sessionId === undefined ? {} : { sessionId }
    return (await this.call("POST", "/v1/auth/sse-token", wanted, bearer(key))).body.token
  }

  /** A key of that role, made by the local token; also of another user or tenant. */
  async createKey(
    role: string,
    options: Record<string, unknown> = {},
  ): Promise<{ readonly id: string; readonly key: string }> {
    const { status, body } = await this.call("POST", "/v1/auth/keys", { name: `a ${role}`, role, ...options })
    if (status !== 201) throw new Error(JSON.stringify(body))
    return body
  }

  /** Resolves when the log has an event of that type of the session, however slow its readers are. */
  async untilLogged(sessionId: string, type: string) {
    for await (const page of this.server.aegis.tail({ sessionId, after: 0 }))
      if (page.some(({ event }) => event.type === type)) return
  }

  /** Opens a stream; frames come one by one until the reader leaves. */
  async stream(path: string, headers: Record<string, string> = {}, key = this.server.token) {
    const token = await this.streamToken(undefined, key)
    const abort = new AbortController()
    const response = await fetch(`${this.url}${path}`, {
      headers: { Authorization: `Bearer ${token}`, ...headers },
      signal: abort.signal,
    })
    return { response, frames: framesOf(response, abort) }
  }

  /** The frames of a stream up to the first that matches. */
  async streamUntil(path: string, matches: (frame: Frame) => boolean, headers: Record<string, string> = {}) {
    const { frames } = await this.stream(path, headers)
    const seen: Frame[] = []
    for await (const frame of frames) {
      seen.push(frame)
      if (matches(frame)) return seen
    }
    return seen
  }
}

export interface Frame {
  readonly id?: string
  readonly event?: string
  readonly data?: string
  readonly comment?: string
  readonly retry?: string
}

/** For tests that are about a prompt's way to its agent: as long as it takes. */
export const PATIENT_MS = 60_000

export const isEvent = (type: string) => (frame: Frame) => frame.event === type
export const script = (...lines: string[]) => ["#script", ...lines].join("\n")

async function* framesOf(response: Response, abort: AbortController): AsyncGenerator<Frame> {
  let text = ""
  try {
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString()
      const blocks = text.split("\n\n")
      text = blocks.pop() ?? ""
      for (const block of blocks) if (block.trim() !== "") yield toFrame(block)
    }
  } finally {
    abort.abort()
  }
}

function toFrame(block: string): Frame {
  const lines = block.split("\n").map((line) => /^(\w*): ?(.*)$/s.exec(line) ?? [])
  return Object.fromEntries(lines.map(([, field, value]) => [field === "" ? "comment" : field, value])) as Frame
}

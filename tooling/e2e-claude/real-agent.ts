import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { AegisClient, type AegisEvent, asKnown, type EventOf, type EventType } from "@aegis/client"
import { type RunningServer, startServer } from "@aegis/server"
import { loadConfig } from "@aegis/server/local"
import { type MockModel, startMockModel } from "../mock-model/start-mock-model.ts"

const LONGEST_MS = 30_000

/** The real adapter and its real program, behind a server of ours, with a model that is played. Nothing of a login. */
export class RealAgent {
  readonly model: MockModel
  readonly client: AegisClient
  readonly server: RunningServer
  readonly root: string
  #folders = 0

  static async start({ acpBin, env = {} }: { readonly acpBin?: string; readonly env?: Record<string, string> } = {}) {
    const root = mkdtempSync(join(tmpdir(), "aegis-claude-"))
    const model = await startMockModel()
    const home = join(root, "home")
    mkdirSync(home)
    const settings = {
      AEGIS_PORT: "0",
      AEGIS_STATE_DIR: join(root, "state"),
      AEGIS_AGENT: "claude",
      AEGIS_LOG_LEVEL: "silent",
      ...(acpBin === undefined ? {} : { AEGIS_ACP_BIN: acpBin }),
      ...env,
    }
    const server = await startServer({
      config: loadConfig({ env: settings, cwd: root, home }),
      env: {
        PATH: process.env.PATH,
        LANG: process.env.LANG,
        HOME: home,
        ...forNpm(),
        TMPDIR: root,
        CLAUDE_CONFIG_DIR: join(home, ".claude"),
        ANTHROPIC_BASE_URL: model.url,
        ANTHROPIC_API_KEY: "played",
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
        CLAUDE_CODE_MAX_RETRIES: "1",
      },
    })
    return new RealAgent({ root, model, server })
  }

  private constructor({ root, model, server }: Pick<RealAgent, "root" | "model" | "server">) {
    this.root = root
    this.model = model
    this.server = server
    this.client = new AegisClient(server.url, server.token)
  }

  /** A session in a folder of its own. */
  async session(prompt: string, options: Partial<Parameters<AegisClient["createSession"]>[0]> = {}) {
    const workDir = join(this.root, `work-${++this.#folders}`)
    mkdirSync(workDir)
    const { id } = await this.client.createSession({ workDir, prompt, reuse: false, ...options })
    return new RealSession(this.client, { id, workDir })
  }

  async fork({ id, workDir }: Pick<RealSession, "id" | "workDir">, prompt: string) {
    const forked = await this.client.forkSession(id, { prompt })
    return new RealSession(this.client, { id: forked.id, workDir })
  }

  async close() {
    await this.server.close()
    await this.model.close()
    const left = this.processes()
    rmSync(this.root, { recursive: true, force: true })
    return left
  }

  /** Processes that still carry this server's environment; not those that ended and wait to be reaped. */
  processes() {
    if (!existsSync("/proc/self/environ")) return []
    return readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && environmentOf(pid).includes(`TMPDIR=${this.root}`))
  }
}

class RealSession {
  readonly id: string
  readonly workDir: string
  readonly #client: AegisClient
  /** Everything that was seen so far. */
  readonly events: AegisEvent[] = []

  constructor(client: AegisClient, { id, workDir }: Pick<RealSession, "id" | "workDir">) {
    this.#client = client
    this.id = id
    this.workDir = workDir
  }

  file(name: string) {
    return join(this.workDir, name)
  }

  /** Reads on to the next event of that type, and remembers all on the way. */
  async until<Type extends EventType>(type: Type, withinMs = LONGEST_MS): Promise<EventOf<Type>> {
    return (await this.untilOneOf([type], withinMs)) as EventOf<Type>
  }

  async untilOneOf(types: readonly EventType[], withinMs = LONGEST_MS): Promise<AegisEvent> {
    const signal = AbortSignal.timeout(withinMs)
    for await (const event of this.#client.events(this.id, { after: this.events.at(-1)?.seq ?? 0, signal })) {
      if (!("hash" in event)) continue
      this.events.push(event)
      if (types.some((type) => type === event.type)) return event
    }
    const seen = this.events.map((event) => event.type).join(", ")
    throw new Error(`There was no ${types.join(" and no ")} within ${withinMs} ms. There was: ${seen}`)
  }

  /** The agent's words so far, or of the last turn. */
  said({ turnId }: { readonly turnId?: string } = {}) {
    return this.events
      .map(asKnown)
      .filter((event) => event.type === "message.delta" && (turnId === undefined || event.turnId === turnId))
      .map((event) => (event as EventOf<"message.delta">).data.text)
      .join("")
  }
}

/** How this machine reaches its registry. An agent inherits nothing of it. */
function forNpm() {
  const words = ["config", "get", "registry"]
  const registry = execFileSync("npm", words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim()
  const names = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"]
  return { npm_config_registry: registry, ...Object.fromEntries(names.map((name) => [name, process.env[name]])) }
}

function environmentOf(pid: string) {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8")
  } catch {
    // Gone meanwhile.
    return ""
  }
}

export const played = (...steps: readonly string[]) => ["#model", ...steps].join("\n")
export const tool = (name: string, input: unknown) => `tool ${name} ${JSON.stringify(input)}`

import { createReadStream, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { ProvedServer } from "../kill/proved-server.ts"
import { type Canaries, SHAPES } from "./canaries.ts"
import type { TellFinder } from "./find-tells.ts"

const program = fileURLToPath(new URL("server-program.ts", import.meta.url))
const repository = fileURLToPath(new URL("../../../", import.meta.url))

export interface FuzzedServerOptions {
  readonly canaries: Canaries
}

/** A server in a process of its own, with secrets all around it, whose log is kept to be read. */
export class FuzzedServer {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), "prove-fuzz-")))
  /** What no answer names: the server's own folders. */
  readonly paths: readonly string[]
  readonly process: ProvedServer
  readonly #log: string

  constructor({ canaries }: FuzzedServerOptions) {
    const stateDir = join(this.root, "state")
    mkdirSync(stateDir, { mode: 0o700 })
    this.#makeDashboard()
    this.#log = join(this.root, "server.log")
    this.paths = [stateDir, this.#log, repository.slice(0, -1), dirname(process.execPath)]
    // One of each shape, under the names that such variables have.
    const secret = () => canaries.make({ place: "the environment" }).text
    const env = Object.fromEntries(
      Array.from({ length: SHAPES }, (_, index) => [`${names[index % names.length]}_${index}`, secret()]),
    )
    this.process = new ProvedServer(stateDir, {
      program,
      env,
      log: this.#log,
    })
  }

  /** Of the hooks of agents that were started by hand. */
  get hookSecret() {
    return readFileSync(join(this.process.stateDir, "hook-secret"), "utf8").trim()
  }

  /** What its log says that it should not: secrets, its inside, failures, or what is no line of a log. */
  async judgeLog(canaries: Canaries, tells: TellFinder) {
    const problems: string[] = []
    let lines = 0
    for await (const line of linesOf(this.#log)) {
      lines += 1
      const faults = [
        ...canaries.findIn(line).map(({ place, id }) => `says a secret (${id}) of ${place}`),
        ...tells.findIn(line).map((tell) => `tells ${tell}`),
        ...(levelOf(line) >= WARN && !NOTICE.test(line) ? ["is a failure"] : []),
        ...(PLAIN.test(line) ? [] : ["has characters that change what a terminal shows"]),
      ]
      problems.push(...faults.map((fault) => `line ${lines} of the log ${fault}: ${line.slice(0, 400)}`))
    }
    return { problems, lines }
  }

  /** Its agents and host end with it. */
  async end() {
    await this.process.end("SIGTERM")
    this.process.killAll()
    rmSync(this.root, { recursive: true, force: true })
  }

  #makeDashboard() {
    const folder = join(this.root, "dashboard")
    mkdirSync(join(folder, "assets"), { recursive: true })
    writeFileSync(join(folder, "index.html"), "<!doctype html><title>A dashboard</title>")
    writeFileSync(join(folder, "assets", "app.js"), "void 0\n")
  }
}

/** Ended by line feeds alone: other separators are characters of a line, and are looked at as such. */
async function* linesOf(path: string) {
  let rest = ""
  for await (const chunk of createReadStream(path, "utf8") as AsyncIterable<string>) {
    const lines = (rest + chunk).split("\n")
    rest = lines.pop() ?? ""
    yield* lines
  }
  if (rest !== "") yield rest
}

const WARN = 40
/** What a caller is told of how it calls. */
const NOTICE = /"msg":"(A hook \w+ of \d+ bytes|The hook secret stands in an address)/
/** What every terminal and every reader of lines shows as it is (spec/threats.md, C9). */
const PLAIN = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]*$/u
const names = [
  "AWS_SECRET_ACCESS_KEY",
  "ANTHROPIC_API_KEY",
  "DATABASE_URL",
  "GITHUB_TOKEN",
  "SLACK_BOT_TOKEN",
  "NPM_TOKEN",
]

/** What is no line of the log was said by something that failed. */
function levelOf(line: string) {
  try {
    return (JSON.parse(line) as { readonly level: number }).level
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

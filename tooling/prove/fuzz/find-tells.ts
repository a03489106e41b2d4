/** What no answer and no line of the log says, whoever reads it (spec/threats.md, "Common harness"). */
export interface Tells {
  /** Folders of the server: its own, its data, its programs. */
  readonly paths: readonly string[]
}

const ALWAYS: Readonly<Record<string, string>> = {
  "a stack trace": String.raw`\n\s+at |\\n\s+at \S|\bat .{1,80}:\d+:\d+\)`,
  "a place in the code": String.raw`node:internal|\/node_modules\/|file:\/\/\/`,
  "a statement to the database": String.raw`\b(?:SELECT .{1,200} FROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM)\b|SQLITE_[A-Z]+|constraint failed`,
  "a key": "agk_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}",
  "a stream token": String.raw`sse_eyJ[\w-]{20,}\.[\w-]{20,}`,
  "a login link": String.raw`#code=[\w-]{20,}`,
}

/** Operations whose answer is a secret, made for whoever asks. */
const GIVEN: Readonly<Record<string, string>> = {
  createApiKey: "a key",
  rotateApiKey: "a key",
  createSseToken: "a stream token",
  createLoginCode: "a login link",
}

/** Which program an agent is, is told to those who may read its session (spec/events.md, `agent.started`); in a table every quote is two. */
const PROGRAMS = /("{1,2})command\1:\1[^"]*\1,\1args\1:\[[^\]]*\]/g

/** Looks for what tells of the server's inside; one look for all. */
export class TellFinder {
  readonly #names: readonly string[]
  readonly #any: RegExp

  constructor({ paths }: Tells) {
    const own = paths.map((path) => path.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")
    const patterns = { ...ALWAYS, ...(own === "" ? {} : { "a folder of the server": own }) }
    this.#names = Object.keys(patterns)
    this.#any = new RegExp(
      Object.values(patterns)
        .map((pattern) => `(${pattern})`)
        .join("|"),
      "g",
    )
  }

  findIn(text: string, operationId = ""): readonly string[] {
    const found = new Set<string>()
    for (const match of text.replaceAll(PROGRAMS, "").matchAll(this.#any)) {
      const name = this.#names.find((_, index) => match[index + 1] !== undefined) ?? ""
      if (name !== GIVEN[operationId]) found.add(`${name} (${JSON.stringify(match[0].slice(0, 60))})`)
    }
    return [...found]
  }
}

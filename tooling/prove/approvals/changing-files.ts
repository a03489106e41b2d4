import { createHash } from "node:crypto"
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { type Approval, type Caller, SessionError } from "@aegis/session-core"
import { type OpenedAegis, openAegis } from "@aegis/session-core/node"
import type { Random } from "../random.ts"

const person: Caller = {
  actor: { kind: "user", id: "ada", via: "prove" },
  owner: { userId: "ada", tenantId: "home" },
}

const changes = ["nothing", "script", "link", "program"] as const

/** A real agent wants to run a script; while a person looks, what it would run is changed or not. */
export class ChangingFiles {
  readonly problems: string[] = []
  readonly #random: Random
  readonly #root = realpathSync(mkdtempSync(join(tmpdir(), "prove-approvals-")))
  #aegis: Promise<OpenedAegis> | undefined
  #rounds = 0
  #anew = 0
  #ran = 0

  constructor(random: Random) {
    this.#random = random
  }

  async round() {
    const aegis = await this.#opened()
    const name = `round-${++this.#rounds}`
    const workDir = join(this.#root, name)
    mkdirSync(workDir)
    this.#put(workDir, "one")
    symlinkSync("one", join(workDir, "build.sh"))
    rmSync(join(this.#root, "bin", "runner"), { force: true })
    this.#program("other", "runner")
    const prompt = "#script\nrun runner build.sh"
    const { session } = await aegis.createSession(person, { workDir, agent: "demo", permissionMode: "default", prompt })
    let approved: Approval | undefined
    for (let looks = 0; approved === undefined && looks < 10; looks++) {
      const shown = await openApproval(aegis, session.id)
      const change = looks < 3 ? (this.#random.oneOf(changes) ?? "nothing") : "nothing"
      this.#change(workDir, change)
      try {
        approved = await aegis.vote(person, session.id, {
          choice: "approve",
          approvalId: shown.approvalId,
          digest: shown.digest,
        })
        if (change !== "nothing") this.problems.push(`${name}: approved although ${change} had changed`)
      } catch (error) {
        if (!SessionError.is(error) || error.code !== "approval-changed") throw error
        this.#anew += 1
        if (change === "nothing") this.problems.push(`${name}: asked anew, and nothing had changed`)
      }
    }
    // The agent only pretends to run; this is what would have run.
    const bound = (approved?.files ?? []).map(({ state }) => state)
    for (const path of [join(workDir, "build.sh"), this.#runner()])
      if (!bound.includes(digestOf(path))) this.problems.push(`${name}: ran what nobody approved`)
    if ((await decisions(aegis, session.id)) !== 1) this.problems.push(`${name}: the agent was not told once`)
    this.#ran += 1
    await aegis.kill(person, session.id)
    rmSync(workDir, { recursive: true })
  }

  figures() {
    return `${this.#rounds} scripts, links and programs with real files: asked anew ${this.#anew} times, ran ${this.#ran} times, each as approved.`
  }

  async close() {
    await (await this.#aegis)?.close()
    rmSync(this.#root, { recursive: true, force: true })
  }

  #opened() {
    if (!this.#aegis) {
      for (const folder of ["bin", "other", "state"]) mkdirSync(join(this.#root, folder))
      const PATH = [join(this.#root, "bin"), join(this.#root, "other"), process.env.PATH].join(delimiter)
      this.#aegis = openAegis({ stateDir: join(this.#root, "state"), env: { ...process.env, PATH } })
    }
    return this.#aegis
  }

  #change(workDir: string, change: (typeof changes)[number]) {
    if (change === "script") this.#put(workDir, readlinkName(workDir))
    if (change === "link") {
      const other = readlinkName(workDir) === "one" ? "two" : "one"
      this.#put(workDir, other)
      rmSync(join(workDir, "build.sh"))
      symlinkSync(other, join(workDir, "build.sh"))
    }
    if (change === "program") this.#program("bin", "runner")
  }

  #put(workDir: string, name: string) {
    writeFileSync(join(workDir, name), `# ${this.#random.next()}\n`)
  }

  #program(folder: string, name: string) {
    const path = join(this.#root, folder, name)
    writeFileSync(path, `#!/bin/sh\n# ${this.#random.next()}\n`)
    chmodSync(path, 0o755)
  }

  /** The first of that name on the search path. */
  #runner() {
    const nearer = join(this.#root, "bin", "runner")
    return existsSync(nearer) ? nearer : join(this.#root, "other", "runner")
  }
}

function digestOf(path: string) {
  return createHash("sha256").update(readFileSync(path)).digest("hex")
}

function readlinkName(workDir: string) {
  const real = realpathSync(join(workDir, "build.sh"))
  return real.slice(real.lastIndexOf("/") + 1)
}

async function openApproval(aegis: OpenedAegis, sessionId: string): Promise<Approval> {
  for await (const _page of aegis.tail({ sessionId, after: 0 })) {
    const [approval] = await aegis.listApprovals({ sessionId, status: "open" })
    if (approval) return approval
  }
  throw new Error("The log has ended.")
}

/** How often the agent was told a decision, up to the end of its turn. */
async function decisions(aegis: OpenedAegis, sessionId: string) {
  let count = 0
  for await (const page of aegis.tail({ sessionId, after: 0 })) {
    count += page.filter(({ type }) => type === "approval.delivered").length
    if (page.some(({ type }) => type === "turn.ended")) return count
  }
  return count
}

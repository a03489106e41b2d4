import { execFileSync } from "node:child_process"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { type AegisClient, AegisProblem, AegisClient as Client } from "@aegis/client"
import type { Canaries, Canary, Viewer } from "./canaries.ts"
import { memoryKey, type RoleName, SLOTS } from "./request-plan.ts"

const ABSENT = "00000000-0000-4000-8000-000000000000"
const ada = { tenantId: "t", userId: "ada" }
const bob = { tenantId: "t", userId: "bob" }
const eve = { tenantId: "u", userId: "eve" }
/** Whose the things of the slots are; the rest are of nobody. */
const owners: readonly Owner[] = [
  ...Array.from({ length: 8 }, () => "ada" as const),
  ...Array.from({ length: 4 }, () => "bob" as const),
  ...Array.from({ length: 4 }, () => "eve" as const),
  "local",
  "local",
]
type Owner = "ada" | "bob" | "eve" | "local"
/** From so many prompts that wait on, a session is ended and another one takes its place. */
const MOST_QUEUED = 20
const MOST_KEYS = 200
const MOST_TEMPLATES = 50
/** Sessions that are filled with secrets side by side. */
const PLANTED_AT_ONCE = 4
/** Canaries of one prompt. */
const PER_PROMPT = 12

/** What requests are about: sessions and keys of several people, some of them full of secrets, and the people themselves. */
export class Things {
  readonly workDirs: readonly string[]
  readonly #local: AegisClient
  readonly #clients: Readonly<Record<Owner, AegisClient>>
  readonly #keys: Readonly<Record<RoleName, string>>
  readonly #ownKeys: ReadonlySet<string>
  readonly #sessionIds: string[]
  readonly #keyIds: string[]
  readonly #templateIds: string[]
  readonly #pipelineIds: string[]
  readonly #routineIds: string[]
  #approvalIds: readonly string[] = []
  readonly #guesses: readonly Canary[]
  #streamToken = ""
  #tended = 0

  static async make(local: AegisClient, { root, hookSecret, canaries, guesses }: MakeOptions) {
    const workDirs = ["one", "two", "three"].map((name) => join(root, "work", name))
    for (const folder of workDirs) mkdirSync(folder, { recursive: true })
    // One has something to be compared with.
    for (const words of [
      ["init", "--quiet"],
      ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "--quiet", "--allow-empty", "--message", "x"],
    ])
      execFileSync("git", words, { cwd: workDirs[0] })
    const make = (role: "admin" | "operator" | "viewer", owner: typeof ada) =>
      local.createApiKey({ name: `the ${role} ${owner.userId}`, role, ...owner })
    const made = await Promise.all([
      make("admin", ada),
      make("operator", ada),
      make("viewer", ada),
      make("admin", eve),
      make("admin", bob),
    ])
    const [admin = "", operator = "", viewer = "", stranger = "", colleague = ""] = made.map(({ key = "" }) => key)
    const things = new Things({
      local,
      workDirs,
      guesses,
      keys: { admin, operator, viewer, stranger, stream: "", hook: hookSecret, guess: "", nobody: "" },
      ownKeys: made.map(({ id }) => id),
      clients: {
        ada: new Client(local.baseUrl, admin),
        bob: new Client(local.baseUrl, colleague),
        eve: new Client(local.baseUrl, stranger),
        local,
      },
    })
    await things.#plant(canaries)
    await things.tend()
    return things
  }

  private constructor(parts: {
    readonly local: AegisClient
    readonly workDirs: readonly string[]
    readonly guesses: readonly Canary[]
    readonly keys: Readonly<Record<RoleName, string>>
    readonly ownKeys: readonly string[]
    readonly clients: Readonly<Record<Owner, AegisClient>>
  }) {
    this.workDirs = parts.workDirs
    this.#local = parts.local
    this.#guesses = parts.guesses
    this.#keys = parts.keys
    this.#ownKeys = new Set(parts.ownKeys)
    this.#clients = parts.clients
    this.#sessionIds = Array<string>(SLOTS).fill(ABSENT)
    this.#keyIds = Array<string>(SLOTS).fill("000000000000")
    this.#templateIds = Array<string>(SLOTS).fill(ABSENT)
    this.#pipelineIds = Array<string>(SLOTS).fill(ABSENT)
    this.#routineIds = Array<string>(SLOTS).fill(ABSENT)
  }

  /** Everybody who may read the audit trail: who may read what it is about, and who may read nothing else. */
  async readers(): Promise<Readonly<Record<string, AegisClient>>> {
    const auditor = { name: "the auditor", role: "custom", permissions: ["audit.read"], ...eve } as const
    const { key = "" } = await this.#local.createApiKey({ ...auditor, permissions: [...auditor.permissions] })
    return { ...this.#clients, "the auditor": new Client(this.#local.baseUrl, key) }
  }

  /** The keys themselves: nobody is shown them. */
  get secrets(): readonly string[] {
    return Object.values(this.#keys).filter((key) => key !== "")
  }

  sessionId(slot: number) {
    return this.#sessionIds[slot] ?? ABSENT
  }

  keyId(slot: number) {
    return this.#keyIds[slot] ?? ABSENT
  }

  /** What stands for a slot in an address of that path. */
  thingOf(path: string, slot: number) {
    if (path.startsWith("/v1/memory/")) return encodeURIComponent(memoryKey(slot))
    if (path.startsWith("/v1/approvals/")) return this.#approvalIds[slot] ?? ABSENT
    if (path.startsWith("/v1/templates/")) return this.#templateIds[slot] ?? ABSENT
    if (path.startsWith("/v1/pipelines/")) return this.#pipelineIds[slot] ?? ABSENT
    if (path.startsWith("/v1/routines/")) return this.#routineIds[slot] ?? ABSENT
    return path.startsWith("/v1/auth/keys/") ? this.keyId(slot) : this.sessionId(slot)
  }

  /** What a role shows; `choice` is one of the many that a guess can be. */
  credentialOf(role: RoleName, choice: number): Readonly<Record<string, string>> {
    if (role === "nobody") return {}
    if (role === "hook") return { "X-Hook-Secret": this.#keys.hook }
    const guess = this.#guesses[choice % Math.max(1, this.#guesses.length)]?.text.replaceAll(/[^\x21-\x7e]/g, "") ?? "x"
    const token = role === "guess" ? guess : role === "stream" ? this.#streamToken : this.#keys[role]
    return { Authorization: `Bearer ${token}` }
  }

  /** Brings back what requests have ended, and takes away what they have made too much of. */
  async tend() {
    // Work goes on for a quarter of the time: to begin agents is most of what it costs, and none of what is judged.
    this.#tended += 1
    await (this.#tended % 4 === 1 ? this.#local.liftStopAll() : this.#local.stopAll({ reason: "Only asked." }))
    await Promise.all(this.#sessionIds.map((id, slot) => this.#tendSession(id, slot)))
    await this.#tendKeys()
    await this.#tendTemplates()
    await this.#tendPipelines()
    await this.#tendRoutines()
    await this.#findApprovals()
    this.#streamToken = (await new Client(this.#local.baseUrl, this.#keys.operator).createSseToken({})).token
  }

  async #tendSession(id: string, slot: number) {
    const owner = owners[slot]
    if (owner === undefined) return
    const client = this.#clients[owner]
    const session = id === ABSENT ? undefined : await client.getSession(id)
    const isFull = session !== undefined && session.queuedPrompts > MOST_QUEUED
    if (session !== undefined && session.status !== "killed" && !isFull) return
    if (isFull) await client.killSession(id).catch(ignoreProblem)
    this.#sessionIds[slot] = (await client.createSession({ workDir: this.#workDir(slot), reuse: false })).id
  }

  async #tendTemplates() {
    for (const [slot, id] of this.#templateIds.entries()) {
      const owner = owners[slot]
      if (owner === undefined) continue
      const client = this.#clients[owner]
      const isThere = id !== ABSENT && (await client.getTemplate(id).catch(ignoreProblem)) !== undefined
      if (!isThere) this.#templateIds[slot] = (await client.createTemplate({ name: "spare", prompt: "{{a}}" })).id
    }
    const kept = new Set(this.#templateIds)
    for (const client of Object.values(this.#clients))
      for (const { id, builtIn } of (await client.listTemplates({ limit: 200 })).items.slice(MOST_TEMPLATES))
        if (!builtIn && !kept.has(id)) await client.deleteTemplate(id).catch(ignoreProblem)
  }

  async #tendPipelines() {
    for (const [slot, id] of this.#pipelineIds.entries()) {
      const owner = owners[slot]
      if (owner === undefined || id !== ABSENT) continue
      const wish = { name: "spare", workDir: this.#workDir(slot), stages: [{ name: "only", prompt: "#script" }] }
      this.#pipelineIds[slot] = (await this.#clients[owner].createPipeline(wish)).id
    }
    const kept = new Set(this.#pipelineIds)
    for (const client of Object.values(this.#clients))
      for (const { id } of (await client.listPipelines({ status: "running", limit: 200 })).items)
        if (!kept.has(id)) await client.cancelPipeline(id).catch(ignoreProblem)
  }

  async #tendRoutines() {
    for (const [slot, id] of this.#routineIds.entries()) {
      const owner = owners[slot]
      if (owner === undefined) continue
      const client = this.#clients[owner]
      const isThere = id !== ABSENT && (await client.getRoutine(id).catch(ignoreProblem)) !== undefined
      const wish = { name: "spare", cron: "0 0 1 1 *", workDir: this.#workDir(slot), prompt: "#script" }
      if (!isThere) this.#routineIds[slot] = (await client.createRoutine(wish)).id
    }
    const kept = new Set(this.#routineIds)
    // Others may be due each minute.
    for (const client of Object.values(this.#clients))
      for (const { id } of (await client.listRoutines({ limit: 200 })).items)
        if (!kept.has(id)) await client.deleteRoutine(id).catch(ignoreProblem)
  }

  /** What agents have asked for, of everybody in turn. */
  async #findApprovals() {
    const all = await Promise.all(Object.values(this.#clients).map((client) => client.listApprovals({ limit: SLOTS })))
    const lists = all.map(({ items }) => items.map(({ approvalId }) => approvalId))
    this.#approvalIds = Array.from(
      { length: SLOTS },
      (_, slot) => lists[slot % lists.length]?.[Math.floor(slot / 4)] ?? ABSENT,
    )
  }

  async #tendKeys() {
    const { items } = await this.#local.listApiKeys()
    const others = items.filter(({ id }) => !this.#ownKeys.has(id))
    for (const { id } of others.slice(MOST_KEYS)) await this.#local.revokeApiKey(id).catch(ignoreProblem)
    const kept = new Set(others.slice(0, MOST_KEYS).map(({ id }) => id))
    for (const [slot, id] of this.#keyIds.entries()) {
      const owner = owners[slot]
      if (owner === undefined || kept.has(id)) continue
      const whose = { ada, bob, eve, local: {} }[owner]
      this.#keyIds[slot] = (await this.#local.createApiKey({ name: "spare", role: "viewer", ...whose })).id
    }
  }

  /** Secrets in names, labels, prompts, reasons, what agents say and do, and the names of keys. */
  async #plant(canaries: readonly CanaryMaker[]) {
    let next = 0
    const lane = async () => {
      while (next < canaries.length) {
        const index = next
        next += PER_PROMPT
        const owner = (["ada", "eve", "local", "bob"] as const)[(index / PER_PROMPT) % 4] ?? "ada"
        await this.#plantSome(canaries.slice(index, index + PER_PROMPT), owner)
      }
    }
    await Promise.all(Array.from({ length: PLANTED_AT_ONCE }, lane))
  }

  async #plantSome(makers: readonly CanaryMaker[], owner: Owner) {
    const client = this.#clients[owner]
    const tenantId = { ada: "t", bob: "t", eve: "u", local: "local" }[owner]
    const texts = makers.map((make, index) => {
      const place = PLACES[index % PLACES.length] ?? "a prompt"
      return make({ place: `${place} of ${owner}`, tenantId, isOfKey: place === "a key's name" }).text
    })
    const at = (place: (typeof PLACES)[number]) => texts[PLACES.indexOf(place)] ?? ""
    const spoken = texts.filter((_, index) => PLACES[index % PLACES.length] !== "a key's name")
    const script = [
      "#script",
      `say ${at("what an agent says")}`,
      `think ${at("what an agent thinks")}`,
      `tool Read read ${at("the title of a tool call")}`,
      `stderr ${at("an agent's stderr")}`,
      `run ${at("a command")}`,
    ]
    const { id } = await client.createSession({
      workDir: this.#workDir(0),
      reuse: false,
      name: at("a session's name").slice(0, 200) || "planted",
      labels: { secret: at("a label").slice(0, 200) },
      prompt: [...script, ...spoken.map((text) => `say ${text}`)].join("\n"),
    })
    await client.setMemory({ key: `planted/${id}`, value: at("a memory") || "x" })
    await client.sendMessage(id, at("a prompt") || "x")
    await client.pauseSession(id, { reason: at("a reason") || "x" })
    await client.resumeSession(id)
    await this.#local.createApiKey({
      name: at("a key's name").slice(0, 200) || "x",
      role: "viewer",
      ...{ ada, bob, eve, local: {} }[owner],
    })
    await this.#until(client, id, "approval.requested")
    await client.rejectPermission(id, { reason: at("a vote's reason") || "x" })
    // Its end says what it said on stderr.
    await client.killSession(id)
    await this.#until(client, id, "agent.exited")
  }

  async #until(client: AegisClient, id: string, type: string) {
    for await (const event of client.events(id, { signal: AbortSignal.timeout(60_000) }))
      if ("type" in event && event.type === type) return
  }

  #workDir(slot: number) {
    return this.workDirs[slot % this.workDirs.length] ?? ""
  }
}

/** Makes a secret for a place. */
export type CanaryMaker = (place: Parameters<Canaries["make"]>[0]) => Canary

interface MakeOptions {
  readonly root: string
  readonly hookSecret: string
  readonly canaries: readonly CanaryMaker[]
  readonly guesses: readonly Canary[]
}

const PLACES = [
  "a session's name",
  "a memory",
  "a label",
  "a prompt",
  "what an agent says",
  "what an agent thinks",
  "the title of a tool call",
  "a command",
  "a reason",
  "a vote's reason",
  "an agent's stderr",
  "a key's name",
] as const

/** What a role is shown. */
export function viewerOf(role: RoleName): Viewer {
  switch (role) {
    case "admin":
      return { tenantId: "t", seesKeys: true }
    case "stranger":
      return { tenantId: "u", seesKeys: true }
    case "operator":
    case "viewer":
    case "stream":
      return { tenantId: "t" }
    case "hook":
    case "guess":
    case "nobody":
      return {}
  }
}

function ignoreProblem(error: unknown) {
  if (!AegisProblem.is(error)) throw error
}

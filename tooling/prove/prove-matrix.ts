import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { AegisClient } from "@aegis/client"
import { startServer } from "@aegis/server"
import { loadConfig } from "@aegis/server/local"
import { median } from "../bench/figures.ts"
import { connectMcp, INITIALIZE, MCP_HEADERS } from "./connect-mcp.ts"
import { loginOf, makeBearers } from "./matrix/bearers.ts"
import {
  type Bearer,
  expectedVerdict,
  isInTrail,
  type OwnerName,
  owners,
  type Thing,
  type Verdict,
} from "./matrix/expected-verdict.ts"
import type { ProofOptions } from "./prove.ts"
import { SocketClient } from "./socket-client.ts"

type Sharing = "tenant" | "owner"

interface Operation {
  readonly operationId: string
  readonly method: string
  readonly path: string
  readonly mark: string
  readonly hasBody: boolean
}

/** Every credential, at every operation, of everybody's things, by every way in: each may what the specification says. */
export async function proveMatrix({ isFull, print }: Pick<ProofOptions, "isFull" | "print">): Promise<boolean> {
  let problems = 0
  for (const sharing of isFull ? (["tenant", "owner"] as const) : (["tenant"] as const)) {
    const matrix = await checkMatrix({ served: sharing, expected: sharing, isFull, print })
    for (const problem of matrix.problems.slice(0, 50)) print(`✗ ${problem}`)
    print(matrix.figures())
    problems += matrix.problems.length
  }
  return problems === 0
}

export interface CheckMatrixOptions {
  /** What the server is told, and what it is measured against. */
  readonly served: Sharing
  readonly expected: Sharing
  /** Also by the addresses without `/v1`, and with headers that claim to be somebody else. */
  readonly isFull: boolean
  /** Only these credentials. */
  readonly only?: readonly string[] | undefined
  readonly print: (line: string) => void
}

export async function checkMatrix({ served, expected, isFull, only, print }: CheckMatrixOptions) {
  const folder = (name: string) => realpathSync(mkdtempSync(join(tmpdir(), `prove-matrix-${name}-`)))
  const [stateDir, workDir] = [folder("state"), folder("work")]
  const env = {
    AEGIS_PORT: "0",
    AEGIS_STATE_DIR: stateDir,
    AEGIS_AGENT: "demo",
    AEGIS_LOG_LEVEL: "silent",
    AEGIS_SHARING: served,
    // An agent's key is good while its process is there.
    AEGIS_PARK_AFTER_MS: "86400000",
    // All of it comes from one address.
    AEGIS_RATE_LIMIT_AUTH_FAILURES: "1000000",
    AEGIS_RATE_LIMIT_REQUESTS_PER_ADDRESS: "10000000",
  }
  const config = loadConfig({ env, cwd: stateDir, home: stateDir })
  // However long all of it takes.
  const server = await startServer({ config, env: process.env, streamTokenMs: 24 * 3600_000 })
  try {
    const matrix = await Matrix.prepare({
      url: server.url,
      token: server.token,
      hookSecret: readFileSync(join(stateDir, "hook-secret"), "utf8").trim(),
      workDir,
      sharing: expected,
      only,
    })
    await matrix.overHttp({ isFull, print })
    await matrix.overVariants()
    await matrix.overWebSocket()
    await matrix.overMcp()
    await matrix.comparesAbsence({ isFull })
    if (isFull) print(`In the median, a stranger's and none: ${(await matrix.timesAbsence()).join("; ")}.`)
    await matrix.readsTrails()
    return matrix
  } finally {
    await server.close()
    for (const made of [stateDir, workDir]) rmSync(made, { recursive: true, force: true })
  }
}

interface Things {
  readonly sessions: Readonly<Record<OwnerName, string>>
  readonly keys: Readonly<Record<OwnerName, string>>
  readonly memory: Readonly<Record<OwnerName, string>>
  readonly templates: Readonly<Record<OwnerName, string>>
  readonly pipelines: Readonly<Record<OwnerName, string>>
  readonly routines: Readonly<Record<OwnerName, string>>
  readonly approvals: Readonly<Record<OwnerName, string>>
}

const NOBODYS = "00000000-0000-4000-8000-000000000000"
/** What fits no operation: whoever may ask is told so, and nothing is done. */
const NONSENSE = JSON.stringify({ nonsense: true })
/** Who is asked for in other ways, too: what holds for these holds for all, since one gate has let them in. */
const VARIED = new Set(["none", "viewer", "operator", "admin"])
const CLAIMED = new URLSearchParams({ role: "admin", userId: "eve", tenantId: "u", scopes: "*" }).toString()
const same = (target: string) => target
/** With fewer of them not all of it can be looked at. */
const LEAST_BEARERS = 10
/** How often each of two answers is timed, and how far their medians may be apart. */
const SAMPLES = 1000
const MOST_APART = 0.15
/** What would end something that others are asked about, or begin work, and is refused for another reason where it may. */
const NOT_DONE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  killSession: { "Idempotency-Key": "no key" },
  deleteMemory: { "If-Match": '"999999"' },
  deleteTemplate: { "If-Match": '"999999"' },
  deleteRoutine: { "If-Match": '"999999"' },
  runRoutine: { "Idempotency-Key": "no key" },
}

class Matrix {
  readonly problems: string[] = []
  readonly #url: string
  readonly #token: string
  readonly #sharing: Sharing
  readonly #things: Things
  readonly #operations: readonly Operation[]
  readonly #bearers: readonly Bearer[]
  readonly #local: AegisClient
  readonly #counts: Record<string, number> = {}

  static async prepare({ url, token, hookSecret, workDir, sharing, only }: PrepareOptions) {
    const local = new AegisClient(url, token)
    const things = await makeThings(local, workDir)
    const operations = await readOperations(local)
    const all = await makeBearers(local, { token, hookSecret, sessions: things.sessions })
    const bearers = only === undefined ? all : all.filter(({ name }) => only.includes(name))
    return new Matrix({ url, token, sharing, things, operations, bearers, local })
  }

  private constructor(parts: {
    readonly url: string
    readonly token: string
    readonly sharing: Sharing
    readonly things: Things
    readonly operations: readonly Operation[]
    readonly bearers: readonly Bearer[]
    readonly local: AegisClient
  }) {
    this.#url = parts.url
    this.#token = parts.token
    this.#sharing = parts.sharing
    this.#things = parts.things
    this.#operations = parts.operations
    this.#bearers = parts.bearers
    this.#local = parts.local
  }

  async overHttp({ isFull, print }: { readonly isFull: boolean; readonly print: (line: string) => void }) {
    for (const [index, operation] of this.#operations.entries()) {
      for (const bearer of this.#bearers)
        for (const owner of isFull ? ownersOf(operation) : this.#tellingOwners(bearer, operation, index)) {
          await this.#judge("REST", { bearer, operation, owner, headers: {} })
          if (isFull && operation.path.startsWith("/v1/sessions"))
            await this.#judge("REST without /v1", { bearer, operation, owner, headers: {}, version: "" })
          if (isFull) await this.#judge("REST with claims", { bearer, operation, owner, headers: CLAIMS })
        }
      if ((index + 1) % 10 === 0) print(`… ${index + 1} of ${this.#operations.length} operations`)
    }
  }

  // Who is nobody here is refused before it matters whose the thing is: one after the other of them stands for all.
  #tellingOwners(bearer: Bearer, operation: Operation, index: number) {
    const all = ownersOf(operation)
    const isNobody = this.#expected(bearer, operation, all[0]) === "unauthenticated"
    return isNobody ? [all[index % all.length]] : all
  }

  /** Written otherwise, or with claims in its address, an operation is for the same people, or it is none. */
  async overVariants() {
    for (const bearer of this.#bearers.filter(({ name }) => VARIED.has(name)))
      for (const operation of this.#operations) {
        const asked = { bearer, operation, owner: ownersOf(operation)[0], headers: {} }
        await this.#judge("REST with a slash behind", { ...asked, bend: (target) => `${target}/` })
        await this.#judge("REST with claims in the address", { ...asked, bend: (target) => `${target}?${CLAIMED}` })
        if (operation.method === "GET") await this.#judge("HEAD", { ...asked, method: "HEAD" })
        for (const other of [{ method: "PROPFIND" }, { bend: inCapitals }]) {
          const response = await this.#ask({ ...asked, ...other })
          await response.body?.cancel()
          this.#count("REST of no operation")
          if (response.status < 400)
            this.problems.push(
              `${bearer.name}: ${JSON.stringify(other)} of ${operation.operationId}: ${response.status}`,
            )
        }
      }
  }

  async overWebSocket() {
    for (const bearer of this.#bearers) {
      const token = tokenOf(bearer)
      if (token === undefined) continue
      const socket = await SocketClient.open(this.#url, token)
      for (const owner of OWNERS) {
        const sessionId = this.#things.sessions[owner]
        for (const [type, operationId] of Object.entries(COMMANDS)) {
          const command = type === "subscribe" ? { type, sessionId } : { type, sessionId, nonsense: true }
          const { status, body } = await socket.ask(command)
          const expected = this.#expected(bearer, this.#operation(operationId), owner)
          this.#compare("WebSocket", `${bearer.name}: ${type} ${owner}`, { expected, status, code: body.code })
        }
      }
      socket.close()
    }
  }

  async overMcp() {
    const own = { Authorization: `Bearer ${this.#token}` }
    const others = await connectMcp(this.#url, own)
    for (const bearer of this.#bearers) {
      const mayEnter = tokenOf(bearer) !== undefined && this.#expected(bearer, ANY, undefined) === "allowed"
      await this.#knocks(bearer, { mayEnter, anothers: others.sessionId })
      if (mayEnter) await this.#callsTools(bearer)
    }
    await others.client.close()
  }

  /** Whoever is not let in is let in nowhere; whoever is, not to another's session. */
  async #knocks(bearer: Bearer, { mayEnter, anothers }: { readonly mayEnter: boolean; readonly anothers: string }) {
    const isOwn = bearer.headers.Authorization === `Bearer ${this.#token}`
    const expected = mayEnter ? "absent" : "unauthenticated"
    for (const sessionId of [...(isOwn ? [] : [anothers]), ...(mayEnter ? [] : [undefined])])
      for (const method of ["GET", "POST", "DELETE"]) {
        const session = sessionId === undefined ? {} : { "Mcp-Session-Id": sessionId }
        const headers = { ...MCP_HEADERS, ...bearer.headers, ...session }
        const body = method === "POST" ? { body: INITIALIZE } : {}
        const response = await fetch(`${this.#url}/mcp`, { method, headers, ...body })
        const { code } = (await response.json()) as { readonly code?: string }
        const what = `${bearer.name}: ${method} ${sessionId === undefined ? "" : "another's session"}`
        this.#compare("MCP", what, { expected, status: response.status, code })
      }
  }

  async #callsTools(bearer: Bearer) {
    const { client } = await connectMcp(this.#url, bearer.headers)
    for (const owner of OWNERS)
      for (const [name, operationId] of Object.entries(TOOLS)) {
        const words = {
          sessionId: this.#things.sessions[owner],
          ...(name === "send_message" ? { text: "#script" } : {}),
          ...(name === "send_command" ? { command: "none" } : {}),
        }
        const answer = await client.callTool({ name, arguments: words })
        const { status, code } = (answer.structuredContent ?? {}) as {
          readonly status?: unknown
          readonly code?: unknown
        }
        const found = answer.isError === true ? { status: Number(status ?? 500), code } : { status: 200 }
        const expected = this.#expected(bearer, this.#operation(operationId), owner)
        this.#compare("MCP", `${bearer.name}: ${name} ${owner}`, { expected, ...found })
      }
    await client.close()
  }

  /** What one may not know of is answered, to the letter, like what there is not: to those who could ask for their own. */
  async comparesAbsence({ isFull }: { readonly isFull: boolean }) {
    for (const operation of this.#operations.filter((operation) => ownersOf(operation) === OWNERS)) {
      const kept = this.#bearers.filter((bearer) => this.#expected(bearer, operation, "stranger") === "absent")
      if (kept.length === 0 && this.#bearers.length > LEAST_BEARERS)
        this.problems.push(`${operation.operationId}: nobody is kept from a stranger's by its absence`)
      for (const bearer of isFull ? kept : kept.slice(0, 1)) {
        const [stranger, absent] = await Promise.all([
          this.#askAbout("stranger", { bearer, operation }),
          this.#askAbout("absent", { bearer, operation }),
        ])
        this.#count("compared with what is absent")
        if (stranger !== absent)
          this.problems.push(
            `${bearer.name}: ${operation.operationId} tells a stranger's from an absent one: ${stranger} and ${absent}`,
          )
      }
    }
  }

  /** Nor does it take longer, or less long. */
  async timesAbsence() {
    const bearer = this.#bearers.find(({ name }) => name === "admin")
    if (bearer === undefined) return []
    const figures: string[] = []
    for (const operationId of ["getSession", "killSession", "revokeApiKey"]) {
      const operation = this.#operation(operationId)
      const times: Record<"stranger" | "absent", number[]> = { stranger: [], absent: [] }
      for (let round = 0; round < SAMPLES; round += 1)
        for (const owner of ["stranger", "absent"] as const) {
          const began = performance.now()
          await this.#askAbout(owner, { bearer, operation })
          times[owner].push(performance.now() - began)
        }
      const [stranger, absent] = [median(times.stranger), median(times.absent)]
      figures.push(`${operationId} ${stranger.toFixed(2)} and ${absent.toFixed(2)} ms`)
      if (Math.abs(stranger / absent - 1) > MOST_APART)
        this.problems.push(
          `${operationId} takes ${stranger.toFixed(2)} ms for a stranger's, ${absent.toFixed(2)} for none`,
        )
    }
    return figures
  }

  async #askAbout(owner: OwnerName, { bearer, operation }: Pick<Asked, "bearer" | "operation">) {
    const id = this.#idOf(operation, owner)
    const response = await this.#ask({ bearer, operation, owner, headers: {} })
    const text = (await response.text()).replaceAll(id, "ID").replace(/"requestId":"[^"]*"/, "")
    const headers = [...response.headers].filter(([name]) => !PER_ANSWER.has(name))
    return JSON.stringify([response.status, text, headers])
  }

  /** Of the audit trail each credential has all that is its own to see, in the list and in the export, and nothing else. */
  async readsTrails() {
    for (const bearer of this.#bearers) {
      if (this.#expected(bearer, this.#operation("listAudit"), undefined) !== "allowed") continue
      for (const text of [await this.#listTrail(bearer), await this.#exportTrail(bearer)])
        for (const owner of OWNERS.filter((name) => name !== "absent"))
          for (const [thing, ids] of [
            ["session", this.#things.sessions],
            ["key", this.#things.keys],
          ] as const) {
            this.#count("looked for in trails")
            const expected = isInTrail(bearer, owner, { thing, sharing: this.#sharing })
            if (text.includes(`"${ids[owner]}"`) !== expected)
              this.problems.push(`${bearer.name}: the trail ${expected ? "lacks" : "has"} the ${thing} of ${owner}`)
          }
    }
  }

  async #listTrail({ headers }: Bearer) {
    let text = ""
    for (let cursor = "0"; cursor !== ""; ) {
      const response = await fetch(`${this.#url}/v1/audit?limit=200&after=${cursor}`, { headers })
      const { items, nextCursor = "" } = (await response.json()) as { items: unknown; nextCursor?: string }
      text += JSON.stringify(items)
      cursor = nextCursor
    }
    return text
  }

  async #exportTrail({ headers }: Bearer) {
    return (await fetch(`${this.#url}/v1/audit/export`, { headers })).text()
  }

  figures() {
    const { problems } = this
    const counts = Object.entries(this.#counts).map(([way, count]) => `${count.toLocaleString("en")} ${way}`)
    return [
      `sharing ${this.#sharing}: ${this.#bearers.length} credentials, ${this.#operations.length} operations, ${OWNERS.length} owners: ${counts.join(", ")}.`,
      `${problems.length} problems: an answer that is not what the specification says, or that tells what it must not.`,
    ].join("\n")
  }

  async #judge(way: string, asked: Asked) {
    const { bearer, operation, owner } = asked
    const response = await this.#ask(asked)
    const type = response.headers.get("Content-Type") ?? ""
    const text = type.startsWith("application/problem+json") ? await response.text() : ""
    const body = text === "" ? undefined : (JSON.parse(text) as { readonly code: string })
    if (body === undefined) await response.body?.cancel()
    const expected = this.#expected(bearer, operation, owner)
    const what = `${bearer.name}: ${operation.operationId}${owner === undefined ? "" : ` ${owner}`}`
    // That a session has none is what there is to say of it.
    const isAbsent = body?.code === "approval-not-found" && thingOf(operation.path) === "approval"
    this.#compare(way, what, { expected, status: response.status, code: isAbsent ? "session-not-found" : body?.code })
  }

  async #ask({ bearer, operation, owner, headers, version = "/v1", bend = same, ...asked }: Asked) {
    const { path, hasBody, operationId } = operation
    const { method = operation.method } = asked
    const mayRevoke = operationId === "revokeApiKey" && this.#expected(bearer, operation, owner) === "allowed"
    // What this one ends was made for it.
    const id = mayRevoke ? await this.#spareKey(owner) : this.#idOf(operation, owner)
    // As is the login that this one ends.
    const isLogout = operationId === "logout" && bearer.headers.Cookie !== undefined && bearer.kind === "key"
    const shown = isLogout ? await loginOf(this.#local) : bearer.headers
    const type = hasBody ? { "Content-Type": "application/json" } : {}
    const target = `${path
      .replace(/^\/v1(?=\/)/, version)
      .replace(/\{(?:id|key|approvalId)\}/, encodeURIComponent(id))
      .replace("{event}", "Stop")}`
    return fetch(`${this.#url}${bend(target)}`, {
      method,
      headers: { ...headers, ...shown, ...type, ...NOT_DONE[operationId] },
      ...(hasBody ? { body: NONSENSE } : {}),
    })
  }

  async #spareKey(owner: OwnerName | undefined) {
    const { tenantId, userId } = owners[owner ?? "local"] ?? owners.local
    const { id } = await this.#local.createApiKey({ name: "spare", role: "viewer", tenantId, userId })
    return id
  }

  #idOf({ path }: Operation, owner: OwnerName | undefined) {
    const { approvals, keys, memory, pipelines, routines, sessions, templates } = this.#things
    const begun = { pipeline: pipelines, routine: routines, session: sessions, template: templates }
    const all = { approval: approvals, key: keys, memory, ...begun }
    return all[thingOf(path)][owner ?? "absent"]
  }

  #expected(bearer: Bearer, { mark, path }: Pick<Operation, "mark" | "path">, owner: OwnerName | undefined) {
    const about = owner === undefined ? {} : { owner, thing: thingOf(path) }
    return expectedVerdict(bearer, { mark, sharing: this.#sharing, ...about })
  }

  #operation(operationId: string) {
    const found = this.#operations.find((operation) => operation.operationId === operationId)
    if (found === undefined) throw new Error(`The document has no operation ${operationId}.`)
    return found
  }

  #compare(way: string, what: string, { expected, status, code }: Found & { readonly expected: Verdict }) {
    this.#count(way)
    const found = verdictOf({ status, code })
    if (found !== expected) this.problems.push(`${way}, ${what}: ${found} (${status} ${String(code)}), not ${expected}`)
  }

  #count(way: string) {
    this.#counts[way] = (this.#counts[way] ?? 0) + 1
  }
}

interface PrepareOptions extends Pick<CheckMatrixOptions, "only"> {
  readonly url: string
  readonly token: string
  readonly hookSecret: string
  readonly workDir: string
  readonly sharing: Sharing
}

interface Asked {
  readonly bearer: Bearer
  readonly operation: Operation
  readonly owner: OwnerName | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly version?: string
  /** Instead of the operation's own. */
  readonly method?: string
  /** Writes the target otherwise. */
  readonly bend?: (target: string) => string
}

interface Found {
  readonly status: number
  readonly code?: unknown
}

const OWNERS = Object.keys(owners) as OwnerName[]
/** Nobody is more than their credential says (spec/threats.md, A4). */
const CLAIMS = {
  "X-Role": "admin",
  "X-User": "bob",
  "X-Tenant": "u",
  "X-Forwarded-For": "127.0.0.1",
  "X-Forwarded-User": "admin",
  "X-Original-URL": "/v1/health",
  Forwarded: "for=127.0.0.1",
}
/** What differs from answer to answer. */
const PER_ANSWER: ReadonlySet<string> = new Set(["x-request-id", "date", "ratelimit", "content-length"])
const COMMANDS = {
  subscribe: "listSessionEvents",
  send: "sendMessage",
  approve: "approvePermission",
  reject: "rejectPermission",
  answer: "answerQuestion",
  interrupt: "interruptSession",
}
const TOOLS = {
  get_status: "getSession",
  get_session_metrics: "getSessionMetrics",
  get_session_latency: "getSessionLatency",
  get_session_summary: "getSessionSummary",
  get_transcript: "getTranscriptCursor",
  send_message: "sendMessage",
  send_command: "sendCommand",
  approve_permission: "approvePermission",
  reject_permission: "rejectPermission",
  acp_claim_driver: "claimDriver",
  acp_release_driver: "releaseDriver",
  interrupt_session: "interruptSession",
  kill_session: "killSession",
}

/** To come in at `/mcp` takes any key, in the header for it. */
const ANY = { mark: "any", path: "/mcp" }
const ABSENCES: ReadonlySet<string> = new Set([
  "session-not-found",
  "key-not-found",
  "memory-not-found",
  "template-not-found",
  "pipeline-not-found",
  "routine-not-found",
  "mcp-session-not-found",
])

function verdictOf({ status, code }: Found): Verdict | "failed" {
  if (status === 401) return "unauthenticated"
  if (status === 403) return "forbidden"
  if (ABSENCES.has(String(code))) return "absent"
  if (code === "browser-missing") return "allowed"
  return status >= 500 || status === 0 ? "failed" : "allowed"
}

/** Addresses are written as they are. */
function inCapitals(target: string) {
  return target.replace(/^\/\w/, (first) => first.toUpperCase())
}

function tokenOf({ headers }: Bearer) {
  return /^Bearer (.+)$/.exec(headers.Authorization ?? "")?.[1]
}

function thingOf(path: string): Thing {
  if (path.startsWith("/v1/memory/")) return "memory"
  if (path.startsWith("/v1/templates/")) return "template"
  if (path.startsWith("/v1/pipelines/")) return "pipeline"
  if (path.startsWith("/v1/routines/")) return "routine"
  if (path.startsWith("/v1/approvals/")) return "approval"
  return path.startsWith("/v1/auth/keys/") ? "key" : "session"
}

// Of memory each has their own: what is another's is not there, and can be neither seen nor deleted.
function ownersOf({ path, method }: Operation): readonly (OwnerName | undefined)[] {
  return /\{(?:id|approvalId)\}/.test(path) || (path.includes("{key}") && method === "GET") ? OWNERS : [undefined]
}

/** A session with an approval, a key, a template, a pipeline, a routine and something in the memory of everybody. */
async function makeThings(local: AegisClient, workDir: string): Promise<Things> {
  const make = async (name: Exclude<OwnerName, "absent">, parentId?: string) => {
    const { tenantId, userId } = owners[name]
    const { id: keyId, key } = await local.createApiKey({ name: `of ${name}`, role: "admin", tenantId, userId })
    const client = name === "local" ? local : new AegisClient(local.baseUrl, key)
    const { id } = await client.createSession({
      workDir,
      reuse: false,
      prompt: "#script\nrun echo hi",
      ...(parentId === undefined ? {} : { parentId }),
    })
    const memory = `of/${name}`
    await client.setMemory({ key: memory, value: name })
    const { id: templateId } = await client.createTemplate({ name })
    const { id: pipelineId } = await client.createPipeline({ name, workDir, stages: [{ name, prompt: "#script" }] })
    const yearly = { name, cron: "0 0 1 1 *", workDir, prompt: "#script" }
    const { id: routineId } = await client.createRoutine(yearly)
    const approvalId = await firstApproval(client, id)
    return { name, id, keyId, memory, templateId, pipelineId, routineId, approvalId }
  }
  const own = await make("own")
  const others = (["colleague", "stranger", "local"] as const).map((name) => make(name))
  const made = [own, ...(await Promise.all([make("child", own.id), ...others]))]
  const of = (id: (each: (typeof made)[number]) => string, absent = NOBODYS) =>
    Object.fromEntries([...made.map((each) => [each.name, id(each)]), ["absent", absent]]) as Record<OwnerName, string>
  return {
    sessions: of(({ id }) => id),
    keys: of(({ keyId }) => keyId),
    memory: of(({ memory }) => memory, "of/nobody"),
    templates: of(({ templateId }) => templateId),
    pipelines: of(({ pipelineId }) => pipelineId),
    routines: of(({ routineId }) => routineId),
    approvals: of(({ approvalId }) => approvalId),
  }
}

async function firstApproval(client: AegisClient, id: string) {
  for await (const event of client.events(id, { signal: AbortSignal.timeout(60_000) }))
    if ("type" in event && event.type === "approval.requested")
      return (event.data as { readonly approvalId: string }).approvalId
  throw new Error(`Session ${id} has ended without asking.`)
}

/** From the document that the running server gives. */
async function readOperations(local: AegisClient): Promise<readonly Operation[]> {
  const document = (await local.getOpenApiDocument()) as unknown as Document
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, requestBody, "x-aegis-permission": mark }]) => {
      if (mark === undefined) throw new Error(`${operationId} does not say who may.`)
      return { operationId, method: method.toUpperCase(), path, mark, hasBody: requestBody !== undefined }
    }),
  )
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentOperation>>>>
}
interface DocumentOperation {
  readonly operationId: string
  readonly requestBody?: unknown
  readonly "x-aegis-permission"?: string
}

import fc from "fast-check"
import type { Canary } from "./canaries.ts"
import type { Contract, Operation, Parameter } from "./contract.ts"
import { oddTexts, textArbitrary } from "./odd-text.ts"
import { anyBody, type Body, twistedBody } from "./twisted-body.ts"
import { type Hints, valueArbitrary } from "./value-arbitrary.ts"

/** Who asks: three roles of one tenant, somebody of another, a stream token, the hook secret, a guess, and nobody. */
export const roles = ["admin", "operator", "viewer", "stranger", "stream", "hook", "guess", "nobody"] as const
export type RoleName = (typeof roles)[number]

/** A request that can be made again, whatever ids things have got. */
export interface RequestPlan {
  /** Undefined: it leads to no operation. */
  readonly operation: Operation | undefined
  readonly method: string
  /** `{id}` or `{key}` stands for the thing of the slot. */
  readonly path: string
  /** Which of the things, or what is said instead of an id, as it stands in an address. */
  readonly id: number | string
  readonly query: readonly [string, string][]
  readonly headers: Readonly<Record<string, string>>
  readonly role: RoleName
  readonly body: Body | undefined
}

export interface RequestArbitraryOptions {
  readonly contract: Contract
  /** Folders that sessions may work in. */
  readonly workDirs: readonly string[]
  /** What is shown as a credential, and is none. */
  readonly guesses: readonly Canary[]
}

/** Things of which there are some: what a slot means is seen when the request is made. */
export const SLOTS = 24

/** Operations that are tried less often, since they make much, or stop all: 10 is the rule. */
const WEIGHTS: Readonly<Record<string, number>> = {
  createSession: 2,
  batchCreateSessions: 1,
  killSession: 2,
  batchKillSessions: 2,
  stopAll: 2,
  liftStopAll: 2,
  createApiKey: 3,
  createTemplate: 3,
  createPipeline: 1,
  createRoutine: 3,
  runRoutine: 2,
  createLoginCode: 3,
  listApiKeys: 2,
  getOpenApiDocument: 2,
}

/** Where a path has the id of a thing. */
export const PLACE_OF_THING = /\{(?:id|key|approvalId)\}/

/** What the slot has in memories. */
export function memoryKey(slot: number) {
  return `notes/${slot % 8}`
}

/** Requests of all operations: such as the document allows, such with one thing wrong, and any. */
export function requestArbitrary(options: RequestArbitraryOptions): fc.Arbitrary<RequestPlan> {
  const { operations } = options.contract
  const weighted = operations.map((operation) => ({
    weight: WEIGHTS[operation.operationId] ?? 10,
    arbitrary: operationArbitrary(operation, options),
  }))
  return fc.oneof({ weight: 12, arbitrary: fc.oneof(...weighted) }, { weight: 1, arbitrary: lostArbitrary(options) })
}

function operationArbitrary(operation: Operation, options: RequestArbitraryOptions): fc.Arbitrary<RequestPlan> {
  const { method, path, permission } = operation
  const isOwn = permission === "stream" || permission === "hook"
  const role = roleArbitrary(isOwn ? { [permission]: 8 } : { admin: 4, operator: 3, viewer: 2 })
  return fc
    .record({
      role,
      id: idArbitrary,
      query: queryArbitrary(operation.parameters, options),
      headers: headersArbitrary(operation.parameters, options),
      body: bodyArbitrary(operation, options),
    })
    .map(({ body, headers, ...plan }) => {
      // An id that is a way up leads to another operation, or to none.
      const isWayUp = typeof plan.id === "string" && /^(?:\.|%2e){1,2}$/i.test(plan.id)
      const target = isWayUp ? meaningOf(path.replace(PLACE_OF_THING, String(plan.id))) : path
      const meant = isWayUp ? operationAt(method, target, options) : operation
      return { operation: meant, method, path, body, headers: withType(headers, body), ...plan }
    })
}

function operationAt(method: string, target: string, { contract }: Pick<RequestArbitraryOptions, "contract">) {
  return contract.operations.find((each) => each.method === method && each.path === target)
}

/** Addresses and methods that lead nowhere, or nearly. */
function lostArbitrary(options: RequestArbitraryOptions): fc.Arbitrary<RequestPlan> {
  const paths = options.contract.operations.map(({ path }) => path)
  const bent = fc.tuple(fc.constantFrom(...paths), fc.constantFrom(...bends)).map(([path, bend]) => bend(path))
  const made = fc.array(segmentArbitrary, { maxLength: 5 }).map((segments) => `/${segments.join("/")}`)
  return fc
    .record({
      method: fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "SEARCH", "PROPFIND"),
      path: fc.oneof(bent, made),
      role: roleArbitrary({}),
      id: idArbitrary,
      headers: headersArbitrary([], options),
      body: fc.option(anyBody, { nil: undefined }),
    })
    .map(({ method, body, headers, ...plan }) => {
      const sent = method === "GET" || method === "HEAD" ? undefined : body
      // A slash at the end, or a way around, leads to the operation all the same.
      const operation = operationAt(method, meaningOf(plan.path), options)
      return { operation, query: [], method, body: sent, headers: withType(headers, sent), ...plan }
    })
}

function meaningOf(path: string) {
  if (!URL.canParse(path, "http://localhost")) return path
  return decodeURI(new URL(path, "http://localhost").pathname.replaceAll(/%(?!7B|7D)/g, "%25")).replace(/(?<=.)\/$/, "")
}

const bends: readonly ((path: string) => string)[] = [
  (path) => `${path}/`,
  (path) => path.toUpperCase(),
  (path) => path.replace("/v1", ""),
  (path) => path.replace("/v1", "/v2"),
  (path) => path.replaceAll("/", "//"),
  (path) => `/v1/..${path}`,
  (path) => path.replace("/v1/", "/v1/%2e%2e/v1/"),
  (path) => path.replaceAll("/", "%2F").replace("%2F", "/"),
  (path) => `${path}%00`,
  (path) => `${path};x=1`,
  (path) => `${path}.json`,
  (path) => `/dashboard${path}`,
]

const segmentArbitrary = fc.oneof(
  textArbitrary({ maxLength: 100 }).map(encoded),
  fc.constantFrom("v1", "sessions", "auth", "keys", "dashboard", "assets", "metrics", "mcp", "ws", "..", ".", "%2e%2e"),
)

/** What stands for an id: mostly one of the things, else what is none, as it is written in an address. */
const idArbitrary: fc.Arbitrary<number | string> = fc.oneof(
  { weight: 12, arbitrary: fc.nat({ max: SLOTS - 1 }) },
  { weight: 1, arbitrary: fc.uuid() },
  { weight: 1, arbitrary: textArbitrary({ minLength: 1, maxLength: 400 }).map(encoded) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("%00", "%2e%2e", "%2F", "%5C", "%c0%af", "%ff", "%zz", "%", "$system", "x".repeat(3000)),
  },
)

function encoded(text: string) {
  return encodeURIComponent(text.toWellFormed()) || "%20"
}

function roleArbitrary(weights: Partial<Readonly<Record<RoleName, number>>>): fc.Arbitrary<RoleName> {
  return fc.oneof(...roles.map((role) => ({ weight: weights[role] ?? 1, arbitrary: fc.constant(role) })))
}

function queryArbitrary(parameters: readonly Parameter[], { contract }: RequestArbitraryOptions) {
  const own = parameters.filter((parameter) => parameter.in === "query")
  const one = own.map(({ name, schema }) => {
    const good = valueArbitrary(schema, { contract, hints: {} }).map((value) => String(value))
    return fc
      .oneof({ weight: 4, arbitrary: good }, { weight: 1, arbitrary: fc.constantFrom(...oddTexts, ...oddNumbers) })
      .map((value): [string, string] => [name, value])
  })
  const other = fc.tuple(
    fc.constantFrom("unknown", "token", "__proto__", "limit[]", "", "after"),
    textArbitrary({ maxLength: 40 }),
  )
  const any =
    one.length === 0 ? other : fc.oneof({ weight: 8, arbitrary: fc.oneof(...one) }, { weight: 1, arbitrary: other })
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: own.length === 0 ? 0 : 2, arbitrary: fc.array(any, { maxLength: 3 }) },
  )
}

const oddNumbers = [
  "-1",
  "0",
  "1",
  "1.5",
  "1e3",
  "201",
  "1e400",
  "0x1",
  "9007199254740992",
  "٣",
  " 1",
  "1 ",
  "+1",
  "1_0",
]

function headersArbitrary(parameters: readonly Parameter[], { guesses }: RequestArbitraryOptions) {
  const isWrite = parameters.some(({ name }) => name === "Idempotency-Key")
  const secret = fc.constantFrom(...guesses.map(({ text }) => text.replaceAll(/[^\x20-\x7e]/g, "")))
  const values: Readonly<Record<string, fc.Arbitrary<string>>> = {
    "X-Request-Id": fc.oneof(fc.uuid(), headerText),
    "X-Forwarded-For": fc.constantFrom("127.0.0.1", "::1", "evil", "1.2.3.4, 5.6.7.8", ",,,,"),
    "X-Forwarded-Host": fc.constant("evil.example"),
    "X-HTTP-Method-Override": fc.constantFrom("DELETE", "PUT"),
    Accept: fc.constantFrom("*/*", "text/html", "application/xml;q=0.9", "text/event-stream", headerOdd),
    "Accept-Encoding": fc.constantFrom("gzip", "br", "identity;q=0", "*"),
    "Last-Event-ID": fc.constantFrom("0", "1", "-1", "x", "999999999999999", "1e3"),
    "If-None-Match": fc.constantFrom("*", '"x"'),
    "If-Match": fc.constantFrom("*", '"x"'),
    Range: fc.constantFrom("bytes=0-0", "bytes=-1", "bytes=0-99999999999"),
    Expect: fc.constant("100-continue"),
    Cookie: fc.oneof(
      secret.map((text) => `aegis_session=${text}`),
      headerText,
    ),
    "X-Aegis-Page-Token": headerText,
    Origin: fc.constantFrom("null", "http://evil.example", "http://localhost:1"),
    "Content-Encoding": fc.constantFrom("gzip", "identity", "br"),
  }
  const one = fc
    .constantFrom(...Object.keys(values))
    .chain((name) => (values[name] ?? headerText).map((value) => [name, value] as const))
  const some = fc.oneof(
    { weight: 6, arbitrary: fc.constant([]) },
    { weight: 4, arbitrary: fc.array(one, { maxLength: 3 }) },
  )
  const key = fc.option(fc.oneof(fc.constantFrom("k1", "k2", "k3", "k4"), fc.uuid(), headerText), {
    nil: undefined,
    freq: 2,
  })
  return fc.tuple(some, isWrite ? key : fc.constant(undefined)).map(
    ([pairs, idempotencyKey]): Readonly<Record<string, string>> => ({
      ...Object.fromEntries(pairs),
      ...(idempotencyKey === undefined ? {} : { "Idempotency-Key": idempotencyKey }),
    }),
  )
}

const headerOdd = "\x21\x7e\xa0\xff"
const headerText = fc.string({ unit: "grapheme-ascii", maxLength: 300 }).map((text) => text.trim())

function bodyArbitrary(
  { body, method }: Operation,
  { contract, workDirs }: RequestArbitraryOptions,
): fc.Arbitrary<Body | undefined> {
  if (method === "GET") return fc.constant(undefined)
  if (body === undefined) return fc.option(anyBody, { nil: undefined, freq: 6 })
  const valid = valueArbitrary(body, { contract, hints: hintsFor(workDirs) })
  return fc.oneof(
    { weight: 9, arbitrary: valid.map((value): Body => JSON.stringify(value)) },
    { weight: 7, arbitrary: twistedBody(valid) },
    { weight: 3, arbitrary: anyBody },
    { weight: 1, arbitrary: fc.constant(undefined) },
  )
}

/** What goes further than any text: folders that are there, agents and time zones that are known, prompts that the demo agent plays. */
function hintsFor(workDirs: readonly string[]): Hints {
  const prompt = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom(
        "#script\nsay Hello.",
        "#script\nwrite a.txt x",
        "#script\nask Which? | One | Two",
        "#script\nrun echo hi",
        "#script\nno such step",
      ),
    },
    { weight: 1, arbitrary: textArbitrary({ minLength: 1, maxLength: 100_000 }) },
  )
  return {
    workDir: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...workDirs) },
      { weight: 1, arbitrary: textArbitrary({ minLength: 1, maxLength: 4096 }) },
    ),
    agent: fc.oneof(
      { weight: 4, arbitrary: fc.constant("demo") },
      { weight: 1, arbitrary: textArbitrary({ minLength: 1, maxLength: 100 }) },
    ),
    // Others would each begin a process.
    reuse: fc.oneof({ weight: 19, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    key: fc.oneof(
      { weight: 6, arbitrary: fc.nat({ max: SLOTS - 1 }).map(memoryKey) },
      { weight: 1, arbitrary: textArbitrary({ minLength: 1, maxLength: 256 }) },
    ),
    cron: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom("* * * * *", "*/5 8-18 * * mon-fri", "0 0 31 2 *", "0 0 29 2 *") },
      { weight: 1, arbitrary: fc.stringMatching(/^[\d*,/a-c-]{1,9}( [\d*,/a-c-]{1,9}){3,5}$/) },
      { weight: 1, arbitrary: textArbitrary({ minLength: 1, maxLength: 200 }) },
    ),
    timeZone: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom("UTC", "Europe/Berlin", "Australia/Lord_Howe") },
      { weight: 1, arbitrary: textArbitrary({ minLength: 1, maxLength: 100 }) },
    ),
    prompt,
    text: prompt,
    content: fc.oneof(
      prompt.map((text) => [{ type: "text", text }]),
      fc.array(fc.record({ type: textArbitrary({ maxLength: 30 }), text: fc.jsonValue({ maxDepth: 2 }) }), {
        minLength: 1,
        maxLength: 3,
      }),
    ),
  }
}

function withType(headers: Readonly<Record<string, string>>, body: Body | undefined) {
  return body === undefined ? headers : { "Content-Type": "application/json", ...headers }
}

/** For a person: what was asked. */
export function describePlan({ method, path, id, query, headers, role, body }: RequestPlan) {
  const address = `${path.replace(PLACE_OF_THING, typeof id === "string" ? id : `{id ${id}}`)}${query.length > 0 ? `?${new URLSearchParams([...query])}` : ""}`
  const shown =
    body === undefined ? "" : ` ${typeof body === "string" ? body : `0x${Buffer.from(body).toString("hex")}`}`
  const named = Object.entries(headers).map(([name, value]) => ` ${name}: ${value};`)
  return `${role}: ${method} ${address}${named.join("")}${shown}`.slice(0, 1500)
}

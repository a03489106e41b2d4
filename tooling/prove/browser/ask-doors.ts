import { Random } from "../random.ts"
import { credentials, type Door } from "./doors.ts"
import { expectedVerdict, hostsOf, originsOf, type Sent, type Served, sites, type Verdict } from "./foreign-names.ts"
import { askRawly, type RawAnswer } from "./raw-request.ts"

const AT_ONCE = 8

export interface AskDoorsOptions {
  readonly doors: readonly Door[]
  /** All of the document, for preflights. */
  readonly operations: readonly { readonly method: string; readonly target: string }[]
  readonly served: Served
  readonly seed: number
  /** Every name with every origin, instead of each once and some together. */
  readonly isFull: boolean
  readonly head: () => Promise<number>
}

interface Case {
  readonly door: Door
  readonly host: Sent
  readonly origin: Sent
  readonly site: Sent
  readonly credential: keyof typeof credentials
  readonly verdict: Verdict
}

/** Names and origins at every door: who is refused is refused before anything else, and nobody is told that they may read. */
export async function askDoors(options: AskDoorsOptions) {
  const { served, operations } = options
  const cases = casesOf(options)
  const problems: string[] = []
  const before = await options.head()
  const refused = cases.filter(({ verdict }) => verdict !== "let in")
  await each(refused, async (one) => void problems.push(...(await judge(one, served.port))))
  const preflights = preflightsOf(options)
  await each(preflights, async (one) => void problems.push(...(await judgePreflight(one, served.port))))
  for (const [target, host] of wholeTargets(served.port)) {
    const { status } = await askRawly(served.port, requestText({ method: "GET", target, headers: {} }, { host }))
    if (![400, 403, 421].includes(status)) problems.push(`the target ${target} for ${String(host)}: ${status}`)
  }
  if ((await options.head()) !== before) problems.push("the log has more after what was refused")
  const welcome = cases.filter(({ verdict }) => verdict === "let in")
  await each(welcome, async (one) => void problems.push(...(await judge(one, served.port))))
  return {
    problems,
    refused: refused.length,
    welcome: welcome.length,
    preflights: preflights.length,
    routes: operations.length,
  }
}

function casesOf({ doors, served, seed, isFull }: AskDoorsOptions): readonly Case[] {
  const random = new Random(seed)
  const [hosts, origins] = [hostsOf(served.port), originsOf(served.port)]
  const own = hosts[1]
  const allHosts = [...hosts, ...served.hosts]
  const allOrigins = [...origins, ...served.origins]
  const product = (some: readonly Sent[]) =>
    some.flatMap((host) => allOrigins.flatMap((origin) => sites.map((site) => ({ host, origin, site }))))
  const together = isFull
    ? product(allHosts)
    : [
        ...allHosts.map((host) => ({ host, origin: undefined, site: undefined })),
        ...allOrigins.map((origin) => ({ host: own, origin, site: undefined })),
        ...sites.map((site) => ({ host: own, origin: undefined, site })),
        ...Array.from({ length: 20 }, () => ({
          host: random.oneOf(allHosts),
          origin: random.oneOf(allOrigins),
          site: random.oneOf(sites),
        })),
      ]
  return doors.flatMap((door) =>
    together.map((names) => {
      const verdict = expectedVerdict({ ...names, isPage: door.isPage === true }, served)
      const credential = verdict === "let in" ? "good" : (random.oneOf(Object.keys(credentials)) ?? "good")
      return { door, ...names, credential, verdict }
    }),
  )
}

async function judge({ door, host, origin, site, credential, verdict }: Case, port: number) {
  const headers = credentials[credential]?.(door.headers) ?? {}
  const answer = await askRawly(port, requestText({ ...door, headers }, { host, origin, site }))
  const { status, text } = answer
  const isExpected = {
    "let in": status === door.answers,
    "not served": status === 421 || status === 400,
    foreign: status === 403 && text.includes('"code":"origin-forbidden"'),
  }[verdict]
  const faults = [
    ...(isExpected ? [] : [`answered ${status} where it is ${verdict}`]),
    ...faultsOf(answer),
    ...(verdict === "let in" ? [] : tellsOf(answer, [host, origin].flat())),
  ]
  const asked = `${door.name}, Host ${JSON.stringify(host)}, Origin ${JSON.stringify(origin)}, ${String(site)}, ${credential}`
  return faults.map((fault) => `${asked}: ${fault}`)
}

/** Of any answer: nobody else may read it, and it is in no frame. */
function faultsOf({ status, headers }: RawAnswer) {
  const granting = headers.filter((line) =>
    /^(access-control-|timing-allow-origin|cross-origin-resource-policy: cross)/.test(line),
  )
  const has = (pattern: RegExp) => status === 101 || headers.some((line) => pattern.test(line))
  return [
    ...granting.map((line) => `grants ${line}`),
    ...(has(/^content-security-policy: .*frame-ancestors 'none'/) ? [] : ["may be framed"]),
    ...(has(/^x-content-type-options: nosniff$/) ? [] : ["may be taken for something else"]),
  ]
}

/** Whoever is refused is not told what they said, nor what they lack. */
function tellsOf({ text, headers }: RawAnswer, sent: readonly Sent[]) {
  const said = sent.filter((one) => typeof one === "string" && /evil|nip\.io/.test(one) && text.includes(one))
  const lacks = headers.filter((line) => /^(www-authenticate|set-cookie|ratelimit):/.test(line))
  return [...said.map((one) => `says ${String(one)} again`), ...lacks.map((line) => `tells ${line}`)]
}

interface Preflight {
  readonly method: string
  readonly target: string
  readonly origin: Sent
}

function preflightsOf({ operations, served, isFull, seed }: AskDoorsOptions): readonly Preflight[] {
  const random = new Random(seed)
  const origins = originsOf(served.port).slice(1)
  return operations.flatMap((operation) =>
    (isFull ? origins : [...origins.slice(0, 1), random.oneOf(origins), random.oneOf(origins)]).map((origin) => ({
      ...operation,
      origin,
    })),
  )
}

async function judgePreflight({ method, target, origin }: Preflight, port: number) {
  const headers = {
    "Access-Control-Request-Method": method,
    "Access-Control-Request-Headers": "authorization, content-type",
    "Access-Control-Request-Private-Network": "true",
    "Access-Control-Request-Local-Network": "true",
  }
  const host = `127.0.0.1:${port}`
  const answer = await askRawly(port, requestText({ method: "OPTIONS", target, headers }, { host, origin }))
  const isOwn =
    expectedVerdict({ host, origin, site: undefined, isPage: false }, { port, hosts: [], origins: [] }) === "let in"
  const isExpected = isOwn ? answer.status >= 400 && answer.status !== 403 : answer.status === 403
  const faults = [...(isExpected ? [] : [`answered ${answer.status}`]), ...faultsOf(answer)]
  return faults.map((fault) => `preflight of ${method} ${target}, Origin ${JSON.stringify(origin)}: ${fault}`)
}

/** Targets that say another name than Host, or that say it where Host does not. */
function wholeTargets(port: number): readonly (readonly [target: string, host: Sent])[] {
  return [
    ["http://evil.example.com/v1/health", `127.0.0.1:${port}`],
    [`http://evil.example.com:${port}/v1/health`, `127.0.0.1:${port}`],
    [`http://127.0.0.1:${port}/v1/health`, `evil.example.com:${port}`],
    [`http://127.0.0.1:${port}@evil.example.com/v1/health`, `127.0.0.1:${port}`],
    ["https://evil.example.com/dashboard/", `127.0.0.1:${port}`],
    ["//evil.example.com/v1/health", `evil.example.com:${port}`],
  ]
}

interface Names {
  readonly host?: Sent
  readonly origin?: Sent
  readonly site?: Sent
}

function requestText(
  { method, target, headers, body }: Pick<Door, "target" | "headers" | "body"> & { readonly method: string },
  { host, origin, site }: Names,
) {
  const line = (name: string, value: Sent) => [value ?? []].flat().map((one) => `${name}: ${one}`)
  return [
    `${method} ${target} HTTP/1.1`,
    ...line("Host", host),
    ...line("Origin", origin),
    ...line("Sec-Fetch-Site", site),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
    `Connection: ${headers.Upgrade === undefined ? "close" : "Upgrade"}`,
    "",
    body ?? "",
  ].join("\r\n")
}

async function each<T>(list: readonly T[], work: (one: T) => Promise<void>) {
  let next = 0
  const working = Array.from({ length: AT_ONCE }, async () => {
    for (let one = list[next++]; one !== undefined; one = list[next++]) await work(one)
  })
  await Promise.all(working)
}

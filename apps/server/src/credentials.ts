import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto"
import { join } from "node:path"
import type { Permission, Principal, Role } from "@aegis/policy"
import type { AccessKey, LivingRun } from "@aegis/session-core"
import { ConfigError } from "./config-error.ts"
import { readKeyText } from "./key-text.ts"
import { keepSecret, makeSecretFolder, secretFile } from "./secret-file.ts"

export interface OpenCredentialsOptions {
  readonly stateDir: string
  /** The configured token; else the one of the data directory, made on the first start. */
  readonly token?: string
  /** The configured secret of hooks; else the one of the data directory, made on the first start. */
  readonly hookSecret?: string
  /** The configured token of what reads metrics, if there is one. */
  readonly metricsToken?: string
  /** Of a key that was not revoked. */
  readonly findKey: (keyId: string) => Promise<AccessKey | undefined>
  /** Whether somebody has signed out of it. */
  readonly isLoggedOut: (loginId: string) => Promise<boolean>
  /** Of a session that has an agent and has not ended. */
  readonly findRun: (sessionId: string) => Promise<LivingRun | undefined>
  readonly now?: () => number
  readonly streamTokenMs?: number
}

/** Who has shown a credential, and how long it is good. */
export interface Holder {
  readonly principal: Principal
  /** Names the secret behind it: what is made from it ends with it. */
  readonly tag: string
  /** Milliseconds since the epoch; absent: not by itself. */
  readonly expiresAt?: number | undefined
  /** Behind a cookie, and what was made with one. */
  readonly login?: Login | undefined
}

/** A new cookie session: what goes into the cookie, and what the page keeps beside it. */
export interface NewLogin {
  readonly value: string
  readonly pageToken: string
  readonly maxAgeSeconds: number
}

/** From a cookie's making to its end, or to the logout before that. */
export interface Login {
  readonly id: string
  readonly until: number
}

/** What proves who calls: the local token, keys, agents' own keys, cookie sessions, stream tokens, one-time login codes. */
export interface Credentials {
  readonly token: string
  /** The person of this machine. */
  readonly local: Holder
  /** Of what reads the server's metrics; absent: there is no such token. */
  readonly metrics?: Holder
  /** Who a key is as it is now, whoever shows it; undefined: it was revoked, or has expired. */
  ofKey(keyId: string): Promise<Principal | undefined>
  /** Of an `X-Hook-Secret` value: it takes what hooks tell, for the person of this machine. */
  ofHookSecret(given: string): Holder | undefined
  /** Of an `Authorization: Bearer` value or a cookie; undefined for what is none, or no longer. */
  ofToken(token: string): Promise<Holder | undefined>
  /** Only together with the page token that was handed over with it: a cookie is shown to every port of its host. */
  ofCookie(cookie: string, pageToken: string | undefined): Promise<Holder | undefined>
  /** Whether the cookie is one of this server's, good or no longer, and the page token, where there is one, goes with it. */
  wasLogin(cookie: string, pageToken: string | undefined): boolean
  /** Of that run of a session's agent: good while it lives and the session has not ended, over any restart of the server. */
  createAgentKey(agent: { readonly sessionId: string; readonly runId: string }): string
  createStreamToken(holder: Holder, sessionId?: string): { readonly token: string; readonly expiresAt: number }
  ofStreamToken(token: string): Promise<Holder | undefined>
  /** Whether it is one of this server's, good or no longer. */
  wasSigned(token: string): boolean
  createCookie(holder: Holder): NewLogin
  /** Whoever has it is let in as the holder, once. */
  createLoginCode(holder: Holder): { readonly code: string; readonly expiresAt: number }
  /** The holder, if the code was good; it is not a second time. */
  useLoginCode(code: string): Promise<Holder | undefined>
}

const CODE_MS = 5 * 60_000
const COOKIE_MS = 12 * 60 * 60_000
/** As of those that are configured. */
const SHORTEST = 20
const LOCAL = "local"
const AGENT = "agent:"
const AGENT_KEY = "aga_"
const STREAM_TOKEN = "sse_"
/** Its one permission is its whole use. */
const ofMetrics = {
  keyId: "metrics",
  userId: "metrics",
  tenantId: LOCAL,
  role: "custom",
  permissions: ["metrics.read"],
} as const

export function openCredentials({
  stateDir,
  token: configured,
  hookSecret: configuredHook,
  metricsToken,
  findKey,
  isLoggedOut,
  findRun,
  now = Date.now,
  streamTokenMs = 5 * 60_000,
}: OpenCredentialsOptions): Credentials {
  makeSecretFolder(stateDir)
  const token =
    configured ?? longSecretFile(join(stateDir, "token"), () => `ag_${randomBytes(24).toString("base64url")}`)
  const secret = longSecretFile(join(stateDir, "secret"), () => randomBytes(32).toString("base64url"))
  const hookSecret = openHookSecret(join(stateDir, "hook-secret"), configuredHook)
  const codes = new Map<string, Signed>()
  const local: Holder = {
    principal: { keyId: LOCAL, userId: LOCAL, tenantId: LOCAL, role: "admin", credential: "key" },
    tag: tagOf(digestOf(token)),
  }

  const hook: Holder = {
    // Of all roles the one that may the least; its mark is the only thing that it opens.
    principal: { keyId: "hook", userId: LOCAL, tenantId: LOCAL, role: "agent", credential: "hook" },
    tag: tagOf(digestOf(hookSecret)),
  }

  const metrics: Holder | undefined =
    metricsToken === undefined
      ? undefined
      : { principal: { ...ofMetrics, credential: "key" }, tag: tagOf(digestOf(metricsToken)) }

  // What was signed is as good as what it was signed for is now.
  async function holderOf(signed: Signed | undefined): Promise<Holder | undefined> {
    if (signed === undefined || endOf(signed) <= now()) return undefined
    const { login } = signed
    if (login !== undefined && (await isLoggedOut(login.id))) return undefined
    const holder = await holderBehind(signed)
    const end = Math.min(endOf(signed), holder === undefined ? 0 : endOf(holder))
    return holder && { ...holder, ...(login && { login }), ...(Number.isFinite(end) ? { expiresAt: end } : {}) }
  }

  async function holderBehind({ keyId, tag }: Signed): Promise<Holder | undefined> {
    if (keyId === LOCAL) return tag === local.tag ? local : undefined
    const sessionId = sessionOfAgent(keyId)
    if (sessionId !== undefined) return holderOfRun(sessionId, tag, await findRun(sessionId))
    const key = await findKey(keyId)
    return key && holderOfSecret(key, (digest) => tagOf(digest) === tag, now())
  }

  function signedLogin(value: string, pageToken: string | undefined) {
    const signed = open(value, "cookie", secret)
    if (signed?.login === undefined) return undefined
    return pageToken === undefined || isSame(pageToken, pageTokenOf(signed.login, secret)) ? signed : undefined
  }

  function signedToken(given: string) {
    if (given.startsWith(STREAM_TOKEN)) return open(given.slice(STREAM_TOKEN.length), "stream", secret)
    return given.startsWith(AGENT_KEY) ? open(given.slice(AGENT_KEY.length), "agent", secret) : undefined
  }

  return {
    token,
    local,
    ...(metrics ? { metrics } : {}),
    async ofKey(keyId) {
      if (keyId === LOCAL) return local.principal
      const key = await findKey(keyId)
      const isOver = key?.expiresAt !== undefined && Date.parse(key.expiresAt) <= now()
      return key && !isOver ? principalOf(key) : undefined
    },
    ofHookSecret: (given) => (isSame(given, hookSecret) ? hook : undefined),
    async ofToken(given) {
      if (isSame(given, token)) return local
      if (metrics && isSame(given, metricsToken ?? "")) return metrics
      if (given.startsWith(AGENT_KEY)) return holderOf(signedToken(given))
      const claim = readKeyText(given)
      const key = claim && (await findKey(claim.keyId))
      return key && holderOfSecret(key, (digest) => isSame(digest, claim.digest), now())
    },
    async ofCookie(value, pageToken) {
      return pageToken === undefined ? undefined : holderOf(signedLogin(value, pageToken))
    },
    wasLogin: (value, pageToken) => signedLogin(value, pageToken) !== undefined,
    createAgentKey({ sessionId, runId }) {
      return AGENT_KEY + sign({ kind: "agent", keyId: agentKeyId(sessionId), tag: runId }, secret)
    },
    createStreamToken(holder, sessionId) {
      const expiresAt = now() + streamTokenMs
      const content = { kind: "stream", ...nameOf(holder), sessionId, expiresAt } as const
      return { token: STREAM_TOKEN + sign(content, secret), expiresAt }
    },
    async ofStreamToken(given) {
      const signed = given.startsWith(STREAM_TOKEN) ? signedToken(given) : undefined
      const holder = await holderOf(signed)
      const bound = signed?.sessionId === undefined ? {} : { sessionId: signed.sessionId }
      return holder && { ...holder, principal: { ...holder.principal, credential: "stream", ...bound } }
    },
    wasSigned: (given) => signedToken(given) !== undefined,
    createCookie(holder) {
      const expiresAt = now() + COOKIE_MS
      const login = { id: randomBytes(16).toString("base64url"), until: expiresAt }
      const value = sign({ kind: "cookie", ...nameOf(holder), login, expiresAt }, secret)
      return { value, pageToken: pageTokenOf(login, secret), maxAgeSeconds: COOKIE_MS / 1000 }
    },
    createLoginCode(holder) {
      for (const [digest, signed] of codes) if (endOf(signed) <= now()) codes.delete(digest)
      const code = randomBytes(24).toString("base64url")
      const expiresAt = now() + CODE_MS
      codes.set(digestOf(code), { kind: "code", ...nameOf(holder), expiresAt })
      return { code, expiresAt }
    },
    useLoginCode(code) {
      const signed = codes.get(digestOf(code))
      codes.delete(digestOf(code))
      return holderOf(signed)
    },
  }
}

/** Never an empty one, which anybody has, nor what is left of one that was cut off. */
function longSecretFile(path: string, make: () => string) {
  const secret = secretFile(path, make)
  if (secret.length >= SHORTEST) return secret
  throw new ConfigError(
    `${path} is to hold a secret of at least ${SHORTEST} characters. Remove it, and the next start makes one.`,
  )
}

// `ag hooks send` reads it there, whoever has made it.
function openHookSecret(path: string, configured: string | undefined) {
  if (configured !== undefined) return keepSecret(path, configured)
  return longSecretFile(path, () => `agh_${randomBytes(24).toString("base64url")}`)
}

/** Who a key is, by the secret that fits: the one it has, or the one before while that is good. */
function holderOfSecret(key: AccessKey, fits: (digest: string) => boolean, now: number): Holder | undefined {
  const { digest, previous, expiresAt } = key
  const fitting = fits(digest)
    ? { digest, ends: [expiresAt] }
    : previous && fits(previous.digest)
      ? { digest: previous.digest, ends: [expiresAt, previous.until] }
      : undefined
  if (fitting === undefined) return undefined
  const end = Math.min(...fitting.ends.map((at) => (at === undefined ? Number.POSITIVE_INFINITY : Date.parse(at))))
  if (end <= now) return undefined
  return {
    principal: principalOf(key),
    tag: tagOf(fitting.digest),
    ...(Number.isFinite(end) ? { expiresAt: end } : {}),
  }
}

/** The name of what a session's agent shows; no key has such a one. */
export function agentKeyId(sessionId: string) {
  return `${AGENT}${sessionId}`
}

function sessionOfAgent(keyId: string) {
  return keyId.startsWith(AGENT) ? keyId.slice(AGENT.length) : undefined
}

// One that was begun anew has another; what an earlier one has left behind speaks for nobody.
function holderOfRun(sessionId: string, runId: string, run: LivingRun | undefined): Holder | undefined {
  if (run?.runId !== runId) return undefined
  const keyId = agentKeyId(sessionId)
  return { principal: { keyId, ...run.owner, role: "agent", credential: "key", agentOf: sessionId }, tag: runId }
}

function endOf({ expiresAt }: { readonly expiresAt?: number | undefined }) {
  return expiresAt ?? Number.POSITIVE_INFINITY
}

// What the log has was checked when it was written.
export function principalOf({ keyId, userId, tenantId, role, permissions }: AccessKey): Principal {
  const list = permissions === undefined ? {} : { permissions: permissions as readonly Permission[] }
  return { keyId, userId, tenantId, role: role as Role, ...list, credential: "key" }
}

interface Signed {
  readonly kind: "stream" | "cookie" | "code" | "agent"
  readonly keyId: string
  readonly tag: string
  readonly sessionId?: string | undefined
  readonly login?: Login | undefined
  /** Absent: not by itself. */
  readonly expiresAt?: number
}

function nameOf({ principal: { keyId }, tag, login }: Holder) {
  return { keyId, tag, login }
}

function tagOf(digest: string) {
  return digest.slice(0, 16)
}

function sign(content: Signed, secret: string) {
  const text = Buffer.from(JSON.stringify(content)).toString("base64url")
  return `${text}.${macOf(text, secret)}`
}

function open(value: string, kind: Signed["kind"], secret: string) {
  const [text = "", mac = ""] = value.split(".")
  if (!isSame(mac, macOf(text, secret))) return undefined
  const content = JSON.parse(Buffer.from(text, "base64url").toString()) as Signed
  return content.kind === kind ? content : undefined
}

// Nothing else that is signed has such a text: theirs are base64url.
function pageTokenOf({ id }: Login, secret: string) {
  return macOf(`page:${id}`, secret)
}

function macOf(text: string, secret: string) {
  return createHmac("sha256", secret).update(text).digest("base64url")
}

// Digests have one length, so that comparing them tells nothing about the secret's.
function isSame(given: string, expected: string) {
  return timingSafeEqual(createHash("sha256").update(given).digest(), createHash("sha256").update(expected).digest())
}

function digestOf(text: string) {
  return createHash("sha256").update(text).digest("hex")
}

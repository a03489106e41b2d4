import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto"
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Principal } from "@aegis/policy"

export interface OpenCredentialsOptions {
  readonly stateDir: string
  /** The configured token; else the one of the data directory, made on the first start. */
  readonly token?: string
  readonly now?: () => number
  readonly streamTokenMs?: number
}

/** What proves who calls: the local token, cookie sessions, stream tokens, one-time login codes. */
export interface Credentials {
  readonly token: string
  /** Of an `Authorization: Bearer` value or a cookie; undefined for what is none, or no longer. */
  ofToken(token: string): Principal | undefined
  ofCookie(cookie: string): Principal | undefined
  createStreamToken(principal: Principal, sessionId?: string): { readonly token: string; readonly expiresAt: number }
  ofStreamToken(token: string): { readonly principal: Principal; readonly expiresAt: number } | undefined
  /** Whether it is one of this server's, good or no longer. */
  wasStreamToken(token: string): boolean
  createCookie(): { readonly value: string; readonly maxAgeSeconds: number }
  createLoginCode(): { readonly code: string; readonly expiresAt: number }
  /** Whether the code was good; it is not a second time. */
  useLoginCode(code: string): boolean
}

const CODE_MS = 5 * 60_000
const COOKIE_MS = 12 * 60 * 60_000
const local: Principal = { keyId: "local", userId: "local", tenantId: "local", role: "admin", credential: "key" }

export function openCredentials({
  stateDir,
  token: configured,
  now = Date.now,
  streamTokenMs = 5 * 60_000,
}: OpenCredentialsOptions): Credentials {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 })
  const token = configured ?? secretFile(join(stateDir, "token"), () => `ag_${randomBytes(24).toString("base64url")}`)
  const secret = secretFile(join(stateDir, "secret"), () => randomBytes(32).toString("base64url"))
  const codes = new Map<string, number>()
  return {
    token,
    ofToken: (given) => (isSame(given, token) ? local : undefined),
    ofCookie: (value) => (open(value, { kind: "cookie", secret, now }) ? local : undefined),
    createStreamToken({ keyId }, sessionId) {
      const expiresAt = now() + streamTokenMs
      return { token: `sse_${sign({ kind: "stream", keyId, sessionId, expiresAt }, secret)}`, expiresAt }
    },
    ofStreamToken(given) {
      const opened = given.startsWith("sse_") ? open(given.slice(4), { kind: "stream", secret, now }) : undefined
      if (!opened) return undefined
      const bound = opened.sessionId === undefined ? {} : { sessionId: opened.sessionId }
      return { principal: { ...local, credential: "stream", ...bound }, expiresAt: opened.expiresAt }
    },
    wasStreamToken: (given) =>
      given.startsWith("sse_") && open(given.slice(4), { kind: "stream", secret, now: () => 0 }) !== undefined,
    createCookie: () => ({
      value: sign({ kind: "cookie", keyId: local.keyId, expiresAt: now() + COOKIE_MS }, secret),
      maxAgeSeconds: COOKIE_MS / 1000,
    }),
    createLoginCode() {
      for (const [digest, until] of codes) if (until <= now()) codes.delete(digest)
      const code = randomBytes(24).toString("base64url")
      const expiresAt = now() + CODE_MS
      codes.set(digestOf(code), expiresAt)
      return { code, expiresAt }
    },
    useLoginCode(code) {
      const expiresAt = codes.get(digestOf(code))
      codes.delete(digestOf(code))
      return expiresAt !== undefined && expiresAt > now()
    },
  }
}

interface Signed {
  readonly kind: "stream" | "cookie"
  readonly keyId: string
  readonly sessionId?: string | undefined
  readonly expiresAt: number
}

function sign(content: Signed, secret: string) {
  const text = Buffer.from(JSON.stringify(content)).toString("base64url")
  return `${text}.${macOf(text, secret)}`
}

function open(
  value: string,
  { kind, secret, now }: { readonly kind: Signed["kind"]; readonly secret: string; readonly now: () => number },
) {
  const [text = "", mac = ""] = value.split(".")
  if (!isSame(mac, macOf(text, secret))) return undefined
  const content = JSON.parse(Buffer.from(text, "base64url").toString()) as Signed
  return content.kind === kind && content.expiresAt > now() ? content : undefined
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

// Made once, by whoever comes first, and whole or not at all: it is linked to its name when its bytes are on disk.
function secretFile(path: string, make: () => string) {
  if (!existsSync(path)) {
    const draft = `${path}.${randomBytes(6).toString("hex")}`
    try {
      writeFileSync(draft, make(), { mode: 0o600, flag: "wx", flush: true })
      linkOnce(draft, path)
    } catch (error) {
      const { message } = error as Error
      throw new Error(`${path} cannot be made (${message}). Free some space if the disk is full, and start again.`, {
        cause: error,
      })
    } finally {
      rmSync(draft, { force: true })
    }
  }
  return readFileSync(path, "utf8").trim()
}

function linkOnce(draft: string, path: string) {
  try {
    linkSync(draft, path)
  } catch (error) {
    // Somebody else was first: then theirs is the secret.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
  }
}

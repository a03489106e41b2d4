import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { AccessKey, LivingRun } from "@aegis/session-core"
import { afterEach, expect, it } from "vitest"
import { openCredentials } from "../src/credentials.ts"
import { makeKeyText } from "../src/key-text.ts"

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** Credentials at a time of our own, with one key. */
function open({ token, stateDir = folder() }: { readonly token?: string; readonly stateDir?: string } = {}) {
  let now = 1_000_000
  let key: AccessKey | undefined
  const loggedOut = new Set<string>()
  let run: (LivingRun & { readonly sessionId: string }) | undefined
  const credentials = openCredentials({
    stateDir,
    now: () => now,
    findKey: async (keyId) => (key?.keyId === keyId ? key : undefined),
    isLoggedOut: async (loginId) => loggedOut.has(loginId),
    findRun: async (sessionId) => (run?.sessionId === sessionId ? run : undefined),
    ...(token === undefined ? {} : { token }),
  })
  const made = makeKeyText()
  const put = (changes: Partial<AccessKey> = {}) => {
    const { keyId, digest } = made
    key = { keyId, digest, name: "a", role: "viewer", userId: "ada", tenantId: "t", createdAt: "", ...changes }
  }
  put()
  const runs = (runId: string | undefined) => {
    run = runId === undefined ? undefined : { sessionId: "s", runId, owner: { userId: "ada", tenantId: "t" } }
  }
  return { credentials, made, put, runs, loggedOut, at: (ms: number) => (now = 1_000_000 + ms) }
}

function folder() {
  const path = mkdtempSync(join(tmpdir(), "aegis-credentials-"))
  folders.push(path)
  return path
}

const iso = (ms: number) => new Date(1_000_000 + ms).toISOString()

it("a key is good until its end, and what was made with it is not good for longer", async () => {
  const { credentials, made, put, at } = open()
  put({ expiresAt: iso(60_000) })
  const holder = await credentials.ofToken(made.text)
  expect(holder).toMatchObject({ principal: { userId: "ada" }, expiresAt: 1_060_000 })
  if (!holder) return
  const stream = credentials.createStreamToken(holder).token
  const login = credentials.createCookie(holder)
  expect((await credentials.ofStreamToken(stream))?.expiresAt).toBe(1_060_000)
  at(59_999)
  expect([
    await credentials.ofToken(made.text),
    await credentials.ofKey(made.keyId),
    await credentials.ofCookie(login.value, login.pageToken),
  ]).not.toContain(undefined)
  at(60_000)
  expect([
    await credentials.ofToken(made.text),
    await credentials.ofKey(made.keyId),
    await credentials.ofCookie(login.value, login.pageToken),
    await credentials.ofStreamToken(stream),
  ]).toEqual([undefined, undefined, undefined, undefined])
})

it("the secret before a rotation is good until the grace is over, and so is what was made with it", async () => {
  const { credentials, made, put, at } = open()
  const before = await credentials.ofToken(made.text)
  const second = makeKeyText({ keyId: made.keyId })
  put({ digest: second.digest, previous: { digest: made.digest, until: iso(1000) } })
  if (!before) throw new Error("The key was not good.")
  const login = credentials.createCookie(before)
  expect((await credentials.ofToken(made.text))?.expiresAt).toBe(1_001_000)
  expect((await credentials.ofToken(second.text))?.expiresAt).toBeUndefined()
  expect((await credentials.ofCookie(login.value, login.pageToken))?.expiresAt).toBe(1_001_000)
  at(1000)
  expect(await credentials.ofToken(made.text)).toBeUndefined()
  expect(await credentials.ofCookie(login.value, login.pageToken)).toBeUndefined()
  expect(await credentials.ofToken(second.text)).toBeDefined()
})

it("a stream token opens no door that a cookie does, nor the other way round", async () => {
  const { credentials } = open()
  const stream = credentials.createStreamToken(credentials.local, "s").token
  const login = credentials.createCookie(credentials.local)
  expect(await credentials.ofCookie(stream.slice(4), login.pageToken)).toBeUndefined()
  expect(await credentials.ofStreamToken(`sse_${login.value}`)).toBeUndefined()
  expect((await credentials.ofStreamToken(stream))?.principal).toMatchObject({ credential: "stream", sessionId: "s" })
})

it("a login that is over was one, and what was never signed as one was none", async () => {
  const { credentials, at } = open()
  const [login, other] = [credentials.createCookie(credentials.local), credentials.createCookie(credentials.local)]
  const stream = credentials.createStreamToken(credentials.local).token.slice(4)
  at(login.maxAgeSeconds * 1000)
  expect(await credentials.ofCookie(login.value, login.pageToken)).toBeUndefined()
  const were = [login.pageToken, undefined].map((pageToken) => credentials.wasLogin(login.value, pageToken))
  const none = [other.pageToken, ""].map((pageToken) => credentials.wasLogin(login.value, pageToken))
  const unsigned = [`${login.value}x`, stream, "", "."].map((value) => credentials.wasLogin(value, undefined))
  expect([were, none, unsigned]).toEqual([
    [true, true],
    [false, false],
    [false, false, false, false],
  ])
})

it("with another local token, cookies and links of the one before are worth nothing", async () => {
  const stateDir = folder()
  const first = open({ stateDir, token: "the-first-token-of-all" }).credentials
  const login = first.createCookie(first.local)
  expect(await first.ofCookie(login.value, login.pageToken)).toBeDefined()
  const second = open({ stateDir, token: "the-second-token-of-all" }).credentials
  expect(await second.ofCookie(login.value, login.pageToken)).toBeUndefined()
  expect(await second.ofToken("the-first-token-of-all")).toBeUndefined()
})

it.each(["token", "secret", "hook-secret"])(
  "an empty %s, or what is left of one, is none: it would be anybody's",
  (name) => {
    const stateDir = folder()
    for (const left of ["", "\n", `${"x".repeat(19)}\n`]) {
      writeFileSync(join(stateDir, name), left, { mode: 0o600 })
      expect(() => open({ stateDir })).toThrow(`${join(stateDir, name)} is to hold a secret of at least 20 characters`)
    }
    writeFileSync(join(stateDir, name), `${"x".repeat(20)}\n`)
    expect(() => open({ stateDir })).not.toThrow()
  },
)

it("a login code is good once, for a while, for its holder", async () => {
  const { credentials, made, at } = open()
  const holder = await credentials.ofToken(made.text)
  if (!holder) throw new Error("The key was not good.")
  const { code } = credentials.createLoginCode(holder)
  expect((await credentials.useLoginCode(code))?.principal.userId).toBe("ada")
  expect(await credentials.useLoginCode(code)).toBeUndefined()
  const late = credentials.createLoginCode(holder).code
  at(5 * 60_000)
  expect(await credentials.useLoginCode(late)).toBeUndefined()
})

it("an agent's key is good while that run of its session lives, however often the server starts, and not for another run", async () => {
  const stateDir = folder()
  const { credentials, runs } = open({ stateDir })
  const key = credentials.createAgentKey({ sessionId: "s", runId: "r1" })
  expect(await credentials.ofToken(key)).toBeUndefined()
  runs("r1")
  const holder = await credentials.ofToken(key)
  expect(holder).toEqual({
    principal: {
      keyId: "agent:s",
      userId: "ada",
      tenantId: "t",
      role: "agent",
      credential: "key",
      agentOf: "s",
    },
    tag: "r1",
  })
  if (!holder) return
  const stream = credentials.createStreamToken(holder).token
  expect((await credentials.ofStreamToken(stream))?.principal).toMatchObject({ credential: "stream", agentOf: "s" })
  const next = open({ stateDir })
  next.runs("r1")
  expect((await next.credentials.ofToken(key))?.principal.agentOf).toBe("s")
  runs("r2")
  expect([await credentials.ofToken(key), await credentials.ofStreamToken(stream)]).toEqual([undefined, undefined])
  expect([credentials.wasSigned(key), credentials.wasSigned(stream), credentials.wasSigned(`${key}x`)]).toEqual([
    true,
    true,
    false,
  ])
})

it("an agent's key is no cookie and no stream token, and another server's is nothing", async () => {
  const { credentials, runs } = open()
  runs("r")
  const key = credentials.createAgentKey({ sessionId: "s", runId: "r" })
  expect(
    await credentials.ofCookie(key.slice(4), credentials.createCookie(credentials.local).pageToken),
  ).toBeUndefined()
  expect(await credentials.ofStreamToken(`sse_${key.slice(4)}`)).toBeUndefined()
  const holder = await credentials.ofToken(key)
  if (!holder) throw new Error("The key was not good.")
  expect(await credentials.ofToken(`aga_${credentials.createStreamToken(holder).token.slice(4)}`)).toBeUndefined()
  const other = open()
  other.runs("r")
  expect(await other.credentials.ofToken(key)).toBeUndefined()
})

it("a cookie opens nothing without the page token of its own login", async () => {
  const { credentials } = open()
  const [login, other] = [credentials.createCookie(credentials.local), credentials.createCookie(credentials.local)]
  expect((await credentials.ofCookie(login.value, login.pageToken))?.principal).toEqual(credentials.local.principal)
  for (const pageToken of [undefined, "", "x", login.value, login.value.split(".")[1], other.pageToken])
    expect([pageToken, await credentials.ofCookie(login.value, pageToken)]).toEqual([pageToken, undefined])
  expect(await credentials.ofCookie(`${login.value}x`, login.pageToken)).toBeUndefined()
  expect(await credentials.ofToken(login.pageToken)).toBeUndefined()
})

it("whoever signs out of a login ends what was made with it, and no other login", async () => {
  const { credentials, loggedOut } = open()
  const [login, other] = [credentials.createCookie(credentials.local), credentials.createCookie(credentials.local)]
  const holder = await credentials.ofCookie(login.value, login.pageToken)
  if (holder?.login === undefined) throw new Error("The cookie was none of a login.")
  expect(holder.login.until).toBe(1_000_000 + login.maxAgeSeconds * 1000)
  const stream = credentials.createStreamToken(holder).token
  expect((await credentials.ofStreamToken(stream))?.login).toEqual(holder.login)
  const { code } = credentials.createLoginCode(holder)
  loggedOut.add(holder.login.id)
  expect([
    await credentials.ofCookie(login.value, login.pageToken),
    await credentials.ofStreamToken(stream),
    await credentials.useLoginCode(code),
  ]).toEqual([undefined, undefined, undefined])
  expect(await credentials.ofCookie(other.value, other.pageToken)).toBeDefined()
})

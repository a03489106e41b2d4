import { readFileSync } from "node:fs"
import { setTimeout as pause } from "node:timers/promises"
import { AegisClient } from "@aegis/client"
import { PermissionSchema } from "@aegis/policy/schema"
import { signIn } from "../sign-in.ts"
import { type Bearer, type OwnerName, owners } from "./expected-verdict.ts"

const bearer = (secret: string) => ({ Authorization: `Bearer ${secret}` })
const hook = (secret: string) => ({ "X-Hook-Secret": secret })
const EXPIRES_MS = 1500

/** One of each kind of credential: of tenant `t` and user `ada` where it is anybody's. */
export async function makeBearers(
  local: AegisClient,
  {
    token,
    hookSecret,
    sessions,
  }: {
    readonly token: string
    readonly hookSecret: string
    readonly sessions: Readonly<Record<OwnerName, string>>
  },
): Promise<readonly Bearer[]> {
  const ada = owners.own
  const make = (wish: Partial<Wish>) => createKey(local, { name: "matrix", role: "viewer", ...ada, ...wish })
  const expiring = await make({ role: "admin", expiresAt: new Date(Date.now() + EXPIRES_MS).toISOString() })
  const admin = await make({ role: "admin" })
  const operator = await make({ role: "operator" })
  const plain = await Promise.all((["viewer", "agent"] as const).map((role) => make({ role })))
  const single = PermissionSchema.options.map(async (permission) => ({
    permission,
    ...(await make({ role: "custom", permissions: [permission] })),
  }))
  const held = (name: string, { key, role }: { readonly key: string; readonly role: string }): Bearer => ({
    name,
    kind: "key",
    role,
    ...ada,
    headers: bearer(key),
  })
  const client = new AegisClient(local.baseUrl, operator.key)
  const stream = async (name: string, boundTo?: OwnerName): Promise<Bearer> => {
    const { token: made } = await client.createSseToken(boundTo === undefined ? {} : { sessionId: sessions[boundTo] })
    const bound = boundTo === undefined ? {} : { boundTo }
    return { name, kind: "stream", role: "operator", ...ada, ...bound, headers: bearer(made) }
  }
  const agentKey = await agentKeyOf(client, sessions.own)
  const agent: Bearer = { ...held("an agent's own key", { key: agentKey, role: "agent" }), agentOf: "own" }
  const { token: agentStream } = await new AegisClient(local.baseUrl, agentKey).createSseToken()
  const login = await loginOf(new AegisClient(local.baseUrl, admin.key))
  const { "X-Aegis-Page-Token": pageToken, ...cookie } = login
  const bearers = [
    // First: by MCP others end its session.
    agent,
    { ...agent, name: "stream token of an agent", kind: "stream" as const, headers: bearer(agentStream) },
    ...(await deadBearers(new AegisClient(local.baseUrl, admin.key), admin.key)),
    held("admin", admin),
    held("operator", operator),
    ...plain.map((key) => held(key.role, key)),
    ...(await Promise.all(single)).map(({ permission, key }) => ({
      ...held(`only ${permission}`, { key, role: "custom" }),
      permissions: [permission],
    })),
    { ...held("cookie", admin), headers: login },
    { name: "local token", kind: "key" as const, role: "admin", ...owners.local, headers: bearer(token) },
    { name: "hook secret", kind: "hook" as const, role: "agent", ...owners.local, headers: hook(hookSecret) },
    ...[
      { name: "hook secret as Bearer", headers: bearer(hookSecret) },
      { name: "local token as hook secret", headers: hook(token) },
      { name: "hook secret twice", headers: hook(`${hookSecret}, ${hookSecret}`) },
      { name: "empty hook secret", headers: hook("") },
      // As a server on another port of this host is shown it.
      { name: "cookie without its page token", headers: cookie },
      { name: "page token without its cookie", headers: { Origin: login.Origin, "X-Aegis-Page-Token": pageToken } },
      { name: "page token as Bearer", headers: bearer(pageToken) },
    ].map((each) => ({ ...each, kind: "dead" as const })),
    await stream("stream token"),
    await stream("stream token of one session", "own"),
  ]
  // Its last moment is waited for: from then on it is no key.
  while (await isGood(local.baseUrl, expiring.key)) await pause(50)
  return [{ name: "expired", kind: "dead", headers: bearer(expiring.key) }, ...bearers]
}

const START_MS = 20_000

/** What the session's agent has been given: as it is in its process. */
async function agentKeyOf(client: AegisClient, sessionId: string) {
  for (const deadline = Date.now() + START_MS; Date.now() < deadline; await pause(50)) {
    const { items } = await client.listSessionEvents(sessionId, { after: 0, limit: 200 })
    const { pid } = (items.find(({ type }) => type === "agent.started")?.data ?? {}) as { readonly pid?: number }
    const environment = pid === undefined ? "" : readFileSync(`/proc/${pid}/environ`, "utf8")
    const key = /^AEGIS_AGENT_KEY=(.+)$/m.exec(environment.replaceAll("\0", "\n"))?.[1]
    if (key !== undefined) return key
  }
  throw new Error(`The agent of session ${sessionId} has no key.`)
}

type Wish = Parameters<AegisClient["createApiKey"]>[0]

async function createKey(client: AegisClient, wish: Wish) {
  const { key = "", ...made } = await client.createApiKey(wish)
  return { ...made, key }
}

async function deadBearers(admin: AegisClient, good: string): Promise<readonly Bearer[]> {
  const make = () => createKey(admin, { name: "matrix", role: "admin" })
  const [revoked, rotated, spare] = [await make(), await make(), await make()]
  await admin.revokeApiKey(revoked.id)
  await admin.rotateApiKey(rotated.id)
  const dead = (name: string, headers: Bearer["headers"]): Bearer => ({ name, kind: "dead", headers })
  return [
    dead("none", {}),
    dead("empty", { Authorization: "Bearer " }),
    dead("made up", bearer("agk_made_up")),
    dead("another's secret", bearer(`${good.slice(0, 17)}${spare.key.slice(17)}`)),
    dead("as Basic", { Authorization: `Basic ${Buffer.from(`admin:${good}`).toString("base64")}` }),
    dead("as a cookie", { Cookie: `aegis_session=${good}` }),
    dead("revoked", bearer(revoked.key)),
    dead("rotated away", bearer(rotated.key)),
  ]
}

/** The login of whoever the client is. */
export async function loginOf(client: AegisClient) {
  return signIn((await client.createLoginCode()).url)
}

async function isGood(baseUrl: string, key: string) {
  const { ok, body } = await fetch(`${baseUrl}/v1/version`, { headers: bearer(key) })
  await body?.cancel()
  return ok
}

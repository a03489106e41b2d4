import { once } from "node:events"
import { chmodSync, closeSync, openSync, readdirSync, writeFileSync, writeSync } from "node:fs"
import { type AddressInfo, createServer } from "node:net"
import { join } from "node:path"
import { expect, it } from "vitest"
import { diagnose, type Finding } from "../src/local.ts"
import { defaults, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

interface Look {
  readonly stateDir?: string
  readonly env?: Record<string, string>
  readonly now?: Date
  readonly isRunning?: boolean
}

/** What is found, by its name. */
async function look({ stateDir, env = {}, now = new Date(), isRunning = false }: Look = {}) {
  const home = temporary("home")
  const found: Record<string, Finding> = {}
  const own = { AEGIS_STATE_DIR: stateDir ?? join(home, "state"), AEGIS_PORT: "0", AEGIS_AGENT: "demo", ...env }
  const options = { env: own, cwd: home, home, now, isRunning: async () => isRunning }
  for await (const finding of diagnose(options)) found[finding.name] = finding
  return { found, home, worst: Object.values(found).filter(({ state }) => state !== "ok") }
}

/** A data directory that a server has left. */
async function used() {
  const stateDir = temporary("state")
  const server = await start({ config: defaults(stateDir) })
  for (let made = 0; made < 20; made++) await server.createKey("viewer")
  await server.server.close()
  return stateDir
}

it("has nothing to say against a new home, nor against one that a server has left; and makes nothing", async () => {
  const fresh = await look()
  expect(fresh.worst).toEqual([])
  expect(readdirSync(fresh.home)).toEqual([])
  const stateDir = await used()
  const before = readdirSync(stateDir)
  const { found, worst } = await look({ stateDir })
  expect(worst).toEqual([])
  expect(found.log?.says).toMatch(/^[1-9]\d* entries, whole$/)
  // SQLite's own, without anything in them: whoever reads leaves them where nobody writes.
  expect(readdirSync(stateDir).filter((name) => !/-(shm|wal)$/.test(name))).toEqual(before)
})

it("looks at a log that a server has open, and knows that the port is its own", async () => {
  const stateDir = temporary("state")
  await start({ config: defaults(stateDir) })
  const { found, worst } = await look({ stateDir, isRunning: true })
  expect([worst, found.server?.says]).toEqual([[], "runs, and answers"])
})

it("says no more than that where the configuration is broken", async () => {
  const { found } = await look({ env: { AEGIS_PORT: "many" } })
  expect(Object.keys(found)).toEqual(["configuration"])
  expect(found.configuration).toMatchObject({ state: "problem", says: expect.stringContaining("AEGIS_PORT") })
})

it("finds what others may read", async () => {
  const stateDir = await used()
  chmodSync(join(stateDir, "token"), 0o644)
  const { worst } = await look({ stateDir })
  const fix = `chmod -R go= ${stateDir}`
  expect(worst).toMatchObject([{ name: "data directory", says: `others may read ${join(stateDir, "token")}`, fix }])
})

it.each([
  ["in the middle", 4096 * 4 + 10],
  ["at its beginning", 0],
])("finds a log that is damaged %s", async (_where, position) => {
  const stateDir = await used()
  const file = openSync(join(stateDir, "aegis.db"), "r+")
  writeSync(file, Buffer.alloc(20_000, 0xaa), 0, 20_000, position)
  closeSync(file)
  const { worst } = await look({ stateDir })
  expect(worst).toMatchObject([{ name: "log", state: "problem", says: expect.stringContaining("is damaged") }])
})

it("finds a clock that was set back", async () => {
  const stateDir = await used()
  const { worst } = await look({ stateDir, now: new Date(Date.now() - 3600_000) })
  expect(worst).toMatchObject([{ name: "log", state: "warning", fix: "Set this machine's clock." }])
})

it("finds a port that somebody else has, and an address that is not this machine's", async () => {
  const other = createServer().listen(0, "127.0.0.1")
  await once(other, "listening")
  const { port } = other.address() as AddressInfo
  const taken = await look({ env: { AEGIS_PORT: String(port) } })
  expect(taken.worst).toMatchObject([
    { name: "server", says: expect.stringContaining("EADDRINUSE"), fix: expect.stringContaining("ag config set port") },
  ])
  other.close()
  const away = await look({ env: { AEGIS_HOST: "203.0.113.1", AEGIS_AUTH_TOKEN: "x".repeat(20) } })
  expect(away.worst).toMatchObject([{ name: "server", says: expect.stringContaining("EADDRNOTAVAIL") }])
})

it("finds a host for other machines without a token of one's own, but in a container", async () => {
  const [bare, contained] = [{ container: "" }, { container: "podman" }]
  const { worst } = await look({ env: { ...bare, AEGIS_HOST: "0.0.0.0" } })
  expect(worst).toMatchObject([
    { name: "server", says: expect.stringContaining("takes a token of yours"), fix: "ag config set auth.token -" },
  ])
  expect((await look({ env: { ...contained, AEGIS_HOST: "0.0.0.0" } })).worst).toEqual([])
})

it.each([
  ["nobody", {}, { state: "problem", says: 'there is no agent "nobody"' }],
  ["claude", { PATH: "/none" }, { state: "problem", fix: expect.stringContaining("AEGIS_ACP_BIN") }],
  ["claude", { AEGIS_ACP_BIN: process.execPath }, { state: "warning", says: expect.stringContaining("no login") }],
])("finds the agent %s wanting with %j", async (agent, env, finding) => {
  const { found } = await look({ env: { AEGIS_AGENT: agent, ...env } })
  expect(found.agent).toMatchObject(finding)
})

it("finds Claude's login in a variable or in its file", async () => {
  const claude = { AEGIS_AGENT: "claude", AEGIS_ACP_BIN: process.execPath }
  expect((await look({ env: { ...claude, ANTHROPIC_API_KEY: "played" } })).worst).toEqual([])
  const folder = temporary("claude")
  writeFileSync(join(folder, ".credentials.json"), "{}")
  expect((await look({ env: { ...claude, CLAUDE_CONFIG_DIR: folder } })).worst).toEqual([])
})

it("finds a policy that contradicts itself, and one that is none", async () => {
  const folder = temporary("policy")
  const rule = (id: string, decision: string) => `  - { id: ${id}, match: { kind: edit }, decision: ${decision} }\n`
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return { AEGIS_POLICY: join(folder, name) }
  }
  const odd = write("odd.yaml", `version: 1\nrules:\n${rule("a", "allow")}${rule("b", "deny")}`)
  expect((await look({ env: odd })).worst).toMatchObject([
    { name: "policy", state: "warning", says: expect.stringContaining("deny wins") },
  ])
  const none = write("none.yaml", "version: 1\nrules: [1]")
  expect((await look({ env: none })).worst).toMatchObject([{ name: "policy", state: "problem" }])
})

it("finds a witness that cannot be written", async () => {
  const good = temporary("witness")
  expect((await look({ env: { AEGIS_AUDIT_WITNESS: join(good, "seen") } })).worst).toEqual([])
  const { worst } = await look({ env: { AEGIS_AUDIT_WITNESS: "/proc/none/seen" } })
  expect(worst).toMatchObject([{ name: "audit", state: "problem" }])
})

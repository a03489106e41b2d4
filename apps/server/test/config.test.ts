import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, expect, it } from "vitest"
import { ConfigSchema } from "../src/config-schema.ts"
import { loadConfig } from "../src/local.ts"

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

function places(files: Record<string, string> = {}) {
  const root = mkdtempSync(join(tmpdir(), "config-"))
  folders.push(root)
  const [cwd, home] = [join(root, "cwd"), join(root, "home")]
  for (const folder of [cwd, home]) mkdirSync(join(folder, ".aegis"), { recursive: true })
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text, { mode: 0o600 })
  return { cwd, home, env: {} }
}

it("has a default for every key, on loopback, with the asking mode", () => {
  const config = loadConfig(places())
  expect(config).toMatchObject({
    port: 9100,
    host: "127.0.0.1",
    permissionMode: "default",
    agent: {
      default: "claude",
      restart: { max: 3, backoffMs: 1000 },
      stallThresholdMs: 300_000,
      stallAction: "report",
      interruptGraceMs: 5000,
      startTimeoutMs: 60_000,
    },
    agents: { autoInstall: "ask", named: {} },
    log: { level: "info" },
  })
  expect(config.auth.token).toBeUndefined()
})

it("takes the first file in the order of the specification, and the environment over it", () => {
  const files = {
    "cwd/.aegis/config.yaml": "port: 1001",
    "cwd/aegis.config.json": '{"port":1002}',
    "home/.aegis/config.yaml": "port: 1003",
    "home/.aegis/config.json": '{"port":1004}',
  }
  const all = Object.entries(files)
  for (let first = 0; first < all.length; first++)
    expect(loadConfig(places(Object.fromEntries(all.slice(first)))).port).toBe(1001 + first)
  const where = places({ ...files, "cwd/other.yaml": "port: 1005\nhost: localhost" })
  expect(loadConfig({ ...where, file: "other.yaml" })).toMatchObject({ port: 1005, host: "localhost" })
  expect(loadConfig({ ...where, env: { AEGIS_PORT: "1006" } }).port).toBe(1006)
})

it.each([
  ["AEGIS_PORT", "7", { port: 7 }],
  ["AEGIS_HOST", "localhost", { host: "localhost" }],
  ["AEGIS_BASE_URL", "https://aegis.example.org", { baseUrl: "https://aegis.example.org" }],
  ["AEGIS_STATE_DIR", "/var/lib/aegis", { stateDir: "/var/lib/aegis" }],
  ["AEGIS_AUTH_TOKEN", "a-token-long-enough-for-this", { auth: { token: "a-token-long-enough-for-this" } }],
  ["AEGIS_SHARING", "owner", { sharing: "owner" }],
  ["AEGIS_RATE_LIMIT_REQUESTS_PER_ADDRESS", "7", { rateLimit: { requestsPerAddress: 7, requestsPerKey: 60_000 } }],
  ["AEGIS_RATE_LIMIT_REQUESTS_PER_KEY", "7", { rateLimit: { requestsPerKey: 7 } }],
  ["AEGIS_RATE_LIMIT_AUTH_FAILURES", "7", { rateLimit: { authFailures: 7 } }],
  ["AEGIS_SSE_MAX_CONNECTIONS", "7", { sse: { maxConnections: 7, maxPerIp: 1000 } }],
  ["AEGIS_SSE_MAX_PER_IP", "7", { sse: { maxPerIp: 7 } }],
  ["AEGIS_TRUSTED_PROXIES", "10.0.0.1, fd00::/8", { trustedProxies: ["10.0.0.1", "fd00::/8"] }],
  ["AEGIS_AGENT", "demo", { agent: { default: "demo" } }],
  ["AEGIS_RESTART_MAX", "0", { agent: { restart: { max: 0, backoffMs: 1000 } } }],
  ["AEGIS_RESTART_BACKOFF_MS", "5", { agent: { restart: { max: 3, backoffMs: 5 } } }],
  ["AEGIS_STALL_THRESHOLD_MS", "60000", { agent: { stallThresholdMs: 60_000, default: "claude" } }],
  ["AEGIS_STALL_ACTION", "interrupt", { agent: { stallAction: "interrupt" } }],
  ["AEGIS_INTERRUPT_GRACE_MS", "1000", { agent: { interruptGraceMs: 1000 } }],
  ["AEGIS_START_TIMEOUT_MS", "2000", { agent: { startTimeoutMs: 2000 } }],
  ["AEGIS_PARK_AFTER_MS", "1000", { agent: { parkAfterMs: 1000 } }],
  ["AEGIS_MAX_AGENT_PROCESSES", "20", { agent: { maxAgentProcesses: 20 } }],
  ["AEGIS_AUDIT_KEY", "/secrets/audit", { audit: { key: "/secrets/audit", interval: "60s" } }],
  ["AEGIS_AUDIT_WITNESS", "/mnt/second/seen", { audit: { witness: "/mnt/second/seen" } }],
  ["AEGIS_AUDIT_INTERVAL", "5m", { audit: { interval: "5m" } }],
  ["AEGIS_AGENTS_AUTO_INSTALL", "true", { agents: { autoInstall: true } }],
  ["AEGIS_AGENTS_AUTO_INSTALL", "0", { agents: { autoInstall: false } }],
  ["AEGIS_AGENTS_AUTO_INSTALL", "ask", { agents: { autoInstall: "ask" } }],
  ["AEGIS_ACP_BIN", "/opt/adapter", { acpBin: "/opt/adapter" }],
  ["AEGIS_HOOK_SECRET", "twenty characters of it", { hooks: { secret: "twenty characters of it" } }],
  ["AEGIS_METRICS_TOKEN", "twenty-characters-of-it", { metrics: { token: "twenty-characters-of-it" } }],
  ["AEGIS_HOOK_SECRET_HEADER_ONLY", "true", { hooks: { headerOnly: true } }],
  ["AEGIS_CHROMIUM", "/opt/chromium", { screenshots: { browser: "/opt/chromium", allowHosts: [], sandbox: true } }],
  ["AEGIS_SCREENSHOT_HOSTS", "Localhost:3000, [::1]", { screenshots: { allowHosts: ["localhost:3000", "[::1]"] } }],
  ["AEGIS_SCREENSHOT_SANDBOX", "0", { screenshots: { sandbox: false } }],
  ["AEGIS_DASHBOARD_ENABLED", "false", { dashboard: { enabled: false } }],
  ["AEGIS_DASHBOARD_ENABLED", "1", { dashboard: { enabled: true } }],
  ["AEGIS_PERMISSION_MODE", "plan", { permissionMode: "plan" }],
  ["AEGIS_POLICY", "/etc/aegis/policy.yaml", { policy: { file: "/etc/aegis/policy.yaml" } }],
  ["AEGIS_ALLOWED_WORK_DIRS", "/srv/a, /srv/b/../c", { workDirs: { allow: ["/srv/a", "/srv/c"] } }],
  ["AEGIS_TRUSTED_WORK_DIRS", "/srv/a, /srv/b/../c", { workDirs: { trust: ["/srv/a", "/srv/c"] } }],
  ["AEGIS_ENV_ALLOWLIST", "GITHUB_TOKEN, NPM_*", { env: { allow: ["GITHUB_TOKEN", "NPM_*"], deny: [] } }],
  ["AEGIS_ENV_DENYLIST", "LANG", { env: { deny: ["LANG"] } }],
  ["AEGIS_ALLOWED_HOSTS", "a.example.org,b:8443", { allowedHosts: ["a.example.org", "b:8443"] }],
  ["AEGIS_ALLOWED_ORIGINS", "https://a.example.org", { allowedOrigins: ["https://a.example.org"] }],
  ["AEGIS_LOG_LEVEL", "warn", { log: { level: "warn" } }],
  ["AEGIS_LOG_FORMAT", "json", { log: { format: "json" } }],
])("reads %s", (name, value, expected) => {
  expect(loadConfig({ ...places(), env: { [name]: value } })).toMatchObject(expected)
})

it.each([
  ["port: [1,", /config\.yaml:\d+:\d+: /],
  ["port: 7\n\nprot: 7", /config\.yaml:3:7: there is no key "prot"\. Did you mean "port"\?/],
  ["log:\n  levle: info", /no key "log\.levle"\. Did you mean "log\.level"\?/],
  ["agents:\n  x: { comand: y }", /agents\.x/],
  ["agents:\n  X!: { command: y }", /agents: The name of an agent/],
  ["agents: { external: { command: y } }", /agents: The name of an agent .* is not external/],
  ["hooks: { secret: short }", /hooks\.secret: .*20 characters/],
  ["agents: { autoInstall: maybe }", /agents\.autoInstall/],
  ["host: a\nport: many", /Configuration: port: .*config\.yaml:2:7\)/],
  ["trustedProxies: [proxy.example]", /trustedProxies\.0: An address such as/],
  ["workDirs: { allow: ['']}", /workDirs\.allow\.0/],
  ["env: { allow: ['A-B'] }", /env\.allow\.0: A variable's name/],
  ["screenshots: { allowHosts: ['http://a'] }", /screenshots\.allowHosts\.0: A name or an address/],
  ["allowedHosts: ['https://a']", /allowedHosts\.0: A name such as/],
  ["allowedOrigins: ['https://a/']", /allowedOrigins\.0: An origin such as/],
  ["allowedOrigins: ['*']", /allowedOrigins\.0: An origin such as/],
  ["rateLimit: { authFailures: 0 }", /rateLimit\.authFailures/],
  ["- 1", /mapping of keys to values/],
  ["auth: { token: short }", /auth\.token: .*20 characters/],
  ["metrics: { token: a token with spaces in it }", /metrics\.token: .*without spaces/],
  ["port: 1\nport: 2", /config\.yaml:2:1: /],
])("refuses %j and says where", (text, message) => {
  expect(() => loadConfig(places({ "cwd/.aegis/config.yaml": text }))).toThrow(message)
})

it("takes values from variables and files that it names, and says which is not there", () => {
  const token = "a-token-long-enough-for-this"
  const files = {
    "cwd/.aegis/config.yaml": `auth: { token: "\${file:secret}" }\nworkDirs: { allow: ["\${env:PROJECTS}", "/srv/\${env:X}"] }`,
    "cwd/secret": `${token}\n`,
  }
  const where = { ...places(files), env: { PROJECTS: "/projects", AEGIS_LOG_LEVEL: `\${env:LEVEL}`, LEVEL: "warn" } }
  expect(loadConfig(where)).toMatchObject({
    auth: { token },
    log: { level: "warn" },
    // In the middle of a text it is text.
    workDirs: { allow: ["/projects", `/srv/\${env:X}`] },
  })
  expect(() => loadConfig({ ...where, env: {} })).toThrow(/workDirs\.allow\.0: \$\{env:PROJECTS\} is not set/)
  const gone = places({ "cwd/.aegis/config.yaml": `auth: { token: "\${file:/no/such}" }` })
  expect(() => loadConfig(gone)).toThrow(/auth\.token: \$\{file:\/no\/such\} cannot be read: ENOENT/)
})

it("names the variable whose value is wrong, and a file that was named and is not there", () => {
  expect(() => loadConfig({ ...places(), env: { AEGIS_PORT: "http" } })).toThrow(/environment variable AEGIS_PORT/)
  expect(() => loadConfig({ ...places(), file: "nothing.yaml" })).toThrow(/nothing\.yaml cannot be read/)
})

it.each(["AEGIS_AUTH_TOKEN", "AEGIS_HOOK_SECRET", "AEGIS_METRICS_TOKEN"])("takes an empty %s for a mistake", (name) => {
  expect(() => loadConfig({ ...places(), env: { [name]: "" } })).toThrow(`the variable ${name} is empty`)
})

it("knows agents by configuration", () => {
  const yaml =
    "agents:\n  mine:\n    command: my-agent\n    args: [--acp]\n    env: { A: b }\n    envAllow: [MY_]\n    modes: { default: ask }\n"
  expect(loadConfig(places({ "home/.aegis/config.yaml": yaml })).agents.named.mine).toEqual({
    command: "my-agent",
    args: ["--acp"],
    env: { A: "b" },
    envAllow: ["MY_"],
    modes: { default: "ask" },
  })
  expect(Object.keys(ConfigSchema.shape)).toHaveLength(24)
})

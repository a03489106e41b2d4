import { homedir } from "node:os"
import { join, resolve } from "node:path"
import { DurationSchema } from "@aegis/policy"
import { PermissionModeSchema } from "@aegis/policy/schema"
import { OBSERVED_AGENT } from "@aegis/session-core/events"
import { z } from "zod"
import { isNetwork } from "./client-address.ts"
import { ConfigError } from "./config-error.ts"
import { readConfigFile } from "./config-file.ts"
import { resolveReferences } from "./config-reference.ts"

const AgentConfigSchema = z.strictObject({
  command: z.string().min(1),
  args: z.array(z.string()).optional(),
  env: z.record(z.string(), z.string()).optional(),
  envAllow: z.array(z.string()).optional(),
  modes: z.record(z.string(), z.string()).optional(),
})

// Environment variables are text.
const flag = z.union([z.boolean(), z.stringbool({ truthy: ["true", "1"], falsy: ["false", "0"] })])

function isAgentName(name: string) {
  return /^[a-z][a-z0-9_-]*$/.test(name) && name !== OBSERVED_AGENT
}

const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*\*?$/, "A variable's name, or its beginning with *.")
const quota = z.coerce.number().int().min(1).max(1_000_000_000)
const count = z.coerce.number().int().min(0).max(1000)
/** Below what a timer of this platform can wait. */
const milliseconds = z.coerce.number().int().min(1).max(2_147_483_647)

/** A list; in an environment variable with commas. */
function commaSeparated<Item extends z.ZodType>(item: Item) {
  return z.preprocess(
    (value) => (typeof value === "string" ? value.split(",").map((part) => part.trim()) : value),
    z.array(item),
  )
}

/** Every key of the configuration, with its default (spec/config.md). */
export const ConfigSchema = z.strictObject({
  port: z.coerce.number().int().min(0).max(65_535).default(9100),
  host: z.string().min(1).default("127.0.0.1"),
  /** Where clients and links find the server; from host and port when absent. */
  baseUrl: z.url({ protocol: /^https?$/ }).optional(),
  stateDir: z.string().min(1).default(join(homedir(), ".aegis")),
  auth: z.strictObject({ token: z.string().min(20, "A token has at least 20 characters.").optional() }).default({}),
  /** Whose sessions a key may see and approve in: its tenant's, or only its own user's (spec/rest.md, Ownership). */
  sharing: z.enum(["tenant", "owner"]).default("tenant"),
  /** How often in a minute. Far beyond what one person and a few programs do. */
  rateLimit: z
    .strictObject({
      requestsPerAddress: quota.default(60_000),
      requestsPerKey: quota.default(60_000),
      authFailures: quota.default(30),
    })
    .prefault({}),
  /** Event streams and WebSockets at the same time. */
  sse: z.strictObject({ maxConnections: quota.default(10_000), maxPerIp: quota.default(1000) }).prefault({}),
  /** Proxies in front of this server, whose X-Forwarded-For is believed: addresses and networks. */
  trustedProxies: commaSeparated(
    z.string().refine(isNetwork, { error: "An address such as 10.0.0.1, or a network such as 10.0.0.0/8." }),
  ).default([]),
  agent: z
    .strictObject({
      default: z.string().min(1).default("claude"),
      /** After deaths in a row; the wait doubles with each. */
      restart: z
        .strictObject({ max: count.default(3), backoffMs: milliseconds.default(1000) })
        .default({ max: 3, backoffMs: 1000 }),
      /** Silence in a turn that is told, or ends the turn. */
      stallThresholdMs: milliseconds.default(300_000),
      stallAction: z.enum(["report", "interrupt"]).default("report"),
      /** Between asking a turn to end and stopping its agent. */
      interruptGraceMs: milliseconds.default(5000),
      startTimeoutMs: milliseconds.default(60_000),
      /** Without anything to do; then its process is saved. */
      parkAfterMs: milliseconds.default(900_000),
      /** At once; who wants one more waits. */
      maxAgentProcesses: z.coerce.number().int().min(1).max(10_000).default(8),
    })
    .prefault({}),
  agents: z
    .object({ autoInstall: z.union([flag, z.literal("ask")]).default("ask") })
    .catchall(AgentConfigSchema)
    .refine(({ autoInstall: _, ...named }) => Object.keys(named).every(isAgentName), {
      error: "The name of an agent has small letters, digits, - and _, and is not external.",
    })
    .transform(({ autoInstall, ...named }) => ({ autoInstall, named }))
    .default({ autoInstall: "ask", named: {} }),
  /** The Claude adapter's program, instead of the one that is found. */
  acpBin: z.string().min(1).optional(),
  permissionMode: PermissionModeSchema.default("default"),
  /** Environment variables that agents inherit besides what programs need, and such that they do not: `NAME` or `PREFIX_*`. */
  env: z
    .strictObject({ allow: commaSeparated(variable).default([]), deny: commaSeparated(variable).default([]) })
    .prefault({}),
  /** Names of this server besides its own, such as a proxy's: `aegis.example.org`, `aegis.example.org:8443`. */
  allowedHosts: commaSeparated(
    z
      .string()
      .regex(/^[a-z0-9.-]+(:\d{1,5})?$/i, "A name such as aegis.example.org, with a port where it is not the usual."),
  ).default([]),
  /** Where its own pages are served besides baseUrl, such as under a proxy's other name: `https://aegis.example.org`. */
  allowedOrigins: commaSeparated(
    z
      .string()
      .refine(
        (text) => URL.canParse(text) && new URL(text).origin === text,
        "An origin such as https://aegis.example.org.",
      ),
  ).default([]),
  /** Folders under which sessions may work; empty: anywhere but in the data directory. */
  workDirs: z.strictObject({ allow: commaSeparated(z.string().min(1)).default([]) }).prefault({}),
  /** What agents may do without being asked about, and what they may not: a file of its own (spec/policy.md). */
  policy: z.strictObject({ file: z.string().min(1).optional() }).default({}),
  /** What the log is proved by: the key that signs, a second place that has each checkpoint too, and how often there is one. */
  audit: z
    .strictObject({
      key: z.string().min(1).optional(),
      witness: z.string().min(1).optional(),
      interval: DurationSchema.default("60s"),
    })
    .prefault({}),
  /** What a Claude Code that was started by hand tells by its hooks comes in with this secret. */
  hooks: z
    .strictObject({
      secret: z.string().min(20, "A secret has at least 20 characters.").optional(),
      /** Whether it is refused in an address (`?secret=`), which is written down in too many places. */
      headerOnly: flag.default(false),
    })
    .prefault({}),
  dashboard: z.strictObject({ enabled: flag.default(true) }).default({ enabled: true }),
  log: z
    .strictObject({
      level: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
      format: z.enum(["pretty", "json"]).optional(),
    })
    .default({ level: "info" }),
})
export type Config = z.infer<typeof ConfigSchema>

/** Environment variables override files. */
const variables: Readonly<Record<string, readonly string[]>> = {
  AEGIS_PORT: ["port"],
  AEGIS_HOST: ["host"],
  AEGIS_BASE_URL: ["baseUrl"],
  AEGIS_STATE_DIR: ["stateDir"],
  AEGIS_AUTH_TOKEN: ["auth", "token"],
  AEGIS_SHARING: ["sharing"],
  AEGIS_RATE_LIMIT_REQUESTS_PER_ADDRESS: ["rateLimit", "requestsPerAddress"],
  AEGIS_RATE_LIMIT_REQUESTS_PER_KEY: ["rateLimit", "requestsPerKey"],
  AEGIS_RATE_LIMIT_AUTH_FAILURES: ["rateLimit", "authFailures"],
  AEGIS_SSE_MAX_CONNECTIONS: ["sse", "maxConnections"],
  AEGIS_SSE_MAX_PER_IP: ["sse", "maxPerIp"],
  AEGIS_TRUSTED_PROXIES: ["trustedProxies"],
  AEGIS_AGENT: ["agent", "default"],
  AEGIS_RESTART_MAX: ["agent", "restart", "max"],
  AEGIS_RESTART_BACKOFF_MS: ["agent", "restart", "backoffMs"],
  AEGIS_STALL_THRESHOLD_MS: ["agent", "stallThresholdMs"],
  AEGIS_STALL_ACTION: ["agent", "stallAction"],
  AEGIS_INTERRUPT_GRACE_MS: ["agent", "interruptGraceMs"],
  AEGIS_START_TIMEOUT_MS: ["agent", "startTimeoutMs"],
  AEGIS_PARK_AFTER_MS: ["agent", "parkAfterMs"],
  AEGIS_MAX_AGENT_PROCESSES: ["agent", "maxAgentProcesses"],
  AEGIS_ACP_BIN: ["acpBin"],
  AEGIS_AGENTS_AUTO_INSTALL: ["agents", "autoInstall"],
  AEGIS_PERMISSION_MODE: ["permissionMode"],
  AEGIS_ENV_ALLOWLIST: ["env", "allow"],
  AEGIS_ENV_DENYLIST: ["env", "deny"],
  AEGIS_ALLOWED_HOSTS: ["allowedHosts"],
  AEGIS_ALLOWED_ORIGINS: ["allowedOrigins"],
  AEGIS_ALLOWED_WORK_DIRS: ["workDirs", "allow"],
  AEGIS_POLICY: ["policy", "file"],
  AEGIS_AUDIT_KEY: ["audit", "key"],
  AEGIS_AUDIT_WITNESS: ["audit", "witness"],
  AEGIS_AUDIT_INTERVAL: ["audit", "interval"],
  AEGIS_HOOK_SECRET: ["hooks", "secret"],
  AEGIS_HOOK_SECRET_HEADER_ONLY: ["hooks", "headerOnly"],
  AEGIS_DASHBOARD_ENABLED: ["dashboard", "enabled"],
  AEGIS_LOG_LEVEL: ["log", "level"],
  AEGIS_LOG_FORMAT: ["log", "format"],
}

export interface LoadConfigOptions {
  /** `--config`: this file and no other. */
  readonly file?: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly home: string
}

/** The effective configuration, or a `ConfigError` that says where and what. A broken file is never skipped. */
export function loadConfig({ file, env, cwd, home }: LoadConfigOptions): Config {
  const found = readConfigFile({
    ...(file === undefined ? {} : { file: resolve(cwd, file) }),
    cwd,
    home,
    schema: ConfigSchema,
  })
  const written = structuredClone(found.values)
  for (const [variable, path] of Object.entries(variables)) if (env[variable]) setAt(written, path, env[variable])
  const values = resolveReferences(written, { env, cwd })
  const parsed = ConfigSchema.safeParse(values)
  if (parsed.success) return withAbsolutePaths(parsed.data, cwd)
  throw new ConfigError(parsed.error.issues.map((issue) => describeIssue(issue, found.source)).join("\n"))
}

function withAbsolutePaths({ policy, audit, workDirs, ...config }: Config, cwd: string): Config {
  const absolute = (path: string | undefined) => (path === undefined ? undefined : resolve(cwd, path))
  const { interval } = audit
  return {
    ...config,
    stateDir: resolve(cwd, config.stateDir),
    policy: withoutUndefined({ file: absolute(policy.file) }),
    workDirs: { allow: workDirs.allow.map((folder) => resolve(cwd, folder)) },
    audit: { interval, ...withoutUndefined({ key: absolute(audit.key), witness: absolute(audit.witness) }) },
  }
}

function withoutUndefined<T extends Readonly<Record<string, string | undefined>>>(values: T) {
  const defined = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(defined) as { [K in keyof T]?: string }
}

function setAt(values: Record<string, unknown>, path: readonly string[], value: string) {
  const [first = "", ...rest] = path
  if (rest.length === 0) values[first] = value
  else {
    const inner = values[first]
    const next = typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>) : {}
    values[first] = next
    setAt(next, rest, value)
  }
}

function describeIssue({ path, message }: z.core.$ZodIssue, source: string | undefined) {
  const key = path.join(".")
  const variable = Object.entries(variables).find(([, target]) => target.join(".") === key)?.[0]
  const places = [source, variable === undefined ? undefined : `environment variable ${variable}`].filter(
    (place) => place !== undefined,
  )
  return `Configuration: ${key}: ${message}${places.length > 0 ? ` (${places.join(", or ")})` : ""}`
}

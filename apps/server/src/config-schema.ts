import { homedir } from "node:os"
import { join } from "node:path"
import { DurationSchema } from "@aegis/policy"
import { PermissionModeSchema } from "@aegis/policy/schema"
import { OBSERVED_AGENT } from "@aegis/session-core/events"
import { z } from "zod"
import { isNetwork } from "./client-address.ts"

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
/** As it is shown behind `Bearer`. */
const token = z.string().regex(/^[\x21-\x7e]{20,}$/, "A token has at least 20 characters, of ASCII and without spaces.")
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

const folders = commaSeparated(z.string().min(1)).default([])

/** Every key of the configuration, with its default (spec/config.md). */
export const ConfigSchema = z.strictObject({
  port: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(9100)
    .describe("where the server listens; 0: any that is free"),
  host: z
    .string()
    .min(1)
    .default("127.0.0.1")
    .describe("on which address; beyond loopback it takes a token of yours, but in a container"),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("where clients and links find the server; without it, from host and port"),
  stateDir: z.string().min(1).default(join(homedir(), ".aegis")).describe("the data directory, for you alone"),
  auth: z
    .strictObject({
      token: token.optional().meta({
        isSecret: true,
        description: "the local token; without it one is made and kept in the data directory",
      }),
    })
    .default({}),
  sharing: z
    .enum(["tenant", "owner"])
    .default("tenant")
    .describe("whose sessions a key may see and approve in: its tenant's, or its own user's"),
  rateLimit: z
    .strictObject({
      requestsPerAddress: quota.default(60_000).describe("requests of one address in a minute"),
      requestsPerKey: quota.default(60_000).describe("requests with one key in a minute"),
      authFailures: quota.default(30).describe("wrong credentials of one address in a minute"),
    })
    .prefault({}),
  sse: z
    .strictObject({
      maxConnections: quota.default(10_000).describe("event streams and WebSockets at the same time"),
      maxPerIp: quota.default(1000).describe("of these, from one address"),
    })
    .prefault({}),
  trustedProxies: commaSeparated(
    z.string().refine(isNetwork, { error: "An address such as 10.0.0.1, or a network such as 10.0.0.0/8." }),
  )
    .default([])
    .describe("proxies in front of the server, whose X-Forwarded-For is believed: addresses and networks"),
  agent: z
    .strictObject({
      default: z.string().min(1).default("claude").describe("the agent of sessions that name none"),
      restart: z
        .strictObject({
          max: count.default(3).describe("how often in a row an agent that died is started again"),
          backoffMs: milliseconds.default(1000).describe("the wait before the first time; it doubles with each"),
        })
        .prefault({}),
      stallThresholdMs: milliseconds.default(300_000).describe("silence in a turn after which the session is stalled"),
      stallAction: z.enum(["report", "interrupt"]).default("report").describe("what comes of it"),
      interruptGraceMs: milliseconds.default(5000).describe("between asking a turn to end and stopping its agent"),
      startTimeoutMs: milliseconds.default(60_000).describe("within which an agent has to be ready"),
      parkAfterMs: milliseconds.default(900_000).describe("without anything to do; then the agent's process is saved"),
      maxAgentProcesses: z.coerce
        .number()
        .int()
        .min(1)
        .max(10_000)
        .default(8)
        .describe("agents' processes at the same time; who wants one more waits"),
      recordTraffic: flag
        .default(false)
        .describe("whether all that sessions and agents say to each other is kept, for cassettes"),
    })
    .prefault({}),
  agents: z
    .object({
      autoInstall: z
        .union([flag, z.literal("ask")])
        .default("ask")
        .describe("whether the Claude adapter is fetched where it is missing: true, false or ask"),
    })
    .catchall(AgentConfigSchema)
    .refine(({ autoInstall: _, ...named }) => Object.keys(named).every(isAgentName), {
      error: "The name of an agent has small letters, digits, - and _, and is not external.",
    })
    .transform(({ autoInstall, ...named }) => ({ autoInstall, named }))
    .default({ autoInstall: "ask", named: {} }),
  acpBin: z.string().min(1).optional().describe("the Claude adapter's program, instead of the one that is found"),
  permissionMode: PermissionModeSchema.default("default").describe("of sessions that name none"),
  env: z
    .strictObject({
      allow: commaSeparated(variable)
        .default([])
        .describe("variables that agents inherit besides what programs need: NAME or PREFIX_*"),
      deny: commaSeparated(variable).default([]).describe("variables that they do not inherit"),
    })
    .prefault({}),
  allowedHosts: commaSeparated(
    z
      .string()
      .regex(/^[a-z0-9.-]+(:\d{1,5})?$/i, "A name such as aegis.example.org, with a port where it is not the usual."),
  )
    .default([])
    .describe("names of the server besides its own, such as a proxy's"),
  allowedOrigins: commaSeparated(
    z
      .string()
      .refine(
        (text) => URL.canParse(text) && new URL(text).origin === text,
        "An origin such as https://aegis.example.org.",
      ),
  )
    .default([])
    .describe("where its own pages are served besides baseUrl"),
  workDirs: z
    .strictObject({
      allow: folders.describe("under which sessions may work; without any: anywhere but in the data directory"),
      trust: folders.describe("whose own settings for agents are used, such as .claude/settings.json"),
    })
    .prefault({}),
  policy: z
    .strictObject({
      file: z
        .string()
        .min(1)
        .optional()
        .describe("what agents may do without being asked about, and what they may not"),
    })
    .default({}),
  audit: z
    .strictObject({
      key: z
        .string()
        .min(1)
        .optional()
        .describe("the file of the key that signs the log; without it, in the data directory"),
      witness: z.string().min(1).optional().describe("a second place that gets each checkpoint"),
      interval: DurationSchema.default("60s").describe("how long something new waits for a checkpoint"),
    })
    .prefault({}),
  hooks: z
    .strictObject({
      secret: z.string().min(20, "A secret has at least 20 characters.").optional().meta({
        isSecret: true,
        description: "what hooks come in with; without it one is made and kept in the data directory",
      }),
      headerOnly: flag.default(false).describe("whether it is refused in an address (`?secret=`)"),
    })
    .prefault({}),
  metrics: z
    .strictObject({
      token: token.optional().meta({
        isSecret: true,
        description: "what reads the server's metrics, and nothing else; without it keys with `metrics.read` do",
      }),
    })
    .default({}),
  screenshots: z
    .strictObject({
      browser: z
        .string()
        .min(1)
        .optional()
        .describe("the Chromium that looks at pages; without it the one of the system"),
      allowHosts: commaSeparated(
        z
          .string()
          .regex(
            /^([a-z0-9.-]+|\[?[0-9a-f:]+\]?)(:\d{1,5})?$/i,
            "A name or an address, with a port where only that is meant.",
          )
          .transform((host) => host.toLowerCase()),
      )
        .default([])
        .describe("what may be looked at though it is not of the open internet, such as `localhost:3000`"),
      sandbox: flag.default(true).describe("whether pages stay in Chromium's sandbox, which root does not have"),
    })
    .prefault({}),
  dashboard: z
    .strictObject({ enabled: flag.default(true).describe("whether the server has its pages") })
    .default({ enabled: true }),
  log: z
    .strictObject({
      level: z
        .enum(["trace", "debug", "info", "warn", "error", "silent"])
        .default("info")
        .describe("how much the server writes of what it does"),
      format: z.enum(["pretty", "json"]).optional().describe("without it pretty on a terminal, json elsewhere"),
    })
    .default({ level: "info" }),
})
export type Config = z.infer<typeof ConfigSchema>

/** Environment variables override files. */
export const variables: Readonly<Record<string, readonly string[]>> = {
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
  AEGIS_RECORD_TRAFFIC: ["agent", "recordTraffic"],
  AEGIS_ACP_BIN: ["acpBin"],
  AEGIS_AGENTS_AUTO_INSTALL: ["agents", "autoInstall"],
  AEGIS_PERMISSION_MODE: ["permissionMode"],
  AEGIS_ENV_ALLOWLIST: ["env", "allow"],
  AEGIS_ENV_DENYLIST: ["env", "deny"],
  AEGIS_ALLOWED_HOSTS: ["allowedHosts"],
  AEGIS_ALLOWED_ORIGINS: ["allowedOrigins"],
  AEGIS_ALLOWED_WORK_DIRS: ["workDirs", "allow"],
  AEGIS_TRUSTED_WORK_DIRS: ["workDirs", "trust"],
  AEGIS_POLICY: ["policy", "file"],
  AEGIS_AUDIT_KEY: ["audit", "key"],
  AEGIS_AUDIT_WITNESS: ["audit", "witness"],
  AEGIS_AUDIT_INTERVAL: ["audit", "interval"],
  AEGIS_HOOK_SECRET: ["hooks", "secret"],
  AEGIS_HOOK_SECRET_HEADER_ONLY: ["hooks", "headerOnly"],
  AEGIS_METRICS_TOKEN: ["metrics", "token"],
  AEGIS_CHROMIUM: ["screenshots", "browser"],
  AEGIS_SCREENSHOT_HOSTS: ["screenshots", "allowHosts"],
  AEGIS_SCREENSHOT_SANDBOX: ["screenshots", "sandbox"],
  AEGIS_DASHBOARD_ENABLED: ["dashboard", "enabled"],
  AEGIS_LOG_LEVEL: ["log", "level"],
  AEGIS_LOG_FORMAT: ["log", "format"],
}

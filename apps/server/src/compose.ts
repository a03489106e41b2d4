import { createServer, type IncomingMessage, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { durationMs } from "@aegis/policy"
import type { Aegis } from "@aegis/session-core"
import { openAegis } from "@aegis/session-core/node"
import { getRequestListener } from "@hono/node-server"
import type { Logger } from "pino"
import { AccessNotes } from "./access-notes.ts"
import { answerMalformed, namesTwoHosts, refuseOn, refuseUnreadable } from "./answer-malformed.ts"
import { createApp } from "./app.ts"
import { openAuditKey } from "./audit-key.ts"
import { AuditTrail } from "./audit-trail.ts"
import { AuditWitness } from "./audit-witness.ts"
import { addressList, clientAddress } from "./client-address.ts"
import type { Config } from "./config-schema.ts"
import { ConnectionLimits } from "./connection-limits.ts"
import { type Holder, openCredentials } from "./credentials.ts"
import { dashboardFolder, readDashboardFiles } from "./dashboard-files.ts"
import { EventHub } from "./event-hub.ts"
import { useHttpConnections } from "./http-connection.ts"
import { RequestLimits } from "./limit-requests.ts"
import { createLogger } from "./logger.ts"
import { readPolicyFile } from "./policy-file.ts"
import { RecentFailures } from "./recent-failures.ts"
import { refuseExposure } from "./refuse-exposure.ts"
import { refuseKey } from "./refuse-key.ts"
import { ServerMetrics } from "./server-metrics.ts"
import { toldSettings } from "./shown-config.ts"
import { EventStreams } from "./stream-events.ts"
import { openWebSocketDoor } from "./web-socket-door.ts"

export interface StartServerOptions {
  readonly config: Config
  /** What agents inherit from, less all that is not on the allow-list. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly version?: string
  readonly logger?: Logger
  readonly heartbeatMs?: number
  /** How long a reader of events may take nothing before it is left behind. */
  readonly stuckMs?: number
  /** How long a create or a send waits for its prompt to reach the agent before it answers that it is pending. */
  readonly deliveryWaitMs?: number
  readonly streamTokenMs?: number
  /** How long the disks of the audit may take for one step before nothing is granted any more. */
  readonly auditPatienceMs?: number
  /** Within which a WebSocket has to authenticate. */
  readonly authMs?: number
  /** From the beginning of a connection, or of what is said on it, to the end of a request's headers. */
  readonly headersMs?: number
  /** To the end of its body. */
  readonly requestMs?: number
  /** Connections at once besides event streams and WebSockets; one more is closed. */
  readonly requestConnections?: number
  /** The built dashboard; the one beside this app when absent. */
  readonly dashboardFolder?: string
}

export interface RunningServer {
  /** Where it is reached: `http://127.0.0.1:9100`. */
  readonly url: string
  readonly token: string
  /** The sessions behind it, for programs that run the server inside themselves. */
  readonly aegis: Aegis
  /**
   * Resolves when the log's disk has failed and nothing can be written any more: close the server, keep its agents, and
   * start another one.
   */
  readonly failed: Promise<Error>
  /** A link that opens the dashboard, once. */
  loginUrl(): string
  /** Ends streams, agents and the log, or leaves the agents to the next server; twice is fine. */
  close(options?: { readonly keepAgents?: boolean }): Promise<void>
}

/** Puts the server together and listens. Rejects with a message for a person when it cannot; then nothing is left. */
export async function startServer({
  config,
  env,
  version = "0.0.0-embedded",
  heartbeatMs = 10_000,
  stuckMs = 60_000,
  deliveryWaitMs,
  streamTokenMs,
  auditPatienceMs,
  authMs,
  headersMs = 20_000,
  requestMs = 60_000,
  requestConnections = 1000,
  logger = createLogger(config.log),
  dashboardFolder: folder = dashboardFolder(),
}: StartServerOptions): Promise<RunningServer> {
  refuseExposure(config, env)
  const credentials = openCredentials({
    stateDir: config.stateDir,
    findKey: (keyId) => aegis.keys.find(keyId),
    isLoggedOut: (loginId) => aegis.keys.isLoggedOut(loginId),
    findRun: (sessionId) => aegis.livingRun(sessionId),
    ...(config.auth.token === undefined ? {} : { token: config.auth.token }),
    ...(config.hooks.secret === undefined ? {} : { hookSecret: config.hooks.secret }),
    ...(config.metrics.token === undefined ? {} : { metricsToken: config.metrics.token }),
    ...(streamTokenMs === undefined ? {} : { streamTokenMs }),
  })
  const policy = config.policy.file === undefined ? undefined : readPolicyFile(config.policy.file)
  const signer = openAuditKey({ stateDir: config.stateDir, path: config.audit.key })
  // Agents of an earlier life go on before there is one.
  const trail = Promise.withResolvers<AuditTrail>()
  let audit: AuditTrail | undefined
  const failed = Promise.withResolvers<Error>()
  const reachable = Promise.withResolvers<string>()
  // Where it is not waited for, nobody is told that there is none.
  reachable.promise.catch(() => undefined)
  const aegis = await openAegis({
    stateDir: config.stateDir,
    agents: config.agents.named,
    notice: (line) => logger.info(line),
    autoInstall: config.agents.autoInstall === true,
    agentHost: "detached",
    settings: { ...toSettings(config), ...(deliveryWaitMs === undefined ? {} : { deliveryWaitMs }) },
    env,
    agentVariables: async (agent) => ({
      AEGIS_AGENT_KEY: credentials.createAgentKey(agent),
      AEGIS_AGENT_URL: await reachable.promise,
    }),
    version,
    onLogFailed: failed.resolve,
    mayAllow: async () => (await trail.promise).isWritable(),
    refuseKey: async (work) => refuseKey(work, { credentials, config, audit: await trail.promise }),
    beforeLogCloses: async () => audit?.close(),
    ...(config.acpBin === undefined ? {} : { acpBin: config.acpBin }),
    ...(policy === undefined ? {} : { policy }),
    allowedWorkDirs: config.workDirs.allow,
    trustedWorkDirs: config.workDirs.trust,
    inherited: config.env,
    recordTraffic: config.agent.recordTraffic,
  })
  const { witness } = config.audit
  audit = new AuditTrail({
    log: aegis.log,
    folder: join(config.stateDir, "audit"),
    signer,
    witness: witness === undefined ? undefined : new AuditWitness(witness),
    intervalMs: durationMs(config.audit.interval),
    patienceMs: auditPatienceMs,
    logger,
  })
  trail.resolve(audit)
  const shutdown = new AbortController()
  const began = performance.now()
  const addresses = new ServedAddresses(config)
  const createLoginUrl = (holder: Holder) => {
    const { code, expiresAt } = credentials.createLoginCode(holder)
    return { url: `${addresses.url}/dashboard/#code=${code}`, expiresAt }
  }
  const hub = new EventHub({ aegis, shutdown: shutdown.signal, heartbeatMs, stuckMs })
  const connections = new ConnectionLimits(config.sse)
  const streams = new EventStreams(hub, connections)
  const notes = new AccessNotes({ aegis, logger })
  const metrics = new ServerMetrics({ aegis, audiences: hub.audiences, connections, version })
  const failures = new RecentFailures()
  void metrics
    .follow(shutdown.signal)
    .catch((error: unknown) => logger.error({ error }, "metrics are not counted any more"))
  const app = createApp({
    aegis,
    notes,
    config,
    credentials,
    limits: new RequestLimits(config.rateLimit),
    connections,
    version,
    logger,
    streams,
    audiences: hub.audiences,
    hub,
    audit,
    metrics,
    failures,
    dashboard: config.dashboard.enabled ? readDashboardFiles(folder) : "disabled",
    createLoginUrl,
    uptime: () => (performance.now() - began) / 1000,
    isSecure: config.baseUrl?.startsWith("https:") ?? false,
    url: () => addresses.url,
    hosts: () => addresses.hosts,
    origins: () => addresses.origins,
  })
  const proxies = addressList(config.trustedProxies)
  const addressOf = (incoming: IncomingMessage) => clientAddress(incoming, proxies)
  const listener = getRequestListener(
    (request, env) =>
      app.fetch(withoutEmptyBody(withVersion(request)), {
        ...env,
        address: addressOf(env.incoming as IncomingMessage),
      }),
    { errorHandler: refuseUnreadable },
  )
  // Without a name for the server, or in an older version, it is no request for it: told like all that is none.
  const times = { headersTimeout: headersMs, requestTimeout: requestMs, connectionsCheckingInterval: headersMs / 20 }
  const server = createServer({ requireHostHeader: false, ...times }, (incoming, outgoing) => {
    if (incoming.headers.host && !namesTwoHosts(incoming)) void listener(incoming, outgoing)
    else refuseOn(incoming.socket, "request-malformed", "The request names no Host, or two: send it as HTTP/1.1 says.")
  })
  server.maxConnections = config.sse.maxConnections + requestConnections
  useHttpConnections(server, { silenceMs: headersMs })
  answerMalformed(server)
  const sockets = openWebSocketDoor(server, {
    app,
    hub,
    sharing: config.sharing,
    connections,
    addressOf,
    url: () => addresses.url,
    ...(authMs === undefined ? {} : { authMs }),
  })
  try {
    addresses.listening(await listen(server, config))
    reachable.resolve(addresses.fromHere)
  } catch (error) {
    reachable.reject(error)
    shutdown.abort()
    await aegis.close()
    throw error
  }
  await notes.started(credentials.local.principal, { version, settings: toldSettings(config) })
  logger.info({ url: addresses.url }, "listening")
  let closed: Promise<void> | undefined
  return {
    url: addresses.url,
    token: credentials.token,
    aegis,
    failed: failed.promise,
    loginUrl: () => createLoginUrl(credentials.local).url,
    close(how = {}) {
      closed ??= stop(server, { shutdown, sockets, streams })
        .then(() => notes.close())
        .then(() => metrics.close())
        .then(() => notes.ended(credentials.local.principal, how))
        .then(() => aegis.close(how))
      return closed
    },
  }
}

function toSettings({ agent }: Config) {
  const { default: _default, restart: agentRestart, recordTraffic: _recorded, ...settings } = agent
  return { agentRestart, ...settings }
}

/** The names and origins under which this server may be spoken to: exact, with the port it got. */
class ServedAddresses {
  hosts: ReadonlySet<string> = new Set()
  origins: ReadonlySet<string> = new Set()
  url = ""
  /** For programs of this machine, whatever stands before the server. */
  fromHere = ""
  readonly #config: Config

  constructor(config: Config) {
    this.#config = config
  }

  listening(port: number) {
    const { host, baseUrl, allowedHosts, allowedOrigins } = this.#config
    const names = ["localhost", "127.0.0.1", "[::1]"].map((name) => `${name}:${port}`)
    const direct = `http://${host.includes(":") ? `[${host}]` : host}:${port}`
    const own = baseUrl === undefined ? direct : new URL(baseUrl).origin
    this.url = own
    this.fromHere = everywhere.has(host) ? `http://localhost:${port}` : direct
    const more = allowedHosts.flatMap((name) => (name.includes(":") ? [name] : [name, `${name}:${port}`]))
    this.hosts = new Set([
      ...names,
      new URL(own).host,
      new URL(this.fromHere).host,
      ...more.map((name) => name.toLowerCase()),
    ])
    this.origins = new Set([...names.map((name) => `http://${name}`), own, ...allowedOrigins])
  }
}

/** Addresses that stand for all that this machine has. */
const everywhere: ReadonlySet<string> = new Set(["0.0.0.0", "::"])

// Session routes also answer without /v1, as existing callers know them (spec/rest.md, Conventions).
function withVersion(request: Request) {
  const url = new URL(request.url)
  if (!/^\/sessions(\/|$)/.test(url.pathname)) return request
  url.pathname = `/v1${url.pathname}`
  return new Request(url, request)
}

// Some callers announce JSON and send nothing, where a body is optional: then there is none.
function withoutEmptyBody(request: Request) {
  const { headers: given } = request
  if (!given.has("Content-Type") || given.has("Transfer-Encoding") || (given.get("Content-Length") ?? "0") !== "0")
    return request
  const headers = new Headers(given)
  headers.delete("Content-Type")
  return new Request(request.url, { method: request.method, headers, signal: request.signal })
}

/**
 * Connections that wait to be let in; the system may allow fewer. One too many is tried again by its client after 1, 3, 7
 * seconds: with Node's own 511, thousands of readers that come back at once take three times as long.
 */
const MOST_WAITING = 4096

function listen(server: Server, { host, port }: Config) {
  return new Promise<number>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const taken = error.code === "EADDRINUSE"
      reject(taken ? new PortTakenError(port) : error)
    })
    server.listen({ port, host, backlog: MOST_WAITING }, () => resolve((server.address() as AddressInfo).port))
  })
}

/** The port belongs to somebody else. */
export class PortTakenError extends Error {
  override readonly name = "PortTakenError"
  readonly code = "port-taken"

  constructor(port: number) {
    super(
      `Port ${port} is taken. Stop what listens there, or choose another one: AEGIS_PORT=… or "port" in the configuration.`,
    )
  }
}

interface Streaming {
  readonly shutdown: AbortController
  readonly sockets: { readonly close: () => Promise<void> }
  readonly streams: EventStreams
}

// Streams say goodbye first; then no connection is left that could wait.
async function stop(server: Server, { shutdown, sockets, streams }: Streaming) {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  shutdown.abort()
  await sockets.close()
  server.closeIdleConnections()
  const deadline = setTimeout(() => {
    server.closeAllConnections()
    streams.cut()
  }, 2000)
  await closed
  clearTimeout(deadline)
}

import { monitorEventLoopDelay, performance } from "node:perf_hooks"
import type { LogEntry } from "@aegis/event-log"
import type { Aegis } from "@aegis/session-core"
import { type AegisEvent, isSystemEvent, type SessionEvent } from "@aegis/session-core/events"
import { LRUCache } from "lru-cache"
import { Counter, Gauge, Histogram, Registry } from "prom-client"
import type { ConnectionLimits } from "./connection-limits.ts"
import type { EventAudiences } from "./event-audience.ts"
import { isFailure } from "./problem-reply.ts"

export interface ServerMetricsOptions {
  readonly aegis: Aegis
  readonly audiences: EventAudiences
  readonly connections: ConnectionLimits
  readonly version: string
}

export interface AnsweredRequest {
  /** The operationId. */
  readonly operation: string
  readonly status: number
  readonly ms: number
}

const SECONDS = [0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60, 300, 1800]
const REQUEST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5]
/** Approvals whose beginning is remembered. */
const MOST_OPEN = 10_000
const PER_MILLION = 1_000_000

/**
 * What happens while this process lives, for Prometheus: of sessions as the log tells it, of requests as they are answered.
 * What agents say of themselves never becomes a label as it is: they could say something else each time.
 */
export class ServerMetrics {
  readonly #options: ServerMetricsOptions
  readonly #registry = new Registry()
  readonly #delay = monitorEventLoopDelay({ resolution: 10 })
  readonly #askedAt = new LRUCache<string, number>({ max: MOST_OPEN })
  readonly #requests = { total: 0, refused: 0, failed: 0 }
  readonly #counters: ReturnType<typeof countersOf>

  constructor(options: ServerMetricsOptions) {
    this.#options = options
    this.#counters = countersOf(this.#registry)
    this.#delay.enable()
    this.#addGauges()
  }

  /** Counts what the log gets from now on, until the signal. */
  async follow(signal: AbortSignal) {
    const { aegis } = this.#options
    for await (const page of aegis.tail({ after: aegis.head(), signal }))
      for (const entry of page) await this.#count(entry)
  }

  answered({ operation, status, ms }: AnsweredRequest) {
    this.#requests.total += 1
    if (isFailure(status)) this.#requests.failed += 1
    else if (status >= 400) this.#requests.refused += 1
    this.#counters.requests.inc({ operation, status: `${Math.floor(status / 100)}xx` })
    this.#counters.requestSeconds.observe({ operation }, ms / 1000)
  }

  /** In Prometheus' text format: all of it, or what is one tenant's. */
  async exposition(tenantId?: string): Promise<string> {
    const text = await this.#registry.metrics()
    return tenantId === undefined ? text : ofTenant(text, tenantId)
  }

  get contentType() {
    return this.#registry.contentType
  }

  /** How this process is. */
  process() {
    const { rss, heapUsed, heapTotal, external } = process.memoryUsage()
    const { user, system } = process.cpuUsage()
    return {
      memory: { rss, heapUsed, heapTotal, external },
      cpuSeconds: (user + system) / PER_MILLION,
      eventLoop: {
        utilization: performance.eventLoopUtilization().utilization,
        p50Ms: this.#delay.percentile(50) / PER_MILLION,
        p99Ms: this.#delay.percentile(99) / PER_MILLION,
        maxMs: this.#delay.max / PER_MILLION,
      },
      streams: this.#options.connections.count,
      requests: { ...this.#requests },
    }
  }

  close() {
    this.#delay.disable()
  }

  async #count({ event }: LogEntry<AegisEvent>) {
    if (isSystemEvent(event)) return
    const owner = await this.#options.audiences.ownerOf(event.sessionId)
    if (owner) this.#countSession(event, owner.tenantId)
  }

  #countSession(event: SessionEvent, tenant: string) {
    const counters = this.#counters
    switch (event.type) {
      case "session.created":
        return counters.sessions.inc({ tenant })
      case "turn.ended": {
        const { stopReason = "", error, usage, waitedMs, firstOutputMs, durationMs } = event.data
        counters.turns.inc({ tenant, outcome: error ? "failed" : oneOf(stopReasons, stopReason) })
        observe(counters.queueSeconds, tenant, waitedMs)
        observe(counters.firstOutputSeconds, tenant, firstOutputMs)
        observe(counters.turnSeconds, tenant, durationMs)
        counters.tokens.inc({ tenant, direction: "input" }, whole(usage?.inputTokens))
        counters.tokens.inc({ tenant, direction: "output" }, whole(usage?.outputTokens))
        return
      }
      case "tool.ended": {
        const { kind = "", status = "", durationMs } = event.data
        counters.tools.inc({ tenant, kind: oneOf(kinds, kind), status: oneOf(statuses, status) })
        return observe(counters.toolSeconds, tenant, durationMs)
      }
      case "approval.requested":
        this.#askedAt.set(event.data.approvalId, Date.parse(event.at))
        return
      case "approval.resolved": {
        const { approvalId, status } = event.data
        counters.approvals.inc({ tenant, status, decider: event.actor.kind })
        const asked = this.#askedAt.get(approvalId)
        this.#askedAt.delete(approvalId)
        return observe(counters.approvalSeconds, tenant, asked === undefined ? asked : Date.parse(event.at) - asked)
      }
      case "rate_limit.hit":
        return counters.rateLimits.inc({ tenant })
      case "usage.updated":
        return counters.cost.inc({ tenant }, whole(event.data.costDelta) / PER_MILLION)
      default:
        return
    }
  }

  #addGauges() {
    const { aegis, connections, version } = this.#options
    const registers = [this.#registry]
    const gauge = (name: string, help: string, read: () => number) =>
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read())
        },
      })
    new Gauge({ name: "aegis_build_info", help: "Always 1.", registers, labelNames: ["version", "node"] }).set(
      { version, node: process.versions.node },
      1,
    )
    new Gauge({
      name: "aegis_sessions",
      help: "Sessions by their status, those that have ended too.",
      registers,
      labelNames: ["tenant", "status"],
      async collect() {
        this.reset()
        for (const { tenantId, status, sessions } of await aegis.metrics.census())
          this.set({ tenant: tenantId, status }, sessions)
      },
    })
    gauge("aegis_log_head", "The log's newest event.", () => aegis.head())
    gauge("aegis_streams", "Open event streams and WebSockets.", () => connections.count)
    gauge("process_resident_memory_bytes", "Resident memory size in bytes.", () => this.process().memory.rss)
    gauge("nodejs_heap_size_used_bytes", "Used heap in bytes.", () => this.process().memory.heapUsed)
    const cpuSeconds = () => this.process().cpuSeconds
    new Counter({
      name: "process_cpu_seconds_total",
      help: "User and system CPU time in seconds.",
      registers,
      collect() {
        this.reset()
        this.inc(cpuSeconds())
      },
    })
    gauge(
      "nodejs_eventloop_lag_p50_seconds",
      "The median of the event loop's delay.",
      () => this.process().eventLoop.p50Ms / 1000,
    )
    gauge("nodejs_eventloop_lag_p99_seconds", "Its 99th percentile.", () => this.process().eventLoop.p99Ms / 1000)
    gauge("nodejs_eventloop_lag_max_seconds", "The longest one.", () => this.process().eventLoop.maxMs / 1000)
  }
}

function countersOf(registry: Registry) {
  const registers = [registry]
  const counter = <Name extends string>(name: string, help: string, labelNames: readonly Name[]) =>
    new Counter({ name, help, registers, labelNames: ["tenant", ...labelNames] as ("tenant" | Name)[] })
  const times = (name: string, help: string) =>
    new Histogram({ name, help, registers, labelNames: ["tenant"], buckets: SECONDS })
  return {
    sessions: counter("aegis_sessions_created_total", "Sessions that were created.", []),
    turns: counter("aegis_turns_total", "Turns that have ended.", ["outcome"]),
    turnSeconds: times("aegis_turn_duration_seconds", "How long turns took."),
    queueSeconds: times("aegis_turn_queue_seconds", "How long prompts waited for their turn."),
    firstOutputSeconds: times(
      "aegis_first_output_seconds",
      "From a turn's start to the first thing that its agent said or did.",
    ),
    tools: counter("aegis_tool_calls_total", "Tool calls that have ended.", ["kind", "status"]),
    toolSeconds: times("aegis_tool_duration_seconds", "How long tool calls took, without waiting for somebody."),
    approvals: counter("aegis_approvals_total", "Approvals that were decided, or need no decision any more.", [
      "status",
      "decider",
    ]),
    approvalSeconds: times("aegis_approval_wait_seconds", "How long approvals were open."),
    tokens: counter("aegis_tokens_total", "Tokens, as agents tell them.", ["direction"]),
    cost: counter("aegis_cost_dollars_total", "US dollars, as agents tell them.", []),
    rateLimits: counter("aegis_rate_limits_total", "How often a provider wanted an agent to wait.", []),
    requests: new Counter({
      name: "aegis_http_requests_total",
      help: "Requests that were answered.",
      registers,
      labelNames: ["operation", "status"],
    }),
    requestSeconds: new Histogram({
      name: "aegis_http_request_duration_seconds",
      help: "How long they took, of streams to their beginning.",
      registers,
      labelNames: ["operation"],
      buckets: REQUEST_SECONDS,
    }),
  }
}

function observe(times: Histogram<"tenant">, tenant: string, ms: number | undefined) {
  if (ms !== undefined) times.observe({ tenant }, Math.max(0, ms) / 1000)
}

/** A counter only goes up, and not beyond what can be counted. */
function whole(value = 0) {
  return Math.min(Math.max(0, value), 1e12)
}

function oneOf(known: ReadonlySet<string>, value: string) {
  return known.has(value) ? value : "other"
}

// As the protocol has them.
const stopReasons = new Set(["end_turn", "max_tokens", "max_turn_requests", "refusal", "cancelled"])
const statuses = new Set(["completed", "failed", "unknown"])
const kinds = new Set(["read", "edit", "delete", "move", "search", "execute", "think", "fetch", "switch_mode"])

/** The lines about that tenant, each metric with its help: what is about the whole server is not the tenant's. */
function ofTenant(text: string, tenantId: string) {
  return text
    .split("\n\n")
    .flatMap((metric) => {
      const lines = metric.split("\n")
      const own = lines.filter((line) => !line.startsWith("#") && TENANT.exec(line)?.[1] === tenantId)
      return own.length === 0 ? [] : [[...lines.filter((line) => line.startsWith("#")), ...own].join("\n")]
    })
    .map((metric) => `${metric}\n`)
    .join("\n")
}

/** Names of tenants have nothing in them that would be escaped there. */
const TENANT = /[{,]tenant="([^"]*)"/

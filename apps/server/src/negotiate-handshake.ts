import type { OperationId } from "@aegis/openapi-contract"

/** The version of the protocol that is spoken here, which is the lowest that is understood, too. */
const PROTOCOL = 1

/** What a client can rely on, with the operations that it is. */
const capabilities = {
  "session.create": ["createSession"],
  "session.resume": ["restartSession"],
  "session.approve": ["approvePermission", "rejectPermission"],
  "session.transcript": ["readMessages"],
  "session.transcript.cursor": ["getTranscriptCursor"],
  "session.events.sse": ["subscribeSessionEvents", "createSseToken"],
  "session.events.cursor": ["listSessionEvents"],
  "hooks.pre_tool_use": ["receiveHook"],
  "hooks.post_tool_use": ["receiveHook"],
  "hooks.notification": ["receiveHook"],
  "hooks.stop": ["receiveHook"],
  swarm: ["spawnChild", "listChildren", "getSwarm"],
  metrics: ["getMetrics", "getSessionMetrics", "getPrometheusMetrics"],
  memory: ["setMemory", "getMemory"],
  templates: ["createTemplate"],
  pipelines: ["createPipeline"],
  routines: ["createRoutine"],
  policy: ["getPolicy", "simulatePolicy"],
  audit: ["listAudit", "verifyAudit"],
} as const satisfies Readonly<Record<string, readonly OperationId[]>>

const serverCapabilities = Object.keys(capabilities)

export interface Hello {
  readonly protocolVersion: string | number
  readonly clientCapabilities?: readonly string[] | undefined
  /** Of the client itself, as it counts them. */
  readonly clientVersion?: string | undefined
}

/** What both sides know of, and what a client should be told before it relies on more (spec/rest.md, Wire facts). */
export function negotiateHandshake(
  { protocolVersion, clientCapabilities = [], clientVersion }: Hello,
  version: string,
) {
  const protocol = protocolOf(protocolVersion)
  const compatible = protocol !== undefined && protocol >= PROTOCOL
  const wanted = [...new Set(clientCapabilities)]
  const unknown = wanted.filter((one) => !serverCapabilities.includes(one))
  return {
    protocolVersion: String(PROTOCOL),
    serverCapabilities,
    negotiatedCapabilities: compatible ? wanted.filter((one) => !unknown.includes(one)) : [],
    warnings: [
      ...protocolWarnings(protocol),
      ...skewWarnings(clientVersion, version),
      ...unknown.map((one) => `This server has no capability ${JSON.stringify(one)}.`),
    ],
    compatible,
  }
}

function protocolOf(given: string | number) {
  return /^\d{1,9}$/.test(String(given)) ? Number(given) : undefined
}

function protocolWarnings(protocol: number | undefined) {
  if (protocol === undefined) return [`A protocol version is a whole number; this server speaks ${PROTOCOL}.`]
  if (protocol < PROTOCOL) return [`This server understands no protocol below ${PROTOCOL}.`]
  return protocol > PROTOCOL ? [`This server speaks protocol ${PROTOCOL}, and knows nothing of what is newer.`] : []
}

function skewWarnings(clientVersion: string | undefined, version: string) {
  const [client, server] = [clientVersion ?? version, version].map((each) => /^\d+/.exec(each)?.[0])
  return client === server ? [] : [`The client's version is ${JSON.stringify(clientVersion)}, the server's ${version}.`]
}

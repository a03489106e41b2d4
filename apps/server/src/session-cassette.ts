import { type CassetteHeader, toCassetteLine } from "@aegis/acp-runtime/node"
import { redactJson } from "@aegis/redact"
import type { AgentTraffic, Session, TrafficLine } from "@aegis/session-core"
import { redactTraffic } from "./redact-traffic.ts"
import type { TranscriptDigest } from "./transcript-digest.ts"

export interface CassetteParts {
  readonly session: Pick<Session, "agent">
  readonly traffic: AgentTraffic
  readonly transcript: TranscriptDigest
  readonly at: Date
}

/** A session as a cassette: what it is of, and then what its agent and this server have said to each other, line by line. */
export async function* toCassette({ session, traffic, transcript, at }: CassetteParts) {
  const { runs, ready, lines } = traffic
  const { agentName: program, agentVersion: version, protocolVersion = 1 } = ready ?? {}
  const agent = { name: session.agent, ...(program && { program }), ...(version && { version }) }
  const header: CassetteHeader = {
    format: "aegis-cassette",
    version: 1,
    at: at.toISOString(),
    agent,
    protocolVersion,
    transcript,
    runs: [...runs],
  }
  yield `${JSON.stringify(redactJson(header))}\n`
  for await (const line of redactTraffic(lines)) yield lineOf(line)
}

function lineOf({ run, at, from, text }: TrafficLine) {
  return `${toCassetteLine({ run, at: new Date(at).toISOString(), from }, text)}\n`
}

export type { AgentConfig, AgentsConfig, ResolvedAgent } from "./agent-config.ts"
export { type AgentEnvironmentOptions, createAgentEnvironment } from "./agent-environment.ts"
export {
  type Cassette,
  type CassetteHeader,
  type CassetteLine,
  readCassette,
  toCassetteLine,
} from "./cassette.ts"
export { claudeToolKind } from "./claude-permissions.ts"
export { type DetachedAgentHostOptions, openDetachedAgentHost } from "./detached-agent-host.ts"
export { CLAUDE_VERSION, installClaude } from "./install-claude.ts"
export { type AgentListing, listAgents } from "./list-agents.ts"
export { createLocalAgentHost, type LocalAgentHostOptions } from "./local-agent-host.ts"
export { MARKER_VARIABLE } from "./process-marker.ts"
export { programPath } from "./program-path.ts"
export { findRecording, type RecordedLine, readRecording } from "./read-recording.ts"
export { resolveAgent } from "./resolve-agent.ts"
export { type CassetteOutline, outlineCassette, resolveCassette } from "./resolve-cassette.ts"
export { sweepAgents } from "./sweep-agents.ts"

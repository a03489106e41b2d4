// For a program in a terminal: small, and loaded before anything else.
export type { CallRule, SessionRules } from "./agent-config.ts"
export { type ClaudePermissions, claudePermissions } from "./claude-permissions.ts"
export { CLAUDE_VERSION, type InstallClaudeOptions, installClaude } from "./install-claude.ts"
export { isProcessAlive } from "./is-process-alive.ts"
export { MARKER_VARIABLE } from "./process-marker.ts"

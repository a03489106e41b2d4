// For a program in a terminal: small, and loaded before anything else.
export { CLAUDE_VERSION, type InstallClaudeOptions, installClaude } from "./install-claude.ts"
export { MARKER_VARIABLE } from "./process-marker.ts"

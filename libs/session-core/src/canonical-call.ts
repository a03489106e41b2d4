import type { ToolCall } from "@aegis/acp-runtime"
import { canonical } from "./canonical.ts"
import type { BoundFile } from "./events.ts"

/**
 * What a call does and leads to, as one text (RFC 8785): the same of the same call later, which has another id, and other words
 * about it. Where an agent tells no input, all that it shows is taken for what the call does.
 */
export function canonicalCall({ name, kind, input, title, locations, content }: ToolCall, files: readonly BoundFile[]) {
  const does = input === undefined ? { title, locations, content } : { input: withoutWords(name, input) }
  return canonical({ name, kind, ...does, files })
}

// Claude says in its own words what a command is for, each time in others.
function withoutWords(name: string | undefined, input: unknown) {
  if (name !== "Bash" || typeof input !== "object" || input === null) return input
  const { description: _description, ...does } = input as Readonly<Record<string, unknown>>
  return does
}

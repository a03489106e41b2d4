import type { Decision, PermissionMode } from "./words.ts"

/** A tool call as an agent asks for it, in canonical fields only: never its title or any prose. */
export interface ToolRequest {
  /** ACP's tool kind: `edit`, `execute`, `read` … */
  readonly kind: string | undefined
  /** Every path it touches, real (links resolved) and absolute. Empty when it names none. */
  readonly paths: readonly string[]
  /** One of these is a file that has other names besides (hard links): it may be anywhere. Absent: nobody has looked. */
  readonly hasOtherNames?: boolean | undefined
}

export interface JudgeByModeOptions {
  readonly mode: PermissionMode
  /** Real and absolute. */
  readonly workDir: string
}

export interface Judgement {
  readonly decision: Decision
  /** What decided: `mode:acceptEdits`. */
  readonly rule: string
  readonly reason: string
}

/**
 * What a session's mode says of a tool call that the agent asked about. The agent itself always runs in its most asking
 * mode, so this is where a mode takes effect (spec/sessions.md, Modes).
 */
export function judgeByMode(request: ToolRequest, { mode, workDir }: JudgeByModeOptions): Judgement {
  const judged = (decision: Decision, reason: string) => ({ decision, rule: `mode:${mode}`, reason })
  switch (mode) {
    case "default":
    case "plan":
      return judged("ask", "A person decides.")
    case "auto":
      return judged("ask", "The agent judges by itself; what it asks about, a person decides.")
    case "acceptEdits":
      return isEditInside(request, workDir)
        ? judged("allow", "An edit inside the working directory.")
        : judged("ask", "Not an edit that stays inside the working directory.")
    case "bypassPermissions":
      return judged("allow", "The session asks nobody.")
    case "dontAsk":
      return judged("deny", "No rule allows it, and the session asks nobody.")
  }
}

const edits = new Set(["edit", "delete", "move"])

// An edit that names no path could be anywhere.
function isEditInside({ kind, paths, hasOtherNames }: ToolRequest, workDir: string) {
  if (hasOtherNames) return false
  return kind !== undefined && edits.has(kind) && paths.length > 0 && paths.every((path) => isInside(path, workDir))
}

function isInside(path: string, folder: string) {
  const separator = folder.includes("\\") ? "\\" : "/"
  const base = folder.endsWith(separator) ? folder : folder + separator
  return path.startsWith(base) && !path.slice(base.length).split(/[/\\]/).includes("..")
}

import type { Activity, HookEvent } from "./events.ts"

/** Of a hook, what tells what the agent does from then on. */
export interface ActivitySign {
  readonly event: HookEvent
  /** Of PreToolUse. */
  readonly toolName?: string | undefined
  /** Of SessionStart: `startup`, `resume`, `clear`, `compact`. */
  readonly source?: string | undefined
  /** Of Notification: `permission_prompt`, `idle_prompt`, `elicitation_dialog`, and more. */
  readonly notificationType?: string | undefined
  /** What the hook is told. */
  readonly answer: "none" | "allow" | "deny" | "ask"
}

/** What an observed agent does, from what it did and what its hook says. What says nothing of it changes nothing. Pure. */
export function activityAfter(before: Activity, { event, toolName, source, notificationType, answer }: ActivitySign) {
  const next = ((): Activity => {
    switch (event) {
      case "SessionStart":
        // Making room is in the middle of its work.
        return source === "compact" ? before : "idle"
      case "UserPromptSubmit":
      case "PostToolUse":
        return "working"
      case "PreToolUse":
        if (toolName === ASKING_TOOL) return "asking"
        return answer === "ask" ? "permission_prompt" : "working"
      case "Notification":
        return notified(before, notificationType)
      case "Stop":
        return "idle"
      case "SessionEnd":
        return "completed"
      case "SubagentStop":
      case "PreCompact":
        return before
    }
  })()
  // Hooks overtake each other: what is left of the end does not open it again.
  return before === "completed" && !OPENING.has(event) ? "completed" : next
}

/** The tool by which Claude asks its person something; its dialog is told as one of a permission. */
const ASKING_TOOL = "AskUserQuestion"

const OPENING: ReadonlySet<HookEvent> = new Set(["SessionStart", "UserPromptSubmit", "PreToolUse"])

function notified(before: Activity, type: string | undefined): Activity {
  switch (type) {
    case "permission_prompt":
      return before === "asking" ? "asking" : "permission_prompt"
    case "elicitation_dialog":
      return "asking"
    case "idle_prompt":
      return "idle"
    default:
      return before
  }
}

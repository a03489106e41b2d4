/**
 * All modes but two are judged by our policy, so the agent is to ask about everything: `plan` is the agent's way to work,
 * and `auto` is its own judgement, which is what the session asked for.
 */
export function askingMode(mode: string) {
  return mode === "plan" || mode === "auto" ? mode : "default"
}

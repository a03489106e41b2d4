/** All modes but `plan` are judged by our policy, so the agent is to ask about everything. */
export function askingMode(mode: string) {
  return mode === "plan" ? "plan" : "default"
}

import type { CreateSessionInput } from "./aegis.ts"
import { canonical } from "./canonical.ts"
import type { SessionState } from "./session-state.ts"

/**
 * Whether a session is what a create asks for, as far as its row does not say. Rules go by labels and policy; a name and a
 * model that somebody asks for are not another's.
 */
export function hasSettings(
  state: SessionState,
  { name = state.name, model, labels, policy }: Pick<CreateSessionInput, "name" | "model" | "labels" | "policy">,
) {
  // Its pipeline, or its routine, is not done with it.
  if (state.pipeline || state.routine) return false
  const wanted = { name, model, labels: labels ?? {}, policy }
  const present = { name: state.name, model: state.model, labels: state.labels, policy: state.permissions?.policy }
  return canonical(present) === canonical(wanted)
}

import type { CreateSessionInput } from "./aegis.ts"
import { canonical } from "./canonical.ts"
import type { SessionState } from "./session-state.ts"

type Wanted = Pick<CreateSessionInput, "name" | "model" | "options" | "labels" | "policy">

/**
 * Whether a session is what a create asks for, as far as its row does not say. Rules go by labels and policy; a name and a
 * model that somebody asks for are not another's.
 */
export function hasSettings(state: SessionState, { name = state.name, model, options, labels, policy }: Wanted) {
  // Its pipeline, or its routine, is not done with it.
  if (state.pipeline || state.routine) return false
  const wanted = { name, model, options, labels: labels ?? {}, policy }
  const present = {
    name: state.name,
    model: state.model,
    options: state.options,
    labels: state.labels,
    policy: state.permissions?.policy,
  }
  return canonical(present) === canonical(wanted)
}

import type { Parent } from "./command.ts"
import { refuseEnded } from "./end-turns.ts"
import type { SessionEventData } from "./events.ts"
import { SessionError } from "./session-error.ts"

/** Of one session, at once; those that have ended do not count. */
const MOST_CHILDREN = 20
/** A child's agent makes children, too. */
export const MOST_GENERATIONS = 3

/** Why a session may not be a child of that one: nothing is gained by having a child do it. Undefined: it may. */
export function refuseChild(
  { parentId, permissionMode, labels, workDir, policy }: SessionEventData<"session.created">,
  { state, generation, livingChildren, isInside, asksLess }: Parent,
): SessionError | undefined {
  const ended = refuseEnded(state)
  if (ended) return ended
  if (asksLess)
    return new SessionError(
      "child-asks-less",
      `The mode ${permissionMode} asks less than the parent's (${state.permissionMode}): a child asks no less.`,
    )
  // Rules go by them: with others, or without one, it could be asked about less.
  if (!haveSame(labels, state.labels))
    return new SessionError("child-asks-less", "A child has its parent's labels: send those, or none.")
  const rules = state.permissions?.policy
  if (rules && JSON.stringify(policy) !== JSON.stringify(rules))
    return new SessionError("child-asks-less", "A child has its parent's rules: send none of its own.")
  if (!isInside)
    return new SessionError(
      "child-outside",
      `${workDir} is not in the parent's folder: a child works in ${state.workDir}.`,
    )
  if (generation > MOST_GENERATIONS)
    return new SessionError(
      "child-too-deep",
      `Session ${parentId} is ${MOST_GENERATIONS} generations away from what a person has begun: it can have no children.`,
    )
  if (livingChildren >= MOST_CHILDREN)
    return new SessionError(
      "too-many-children",
      `Session ${parentId} has ${MOST_CHILDREN} children already: use one that is idle, or have a person end some.`,
    )
  return undefined
}

type Labels = Readonly<Record<string, string>>

function haveSame(labels: Labels, others: Labels) {
  const names = Object.keys(labels)
  return (
    names.length === Object.keys(others).length &&
    names.every((name) => Object.hasOwn(others, name) && labels[name] === others[name])
  )
}

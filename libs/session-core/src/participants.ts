import type { Actor, SessionEvent } from "./events.ts"

/** Somebody who has done something in a session, by the key that they did it with. Times are ISO 8601 UTC. */
export interface Participant extends Pick<Actor, "kind" | "id"> {
  /** Absent: it was not said whose the key is. */
  readonly userId?: string
  readonly firstAt: string
  readonly lastAt: string
  readonly prompts: number
  readonly votes: number
  readonly answers: number
}

/** Beyond it, who has been silent for longest is told no more. */
export const MAX_PARTICIPANTS = 100

/** Who has taken part, with what an event tells. Who was there first comes first. */
export function withParticipant(known: readonly Participant[], event: SessionEvent): readonly Participant[] {
  const { actor, at } = event
  if (actor.kind !== "key" && actor.kind !== "user") return known
  const place = known.findIndex(({ kind, id }) => kind === actor.kind && id === actor.id)
  const found = known[place]
  const userId = userOf(event) ?? found?.userId
  const { prompts, votes, answers } = countsOf(event)
  const counted = {
    kind: actor.kind,
    id: actor.id,
    ...(userId === undefined ? {} : { userId }),
    firstAt: found?.firstAt ?? at,
    lastAt: at,
    prompts: (found?.prompts ?? 0) + prompts,
    votes: (found?.votes ?? 0) + votes,
    answers: (found?.answers ?? 0) + answers,
  }
  return found ? known.with(place, counted) : [...withRoom(known), counted]
}

function withRoom(known: readonly Participant[]) {
  if (known.length < MAX_PARTICIPANTS) return known
  const silent = known.reduce((one, other) => (other.lastAt < one.lastAt ? other : one))
  return known.filter((one) => one !== silent)
}

function userOf({ type, data }: SessionEvent) {
  if (type === "session.created") return data.owner.userId
  if (type === "turn.requested") return data.by
  return type === "approval.voted" ? data.voter : undefined
}

function countsOf({ type }: SessionEvent) {
  const is = (one: SessionEvent["type"]) => (type === one ? 1 : 0)
  return { prompts: is("turn.requested"), votes: is("approval.voted"), answers: is("question.answered") }
}

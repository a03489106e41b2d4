import type { CreatedSession, ForkWish } from "./aegis.ts"
import type { AegisParts } from "./aegis-parts.ts"
import type { Caller } from "./caller.ts"
import { withoutUndefined } from "./evolve.ts"
import { refuseObserved } from "./refuse-observed.ts"
import { SessionError } from "./session-error.ts"
import type { SessionMaker } from "./session-maker.ts"
import type { SessionState } from "./session-state.ts"
import { stateOf } from "./state-of.ts"

const LONGEST_NAME = 200

/** Begins sessions that know what another one's agent knows by then; from there on each goes its own way. */
export class SessionForker {
  readonly #log: Pick<AegisParts, "log">
  readonly #maker: Pick<SessionMaker, "begin">

  constructor(log: Pick<AegisParts, "log">, maker: Pick<SessionMaker, "begin">) {
    this.#log = log
    this.#maker = maker
  }

  async fork(caller: Caller, sessionId: string, { name, prompt, parentId }: ForkWish): Promise<CreatedSession> {
    const source = await stateOf(this.#log, sessionId)
    const { workDir, agent, permissionMode, model, options, labels, permissions } = source
    const forkedFrom = { sessionId, agentSessionId: agentSessionOf(source) }
    const known = { workDir, agent, permissionMode, labels, ...withoutUndefined({ model, options }) }
    const begun = await this.#maker.begin(caller, {
      ...known,
      policy: permissions?.policy,
      name: name ?? `${source.name.slice(0, LONGEST_NAME - 7)} (fork)`,
      prompt,
      parentId,
      forkedFrom,
      reuse: false,
    })
    return begun.answer()
  }
}

/** What its agent calls the session that is gone on from. */
function agentSessionOf(source: SessionState): string {
  const observed = refuseObserved(source)
  if (observed) throw observed
  const { sessionId, agentSessionId, hasWorked, canFork, turn, queue } = source
  if (turn || queue.length > 0)
    throw new SessionError("turn-busy", `Session ${sessionId} is busy; fork it when it is idle.`)
  if (agentSessionId === undefined || !hasWorked)
    throw new SessionError(
      "not-forkable",
      `Session ${sessionId} has had no prompt yet: there is nothing to go on from.`,
    )
  if (!canFork)
    throw new SessionError(
      "not-forkable",
      `The agent of session ${sessionId} cannot begin a session with what another one knows.`,
    )
  return agentSessionId
}

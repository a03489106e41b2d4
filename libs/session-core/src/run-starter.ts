import type { AegisParts } from "./aegis-parts.ts"
import type { Caller } from "./caller.ts"
import type { SessionCommand } from "./command-executor.ts"
import type { RoutineSteps } from "./decide-routine.ts"
import { type Actor, type RoutineFields, routineStream } from "./events.ts"
import type { OpenRun, RoutineTerms } from "./routine-state.ts"
import type { RoutineRunName } from "./session-state.ts"

/** Who does what nobody asks for at the moment. */
export const routineActor: Actor = { kind: "system", id: "routines", via: "runner" }

/** Makes a run's session. Rejects where there can be none. */
export interface RunMaker {
  commandsFor(
    caller: Caller,
    input: RunInput,
    key: string | undefined,
  ): Promise<{ readonly sessionId: string; readonly commands: readonly SessionCommand[] }>
}

interface RunInput extends Omit<RoutineFields, keyof RoutineTerms> {
  readonly name: string
  readonly routine: RoutineRunName
}

/** Begins runs of routines, and knows whose a run's session is. */
export class RunStarter {
  readonly #log: AegisParts["log"]
  readonly #maker: RunMaker
  /** Routines by the sessions of their runs that work. */
  readonly #routines = new Map<string, string>()

  constructor({ log }: Pick<AegisParts, "log">, maker: RunMaker) {
    this.#log = log
    this.#maker = maker
  }

  /** What begins the run's session with its prompt. Rejects where there can be none, and then nothing has changed. */
  async start(steps: RoutineSteps, { run, key }: OpenRun): Promise<readonly SessionCommand[]> {
    const { routineId, owner, name, key: usual } = steps.state
    const wish = await wishOf(this.#log, routineId)
    const { prompt, workDir, agent, permissionMode, model, options, labels, template } = wish
    const work = { prompt, workDir, agent, permissionMode, model, options, labels, template }
    const input = { ...work, name: `${name} / ${run}`, routine: { routineId, run } }
    const caller = { actor: routineActor, owner }
    const { sessionId, commands } = await this.#maker.commandsFor(caller, input, key ?? usual)
    // Before it is there: it may be over at once.
    this.remember(sessionId, routineId)
    steps.start(run, sessionId)
    return commands
  }

  routineOf(sessionId: string) {
    return this.#routines.get(sessionId)
  }

  remember(sessionId: string, routineId: string) {
    this.#routines.set(sessionId, routineId)
  }

  forget(sessionId: string | undefined) {
    if (sessionId !== undefined) this.#routines.delete(sessionId)
  }
}

/** What somebody wanted last: too long to be kept in its state. */
export async function wishOf(log: AegisParts["log"], routineId: string): Promise<RoutineFields> {
  const types = ["routine.created", "routine.updated"]
  const [last] = await log.read({ stream: routineStream(routineId), types, direction: "backward", limit: 1 })
  if (last?.event.type === "routine.created" || last?.event.type === "routine.updated") return last.event.data.routine
  throw new Error(`Routine ${routineId} is there, and nobody has wished for it.`)
}

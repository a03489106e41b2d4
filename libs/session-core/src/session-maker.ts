import type { BegunSession, CreatedSession, CreateSessionInput, PromptDelivery } from "./aegis.ts"
import type { AegisParts } from "./aegis-parts.ts"
import type { Caller } from "./caller.ts"
import { fileOfCassette } from "./cassette-name.ts"
import type { CommandExecutor, SessionCommand } from "./command-executor.ts"
import { driverAt } from "./driver.ts"
import { OBSERVED_AGENT, type SessionEvent } from "./events.ts"
import { withoutUndefined } from "./evolve.ts"
import { findParent } from "./find-parent.ts"
import { hasSettings } from "./has-settings.ts"
import type { ModeSetter } from "./mode-setter.ts"
import { type Prompts, textContent } from "./prompts.ts"
import type { Session } from "./session.ts"
import { SessionError } from "./session-error.ts"
import { sessionsTable } from "./session-models.ts"
import { stateOf } from "./state-of.ts"

export interface SessionMakerOptions {
  readonly executor: CommandExecutor
  readonly prompts: Prompts
  readonly modes: Pick<ModeSetter, "settle">
  /** A session as it is shown. */
  readonly look: (sessionId: string) => Promise<Session>
}

/** Makes sessions, one by one or several together, or finds an idle one that does. */
export class SessionMaker {
  readonly #parts: AegisParts
  readonly #executor: CommandExecutor
  readonly #prompts: Prompts
  readonly #modes: SessionMakerOptions["modes"]
  readonly #look: SessionMakerOptions["look"]
  /** Children, one after the other. */
  #creating: Promise<unknown> = Promise.resolve()

  constructor(parts: AegisParts, { executor, prompts, modes, look }: SessionMakerOptions) {
    this.#parts = parts
    this.#executor = executor
    this.#prompts = prompts
    this.#modes = modes
    this.#look = look
  }

  /** What is wanted, if it can be had; the folder by its real path. */
  async check(input: CreateSessionInput): Promise<CreateSessionInput> {
    const found = await this.#parts.findWorkDir(input.workDir)
    if ("code" in found) throw new SessionError(found.code, found.reason)
    const { workDir } = found
    if (fileOfCassette(input.agent) === undefined) await this.#checkAgent(input.agent)
    else await this.#parts.checkCassette({ agent: input.agent, workDir })
    const refusal = await this.#parts.refuseMode(input.permissionMode, input.policy?.document)
    if (refusal !== undefined) throw new SessionError("mode-not-allowed", refusal)
    return { ...input, workDir }
  }

  async begin(caller: Caller, input: CreateSessionInput): Promise<BegunSession> {
    const checked = await this.check(input)
    const earlier = caller.idempotency && (await this.#executor.earlier(caller.idempotency))
    if (earlier?.[0]) return this.#withPrompt(caller, input, earlier[0])
    const wanted = await this.#withInherited(checked)
    // A cassette is played from its beginning.
    const isAnew = input.reuse === false || fileOfCassette(input.agent) !== undefined
    const reused = isAnew ? undefined : await this.#reuse(caller, wanted)
    return reused ?? this.#create(caller, wanted)
  }

  /** All of them, each with its prompt, in one append: or none. */
  async makeTogether(caller: Caller, inputs: readonly CreateSessionInput[]): Promise<readonly CreatedSession[]> {
    const { actor, idempotency } = caller
    const delivered = new Map<string, Promise<PromptDelivery>>()
    const events = await this.#oneByOne(async () => {
      const commands = await this.#commandsOf(caller, inputs, delivered)
      return this.#executor.executeTogether(commands, { actor, idempotency })
    })
    const asked = new Map(events.flatMap((event) => (event.type === "turn.requested" ? [turnOf(event)] : [])))
    const made = events.filter((event) => event.type === "session.created")
    for (const { sessionId, data } of made) if (data.parentId !== undefined) await this.#modes.settle(sessionId, actor)
    return Promise.all(
      made.map(({ sessionId }) => {
        const turnId = asked.get(sessionId)
        const fate = turnId && (() => this.#prompts.fate(sessionId, turnId, delivered.get(turnId)))
        return this.#begun(sessionId, { reused: false, ...(fate ? { fate } : {}) }).answer()
      }),
    )
  }

  /** What begins a new one by itself, with its prompt, counted on the key. Rejects as `check`, and with `key-refused`. */
  async commandsFor(caller: Caller, input: CreateSessionInput & { readonly prompt: string }, key: string | undefined) {
    const kind = input.routine ? "routine" : "pipeline"
    const refusal = await this.#parts.refuseKey({ key, kind, permissionMode: input.permissionMode })
    if (refusal !== undefined) throw new SessionError("key-refused", refusal)
    const sessionId = this.#parts.newId()
    const create = await this.#createCommand(caller, await this.check(input))
    const { command } = await this.#prompts.prepare(caller, { content: textContent(input.prompt) })
    const commands: readonly SessionCommand[] = [
      { ...create, sessionId },
      { ...command, key, sessionId },
    ]
    return { sessionId, commands }
  }

  async #commandsOf(
    caller: Caller,
    inputs: readonly CreateSessionInput[],
    delivered: Map<string, Promise<PromptDelivery>>,
  ) {
    const commands: SessionCommand[] = []
    const siblings = new Map<string | undefined, number>()
    for (const input of inputs) {
      const sessionId = this.#parts.newId()
      const { parent, ...command } = await this.#createCommand(caller, await this.#withInherited(input))
      const { parentId } = command.session
      const before = siblings.get(parentId) ?? 0
      siblings.set(parentId, before + 1)
      const counted = parent && { ...parent, livingChildren: parent.livingChildren + before }
      commands.push({ ...command, parent: counted, sessionId })
      if (input.prompt === undefined) continue
      const prompt = await this.#prompts.prepare(caller, { content: textContent(input.prompt) })
      delivered.set(prompt.command.turnId, prompt.delivered)
      commands.push({ ...prompt.command, sessionId })
    }
    return commands
  }

  async #checkAgent(name: string) {
    const agents = await this.#parts.listAgents()
    const found = agents.find((agent) => agent.name === name && name !== OBSERVED_AGENT)
    const names = agents.map((agent) => agent.name).join(", ")
    if (!found)
      throw new SessionError(
        "agent-unknown",
        `There is no agent "${name}". There are: ${names}; others come from the configuration.`,
      )
    if (!found.installed && !found.installsOnUse)
      throw new SessionError(
        "agent-not-installed",
        `Agent "${name}" is not installed: its program was not found. ${found.remedy ?? "Install it, or configure where it is."}`,
      )
  }

  // Two that race for one idle session: the prompt of the second finds it busy, and gets a session of its own.
  async #reuse(caller: Caller, { prompt, except = [], ...wanted }: CreateSessionInput) {
    const { workDir, agent, permissionMode, parentId = null } = wanted
    const where = { ...caller.owner, parentId, workDir, agent, permissionMode, status: "idle" }
    for (const { sessionId } of await this.#parts.log.rows(sessionsTable, { where, order: [["createdSeq", "desc"]] })) {
      const state = await stateOf(this.#parts, sessionId)
      const isDriven = driverAt(state, this.#parts.now().toISOString()) !== undefined
      if (except.includes(sessionId) || isDriven || !hasSettings(state, wanted)) continue
      try {
        const content = textContent(prompt ?? "")
        const asked =
          prompt === undefined
            ? {}
            : { fate: await this.#prompts.send(caller, sessionId, { content, whenBusy: "reject" }) }
        return this.#begun(sessionId, { reused: true, ...asked })
      } catch (error) {
        if (!SessionError.is(error)) throw error
      }
    }
    return undefined
  }

  // A child has its parent's labels and rules.
  async #withInherited(input: CreateSessionInput): Promise<CreateSessionInput> {
    if (input.parentId === undefined) return input
    const above = await stateOf(this.#parts, input.parentId)
    return { ...input, labels: input.labels ?? above.labels, policy: input.policy ?? above.permissions?.policy }
  }

  async #create(caller: Caller, input: CreateSessionInput) {
    const { actor, idempotency } = caller
    const create = async () =>
      this.#executor.execute(this.#parts.newId(), await this.#createCommand(caller, input), { actor, idempotency })
    const [created] = await (input.parentId === undefined ? create() : this.#oneByOne(create))
    if (!created) throw new Error("A session was created without an event.")
    if (input.parentId !== undefined) await this.#modes.settle(created.sessionId, actor)
    return this.#withPrompt(caller, input, created)
  }

  async #createCommand({ owner }: Caller, input: CreateSessionInput) {
    const { workDir, agent, permissionMode, prompt, name, model, options, labels, parentId, policy } = input
    const { template, pipeline, routine, forkedFrom } = input
    const baseCommit = await this.#parts.headOf(workDir)
    const named = {
      name: name ?? nameFrom(prompt ?? workDir),
      ...withoutUndefined({ model, options, parentId, baseCommit, policy, template, pipeline, routine, forkedFrom }),
    }
    const salt = this.#parts.newSalt()
    const session = { workDir, agent, permissionMode, ...named, labels: { ...labels }, owner, salt }
    return { type: "create", session, parent: await findParent(this.#parts, session) } as const
  }

  // A session that is made for a prompt takes two appends: a repetition makes up for a second one that never was.
  async #withPrompt(caller: Caller, { prompt }: Pick<CreateSessionInput, "prompt">, first: SessionEvent) {
    const { sessionId } = first
    const reused = first.type !== "session.created"
    if (prompt === undefined) return this.#begun(sessionId, { reused })
    const { idempotency } = caller
    const again = idempotency && !reused ? { ...idempotency, key: `${idempotency.key} prompt` } : idempotency
    const content = textContent(prompt)
    return this.#begun(sessionId, {
      reused,
      fate: await this.#prompts.send({ ...caller, idempotency: again }, sessionId, { content }),
    })
  }

  #begun(sessionId: string, { reused, fate }: BegunOptions): BegunSession {
    const answer = async () => {
      const delivery = fate ? { promptDelivery: await fate() } : {}
      return { session: await this.#look(sessionId), reused, ...delivery }
    }
    return { sessionId, answer }
  }

  // Two at once would each find room for the last child.
  #oneByOne<T>(create: () => Promise<T>) {
    const created = this.#creating.then(create)
    this.#creating = created.catch(() => undefined)
    return created
  }
}

interface BegunOptions {
  readonly reused: boolean
  /** What has become of its prompt. */
  readonly fate?: () => Promise<PromptDelivery>
}

function turnOf({ sessionId, data }: SessionEvent & { readonly type: "turn.requested" }) {
  return [sessionId, data.turnId] as const
}

// A name made from the prompt's first words (spec/rest.md, Wire facts).
function nameFrom(text: string) {
  const words = text.trim().split(/\s+/).slice(0, 8).join(" ")
  return words.length > 60 ? `${words.slice(0, 59)}…` : words || "session"
}

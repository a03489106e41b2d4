import type { AgentLink, StartedAgent } from "@aegis/acp-runtime"
import type { AegisParts } from "./aegis-parts.ts"
import { optionsOf, optionWishes } from "./agent-options.ts"
import { AgentRun, type AgentRunOptions, offsetName } from "./agent-run.ts"
import type { CommandExecutor } from "./command-executor.ts"
import type { Actor, SessionEventData } from "./events.ts"
import { isFull, isLogRefusal } from "./log-refusal.ts"
import { cancelKey, type Effect, nextDue, planEffects, promptKey } from "./plan-effects.ts"
import type { ProcessSlot, ProcessSlots } from "./process-slots.ts"
import { refuseOtherFolder } from "./refuse-other-folder.ts"
import { sessionFold } from "./session-models.ts"
import { openApprovals, openQuestions, type SessionState } from "./session-state.ts"

export interface SessionDriverOptions {
  readonly sessionId: string
  readonly parts: AegisParts
  readonly executor: CommandExecutor
  readonly onDelivered: (turnId: string) => void
  readonly slots: ProcessSlots
}

export type DecidedApproval = Extract<Effect, { type: "send-decision" }>["approval"]

/** Carries out what a session's state asks for: starts its agent, sends what waits, stops it. */
export class SessionDriver {
  readonly #options: SessionDriverOptions
  #run: AgentRun | undefined
  #sent = new Set<string>()
  #isDue = false
  #working: Promise<void> | undefined
  /** Its place among the processes, held or waited for. */
  #slot: ProcessSlot | undefined
  readonly #closing = new AbortController()
  #alarm: NodeJS.Timeout | undefined

  constructor(options: SessionDriverOptions) {
    this.#options = options
  }

  /** Something may have changed: looks at the state once more. */
  poke() {
    if (this.#closing.signal.aborted) return
    this.#isDue = true
    this.#working ??= this.#work()
  }

  /** Whether it holds an agent, or waits to start one. */
  get isBusy() {
    return (
      this.#run !== undefined || this.#working !== undefined || this.#alarm !== undefined || this.#slot !== undefined
    )
  }

  /** Goes on with the agent of an earlier server; one that the host does not have any more did not outlive it. */
  async attach() {
    const { parts, sessionId, executor, slots } = this.#options
    const { state } = await parts.log.fold(sessionFold, sessionId)
    if (!state?.run) return
    const { runId, ready } = state.run
    const link = await parts.host.attach(runId)
    if (!link) {
      const exit = { runId, code: null, signal: null, stderrTail: "", cause: "lost" } as const
      await executor.execute(sessionId, exitCommand(exit, parts), { actor: recovery })
      return
    }
    this.#slot = slots.claim()
    // Nobody could see it while no server was there.
    await this.#tellLink("agent-detached", runId)
    if (link.isLinked) await this.#tellLink("agent-attached", runId)
    const offset = (await parts.log.offset(offsetName(runId))) ?? 0
    try {
      this.#follow({ state, link, offset, launch: ready ? undefined : await this.#launchOf(state) })
    } catch (error) {
      // Its agent was taken out of the configuration in the middle of the handshake: that is this session's failure.
      await link.stop()
      await this.#startRefused(state, runId, error)
      link.release()
      this.#releaseSlot()
    }
  }

  // Where the log has no room for it, the run tells it as soon as there is.
  async #tellLink(type: "agent-detached" | "agent-attached", runId: string) {
    const { sessionId, executor } = this.#options
    await executor.execute(sessionId, { type, runId }, { actor: recovery }).catch((error: unknown) => {
      if (!isFull(error)) throw error
    })
  }

  /** Saves an agent whose mode, options or rules are the session's no longer, if it has nothing to do. */
  async renew() {
    const { parts, sessionId } = this.#options
    const { state } = await parts.log.fold(sessionFold, sessionId)
    if (state && (await this.#isStale(state))) await this.#park(true)
  }

  /** Ends the process and waits for nothing else: its end is written down when it can be. */
  async endNow() {
    await this.#run?.endProcess()
  }

  /** Interrupts its turn and answers what it asked, before the log has any of it. */
  async haltNow() {
    const { parts, sessionId } = this.#options
    const { state } = await parts.log.fold(sessionFold, sessionId)
    if (!state || !this.#run) return
    const { turn } = state
    // First, or the agent takes the answers for a reason to go on.
    if (turn) await this.#run.sendCancel(turn.turnId)
    for (const { requestId, options } of openApprovals(state))
      await this.#run.sendDecision({ requestId, options, decision: "cancelled" })
    for (const { requestId } of openQuestions(state)) await this.#run.sendAnswer({ requestId, action: "cancel" })
  }

  async tellNow({ requestId, options, outcome }: DecidedApproval) {
    await this.#run?.sendDecision({ requestId, options, decision: outcome })
  }

  /** Stops the agent, if there is one, or leaves it to whoever comes next; starts no other. */
  async close({ keepAgents = false }: { readonly keepAgents?: boolean } = {}) {
    this.#closing.abort()
    clearTimeout(this.#alarm)
    // Whoever waits behind it is closed as well.
    if (this.#slot?.isGranted === false) this.#releaseSlot()
    await this.#working
    if (keepAgents) await this.#run?.leave()
    else await this.#run?.stop()
  }

  async #work() {
    while (this.#isDue && !this.#closing.signal.aborted) {
      this.#isDue = false
      await this.#lookOnce()
    }
    this.#working = undefined
  }

  async #lookOnce() {
    const { parts, sessionId, executor } = this.#options
    try {
      const { state } = await parts.log.fold(sessionFold, sessionId)
      if (!state) return
      const isStopped = (await executor.stop()) !== undefined
      const now = parts.now().toISOString()
      const { parkAfterMs } = parts.settings
      const excess = await executor.excess(state)
      // Once it has said so.
      const held = excess && state.exceeded?.turnId === state.queue[0]?.turnId ? excess : undefined
      const isStale = await this.#isStale(state)
      const view = { attachedRunId: this.#run?.runId, sent: this.#sent, now, parkAfterMs, isStopped, held, isStale }
      const effects = planEffects(state, view)
      if (!this.#run && !effects.some(({ type }) => type === "start-agent")) this.#releaseSlot()
      for (const effect of effects) {
        if (effect.type === "start-agent" && !(await this.#hasSlot(state))) continue
        if (!this.#closing.signal.aborted) await this.#perform(effect, state)
        this.#isDue = true
      }
      this.#wakeAt(effects.length === 0 ? nextDue(state, view) : undefined, now)
    } catch (error) {
      // The agent went away under the effect, or the log closed: the agent's end, or the next start, pokes again.
      if (isFull(error)) this.#wakeIn(parts.settings.fullDiskRetryMs)
    }
  }

  /** Whether the agent, between two turns, has a mode, options or rules that are the session's no longer. */
  async #isStale(state: SessionState) {
    const { settings } = state.run ?? {}
    if (settings === undefined || state.turn) return false
    // An agent that could not be started again goes on.
    const launch = await this.#launchOf(state).catch(() => undefined)
    return launch !== undefined && launch.settings !== settings
  }

  /** One process more, or the session says that it waits. */
  async #hasSlot({ sessionId }: SessionState) {
    const { slots, executor } = this.#options
    this.#slot ??= slots.ask(() => this.poke())
    if (this.#slot.isGranted) return true
    await executor.execute(sessionId, { type: "wait-for-process", limit: slots.limit }, { actor: runner })
    return false
  }

  #releaseSlot() {
    this.#slot?.release()
    this.#slot = undefined
  }

  // Only to look again: what is due is decided by the time in the log.
  #wakeAt(due: string | undefined, now: string) {
    clearTimeout(this.#alarm)
    this.#alarm = undefined
    if (due !== undefined) this.#wakeIn(Math.max(0, Date.parse(due) - Date.parse(now)) + 1)
  }

  #wakeIn(waitMs: number) {
    clearTimeout(this.#alarm)
    if (this.#closing.signal.aborted) return
    this.#alarm = setTimeout(() => {
      this.#alarm = undefined
      this.poke()
    }, waitMs)
  }

  async #perform(effect: Effect, state: SessionState) {
    const { executor, onDelivered } = this.#options
    switch (effect.type) {
      case "start-agent":
        return this.#startAgent(state)
      case "stop-agent":
        return this.#run?.stop()
      case "park":
        return this.#park(effect.isStale)
      case "expire-approvals":
        await executor.execute(state.sessionId, { type: "approvals-due" }, { actor: runner })
        return
      case "start-turn":
        await executor.execute(state.sessionId, { type: "start-turn", turnId: effect.turn.turnId }, { actor: runner })
        return
      case "send-prompt":
        await this.#run?.sendPrompt(effect.turn)
        this.#sent.add(promptKey(effect.turn.turnId))
        return onDelivered(effect.turn.turnId)
      case "send-cancel":
        await this.#run?.sendCancel(effect.turnId)
        this.#sent.add(cancelKey(effect.turnId))
        return
      case "send-decision":
        return this.#deliverDecision(state.sessionId, effect.approval)
      case "send-answer":
        return this.#deliverAnswer(state.sessionId, effect.question)
    }
  }

  async #park(isStale: boolean) {
    const { executor, parts, sessionId } = this.#options
    const reason = isStale
      ? "The mode, the options or the rules that its agent was begun with have changed."
      : `Nothing to do for ${Math.round(parts.settings.parkAfterMs / 1000)} s.`
    await executor.execute(sessionId, { type: "park", reason }, { actor: runner })
  }

  async #startAgent(state: SessionState) {
    const { parts, executor } = this.#options
    const runId = parts.newId()
    let link: StartedAgent | undefined
    try {
      await refuseOtherFolder(parts, state.workDir)
      const launch = await this.#launchOf(state)
      const { command, args, env, settings, ignoredSettings = [] } = launch
      const { sessionId, workDir: cwd } = state
      // Last: a configuration that names them otherwise would have the agent speak as somebody else.
      const more = await parts.agentVariables?.({ sessionId, runId })
      const recording = parts.recordings.placeOf(runId)
      const kept = recording ? { recording } : {}
      link = await parts.host.start({ runId, command, args, env: { ...env, ...more }, cwd, ...kept })
      const [program = "", ...words] = parts.redactWords([command, ...args])
      const run = { runId, pid: link.pid, command: program, args: words, settings }
      const signal = this.#closing.signal
      const started = { type: "agent-started", run, ignoredSettings } as const
      const events = await executor.insist(state.sessionId, started, { actor: runner, signal })
      // Killed while it was starting: nobody waits for it.
      if (events.length === 0) return await endUnwanted(link)
      this.#follow({ state, link, offset: 0, launch })
    } catch (error) {
      if (link) await endUnwanted(link)
      if (isLogRefusal(error)) throw error
      await this.#startRefused(state, runId, error)
    }
  }

  async #launchOf(state: SessionState) {
    const { resolveAgent, refuseMode, sha256 } = this.#options.parts
    const { mostAskingMode, ...launch } = await resolveAgent(state)
    // It was begun before there were rules that do not allow its mode.
    const own = state.permissions?.policy?.document
    const isRefused = (await refuseMode(state.permissionMode, own)) !== undefined
    const mode = mostAskingMode(isRefused ? "default" : state.permissionMode)
    const { sessionMeta } = launch
    const options = optionWishes(optionsOf(state))
    const settings = [mode, sessionMeta, ...(options.length === 0 ? [] : [options])]
    return { ...launch, mode, settings: sha256(JSON.stringify(settings)) }
  }

  #follow({ state, ...following }: Pick<AgentRunOptions, "state" | "link" | "offset" | "launch">) {
    const { parts, executor } = this.#options
    const actor: Actor = { kind: "agent", id: state.agent, via: "acp" }
    const run = new AgentRun({ parts, executor, state, actor, signal: this.#closing.signal, ...following })
    this.#run = run
    this.#sent = new Set()
    const over = () => {
      this.#run = undefined
      this.#releaseSlot()
      this.poke()
    }
    // A failure here is the log's: it is told to whoever writes next, and this session goes on after a restart.
    run.ended.then(over, over)
  }

  async #startRefused(state: SessionState, runId: string, cause: unknown) {
    const { executor, parts } = this.#options
    const message = cause instanceof Error ? cause.message : String(cause)
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "agent-start-failed"
    const exit = { runId, code: null, signal: null, stderrTail: "", cause: "failed", error: { code, message } } as const
    await executor.execute(state.sessionId, exitCommand(exit, parts), { actor: runner })
  }

  async #deliverDecision(sessionId: string, approval: DecidedApproval) {
    const { approvalId, requestId, options, outcome } = approval
    await this.#run?.sendDecision({ requestId, options, decision: outcome })
    await this.#options.executor.execute(sessionId, { type: "approval-delivered", approvalId }, { actor: runner })
  }

  async #deliverAnswer(sessionId: string, question: Extract<Effect, { type: "send-answer" }>["question"]) {
    const { questionId, requestId, answer } = question
    const action = answer.action === "withdrawn" ? "cancel" : answer.action
    await this.#run?.sendAnswer({ requestId, action, ...(answer.content ? { content: answer.content } : {}) })
    await this.#options.executor.execute(sessionId, { type: "question-delivered", questionId }, { actor: runner })
  }
}

const runner: Actor = { kind: "system", id: "runner", via: "runner" }
const recovery: Actor = { kind: "system", id: "runner", via: "recovery" }

async function endUnwanted(link: AgentLink) {
  await link.stop()
  link.release()
}

function exitCommand(exit: Omit<SessionEventData<"agent.exited">, "restartAt">, { settings }: AegisParts) {
  return { type: "agent-exited", exit, restart: settings.agentRestart } as const
}

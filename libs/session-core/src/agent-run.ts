import type {
  AgentFact,
  AgentFrame,
  AgentLink,
  Dialogue,
  OutboundFrame,
  ReadyFact,
  StartFailedFact,
} from "@aegis/acp-runtime"
import type { AegisParts } from "./aegis-parts.ts"
import { optionsOf, optionWishes } from "./agent-options.ts"
import type { CommandExecutor } from "./command-executor.ts"
import type { Actor, SessionEventData } from "./events.ts"
import { judgePermission } from "./judge-permission.ts"
import type { JudgedFact } from "./judged-fact.ts"
import { isCode, isLogRefusal } from "./log-refusal.ts"
import { sessionFold } from "./session-models.ts"
import type { SessionState } from "./session-state.ts"

export interface AgentRunOptions {
  readonly parts: AegisParts
  readonly executor: CommandExecutor
  readonly state: SessionState
  readonly link: AgentLink
  readonly actor: Actor
  /** How far its output is in the log already: 0 for one that was just started. */
  readonly offset: number
  /** What the handshake needs; absent for one whose handshake is over. */
  readonly launch:
    | { readonly mode?: string | undefined; readonly sessionMeta?: Readonly<Record<string, unknown>> | undefined }
    | undefined
  /** From when on a full disk is not waited for. */
  readonly signal: AbortSignal
}

/** What may be read without any of it being told, before that is written down. */
const QUIET_BYTES = 1024 * 1024

/** One process of a session's agent, from its first frame to its last, or from where an earlier server left it. */
export class AgentRun {
  readonly runId: string
  /** Resolves when the process is gone, all it said is in the log, and its end is too; or when it was left alone. */
  readonly ended: Promise<void>
  readonly #options: AgentRunOptions
  #dialogue: Dialogue
  #failure: { readonly code: string; readonly message: string } | undefined
  #stopping = false
  /** Its output up to here is in the log. */
  #offset: number
  /** What is to be told of the way to the process, in its order. */
  #telling: Promise<unknown> = Promise.resolve()
  readonly #leaving = new AbortController()
  readonly #hurry: AbortSignal
  /** Run out when the agent has been silent: long enough to be done with what nobody asked for, and for too long. */
  #quiet: NodeJS.Timeout | undefined
  #silence: NodeJS.Timeout | undefined
  #timers = new Set<NodeJS.Timeout>()

  constructor(options: AgentRunOptions) {
    const { parts, link, state, launch, offset, signal } = options
    this.#options = options
    this.#offset = offset
    this.#hurry = AbortSignal.any([signal, this.#leaving.signal])
    this.runId = link.runId
    const about = {
      runId: link.runId,
      cwd: state.workDir,
      clientVersion: parts.settings.version,
      ...(launch?.mode === undefined ? {} : { mode: launch.mode }),
      optionValues: optionWishes(optionsOf(state)),
      ...sourceOf(state),
      ...(launch?.sessionMeta === undefined ? {} : { sessionMeta: launch.sessionMeta }),
    }
    const ready = state.run?.runId === link.runId ? state.run.ready : undefined
    const openRequests = openRequestsOf(state, link.runId)
    const { dialogue, frames } = ready
      ? { dialogue: parts.wire.resumeDialogue(about, toReadyFact(ready), { openRequests }), frames: [] }
      : parts.wire.startDialogue(about)
    this.#dialogue = dialogue
    // What the log refuses for good is told by the next start.
    link.watch((isLinked) => void this.#tellLink(isLinked).catch(() => undefined))
    this.ended = this.#follow(frames)
  }

  /** Ends the process and what it left behind; resolves when that is in the log. */
  async stop() {
    await this.endProcess()
    await this.ended
  }

  async endProcess() {
    this.#stopping = true
    await this.#options.link.stop()
  }

  /** Leaves the process to whoever comes next; resolves when what was read of it is in the log. */
  async leave() {
    this.#leaving.abort()
    await this.ended
  }

  async sendPrompt(prompt: Parameters<AegisParts["wire"]["promptFrame"]>[1]) {
    await this.#options.link.send(this.#wire.promptFrame(this.#dialogue, prompt))
    this.#heard()
  }

  /** Asks the turn to end; an agent that does not within the grace is stopped (spec/sessions.md, Turns). */
  async sendCancel(turnId: string) {
    const { link, parts } = this.#options
    await link.send(this.#wire.cancelFrame(this.#dialogue, { turnId }))
    this.#heard()
    this.#after(parts.settings.interruptGraceMs, async () => {
      const { state } = await parts.log.fold(sessionFold, this.#options.state.sessionId)
      if (state?.turn?.turnId === turnId) await this.stop()
    })
  }

  async sendDecision(reply: Parameters<AegisParts["wire"]["permissionReply"]>[1]) {
    await this.#options.link.send(this.#wire.permissionReply(this.#dialogue, reply))
    this.#heard()
    this.#dialogue = this.#wire.answered(this.#dialogue, reply.requestId)
  }

  async sendAnswer(reply: Parameters<AegisParts["wire"]["questionReply"]>[1]) {
    await this.#options.link.send(this.#wire.questionReply(this.#dialogue, reply))
    this.#heard()
    this.#dialogue = this.#wire.answered(this.#dialogue, reply.requestId)
  }

  get #wire() {
    return this.#options.parts.wire
  }

  async #follow(handshake: readonly OutboundFrame[]) {
    const { link, parts } = this.#options
    this.#after(parts.settings.startTimeoutMs, async () => {
      if (this.#dialogue.step !== "ready")
        await this.#fail("agent-start-timeout", `The agent was not ready within ${parts.settings.startTimeoutMs} ms.`)
    })
    try {
      if (link.isLinked) await this.#tellLink(true)
      await this.#send(handshake)
      // A handshake that was cut is gone through once more from its first frame: its answers are not in the log.
      const after = this.#dialogue.step === "ready" ? this.#offset : 0
      for await (const frames of link.frames({ after, signal: this.#leaving.signal })) await this.#ingest(frames)
    } catch (error) {
      // What the log refuses waits where it is for the next server. What it cannot hold must not go on: the agent ends.
      if (isLogRefusal(error)) this.#leaving.abort()
      else await this.#fail("ingest-failed", error instanceof Error ? error.message : String(error))
    }
    const exit = this.#leaving.signal.aborted ? undefined : await link.exited
    for (const timer of this.#timers) clearTimeout(timer)
    clearTimeout(this.#quiet)
    clearTimeout(this.#silence)
    if (!exit) return
    await this.#recordExit(exit)
    link.release()
  }

  /** Nothing where the log says so already. */
  #tellLink(isLinked: boolean) {
    const { executor, state } = this.#options
    const command = { type: isLinked ? "agent-attached" : "agent-detached", runId: this.runId } as const
    const told = this.#telling.then(() =>
      executor.insist(state.sessionId, command, { actor: runner, signal: this.#hurry }),
    )
    this.#telling = told.catch(() => undefined)
    if (isLinked) this.#heard()
    return told
  }

  /** The watchdog of a turn is silence, not length (spec/sessions.md, Turns). */
  #heard() {
    const { stallThresholdMs, quietMs } = this.#options.parts.settings
    this.#quiet ??= setTimeout(() => void this.#tellQuiet().catch(() => undefined), quietMs)
    this.#silence ??= setTimeout(() => void this.#tellSilence().catch(() => undefined), stallThresholdMs)
    this.#quiet.refresh()
    this.#silence.refresh()
  }

  async #tellQuiet() {
    const { executor, state, actor } = this.#options
    await executor.insist(state.sessionId, { type: "quiet" }, { actor, signal: this.#hurry })
  }

  async #tellSilence() {
    const { parts, executor, state } = this.#options
    const { stallThresholdMs: sinceMs, stallAction } = parts.settings
    const { turn } = (await parts.log.fold(sessionFold, state.sessionId)).state ?? {}
    if (!turn) return
    const actor: Actor = { kind: "system", id: "watchdog", via: "runner" }
    const told = await executor.execute(state.sessionId, { type: "stalled", turnId: turn.turnId, sinceMs }, { actor })
    const reason = `The agent was silent for ${sinceMs / 1000} s.`
    if (told.length > 0 && stallAction === "interrupt")
      await executor.execute(state.sessionId, { type: "interrupt", reason }, { actor })
  }

  async #ingest(frames: readonly AgentFrame[]) {
    const { link, executor, state, actor } = this.#options
    this.#heard()
    const { facts, replies } = this.#read(frames)
    // Before the log says that these frames are done with: a reply that is sent again is written once.
    await this.#reply(replies)
    const judged = await Promise.all(facts.map((fact) => this.#judge(fact)))
    const end = frames.at(-1)?.end ?? 0
    const hasGap = frames[0]?.isAfterGap === true
    if (judged.length > 0 || hasGap || end - this.#offset >= QUIET_BYTES) {
      const offsets = [{ name: offsetName(this.runId), position: end }]
      const turnId = this.#options.parts.newId()
      const command = { type: "ingest", runId: this.runId, facts: judged, hasGap, turnId } as const
      await executor.insist(state.sessionId, command, { actor, offsets, signal: this.#hurry })
      this.#offset = end
    }
    // Until the agent is ready its frames are kept: who reads them again after a crash repeats the handshake.
    if (this.#dialogue.step === "ready") link.acknowledge(this.#offset)
    const failed = facts.find((fact) => fact.type === "start-failed")
    if (failed) await this.#startFailed(failed)
  }

  #read(frames: readonly AgentFrame[]) {
    const facts: AgentFact[] = []
    const replies: OutboundFrame[] = []
    for (const { text, end } of frames) {
      const step = this.#wire.advance(this.#dialogue, this.#wire.readMessage(text))
      this.#dialogue = step.dialogue
      if (end > this.#offset) facts.push(...step.facts)
      replies.push(...step.frames)
    }
    return { facts, replies }
  }

  async #judge(fact: AgentFact): Promise<JudgedFact> {
    const { parts, state } = this.#options
    if (fact.type === "question") return { ...fact, questionId: parts.newId() }
    if (fact.type !== "permission") return fact
    // As it is now: what it remembers, and its own policy, are not what they were when the agent began.
    const { state: now } = await parts.log.fold(sessionFold, state.sessionId)
    return judgePermission(parts, now ?? state, fact)
  }

  async #reply(frames: readonly OutboundFrame[]) {
    try {
      await this.#send(frames)
    } catch (error) {
      // To an agent that is gone: its end is told by itself.
      if (!isCode(error, "agent-exited")) throw error
    }
  }

  async #send(frames: readonly OutboundFrame[]) {
    for (const frame of frames) await this.#options.link.send(frame)
  }

  #startFailed({ code, message }: StartFailedFact) {
    return this.#fail(code, message)
  }

  async #fail(code: string, message: string) {
    this.#failure ??= { code, message }
    await this.#options.link.stop()
  }

  async #recordExit({ code, signal, stderrTail, reason }: Awaited<AgentLink["exited"]>) {
    const { executor, state, actor, parts } = this.#options
    const wasReady = this.#dialogue.step === "ready"
    const cause = this.#stopping ? "stopped" : isLost({ code, signal }) ? "lost" : wasReady ? "crashed" : "failed"
    const ended = reason ?? (signal ? `signal ${signal}` : `code ${code}`)
    const error =
      this.#failure ??
      (cause === "failed"
        ? { code: "agent-start-failed", message: `The agent ended before it was ready (${ended}).` }
        : undefined)
    const exit = { runId: this.runId, code, signal, stderrTail, cause, ...(error ? { error } : {}) } as const
    await executor.insist(
      state.sessionId,
      { type: "agent-exited", exit, restart: parts.settings.agentRestart },
      { actor, signal: this.#hurry },
    )
  }

  #after(milliseconds: number, action: () => Promise<void>) {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      // The process may have ended at the same moment: then there is nothing left to stop.
      action().catch(() => undefined)
    }, milliseconds)
    this.#timers.add(timer)
  }
}

/** What it goes on from: its own session, or, before it has done anything, the one that it was forked from. */
function sourceOf({ agentSessionId, hasWorked, forkedFrom }: SessionState) {
  if (agentSessionId !== undefined && hasWorked) return { resume: { agentSessionId } }
  return forkedFrom ? { fork: { agentSessionId: forkedFrom.agentSessionId } } : {}
}

const runner: Actor = { kind: "system", id: "runner", via: "runner" }

/** The name under which the log keeps how far a run's output was read. */
export function offsetName(runId: string) {
  return `agent:${runId}`
}

// A process ends with a code or by a signal; one that has neither went with its host.
function isLost({ code, signal }: { readonly code: number | null; readonly signal: string | null }) {
  return code === null && signal === null
}

function openRequestsOf({ approvals, questions }: SessionState, runId: string) {
  return [
    ...approvals.map((approval) => ({ ...approval, type: "permission" as const })),
    ...questions.map((question) => ({ ...question, type: "question" as const })),
  ].flatMap(({ type, requestId, ...asked }) => (asked.runId === runId ? [{ id: requestId, type }] : []))
}

/** What an agent has told of itself: the event is the fact, with the run's name. */
export function toReadyFact({ runId: _runId, ...ready }: SessionEventData<"session.ready">) {
  return { type: "ready", ...ready } as ReadyFact
}

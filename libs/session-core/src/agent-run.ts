import type { AgentFact, AgentFrame, AgentLink, Dialogue, OutboundFrame, StartFailedFact } from "@aegis/acp-runtime"
import canonicalize from "canonicalize"
import type { AegisParts } from "./aegis-parts.ts"
import type { CommandExecutor } from "./command-executor.ts"
import type { Actor } from "./events.ts"
import type { JudgedFact } from "./judged-fact.ts"
import { sessionFold } from "./session-models.ts"
import type { SessionState } from "./session-state.ts"

/** One process of a session's agent, from its first frame to its last. */
export interface AgentRunOptions {
  readonly parts: AegisParts
  readonly executor: CommandExecutor
  readonly state: SessionState
  readonly link: AgentLink
  readonly actor: Actor
  readonly launch: {
    readonly mode: string | undefined
    readonly sessionMeta: Readonly<Record<string, unknown>> | undefined
  }
}

export class AgentRun {
  readonly runId: string
  /** Resolves when the process is gone, all it said is in the log, and its end is too. */
  readonly ended: Promise<void>
  readonly #options: AgentRunOptions
  #dialogue: Dialogue
  #failure: { readonly code: string; readonly message: string } | undefined
  #stopping = false
  #timers = new Set<NodeJS.Timeout>()

  constructor(options: AgentRunOptions) {
    const { parts, link, state, launch } = options
    this.#options = options
    this.runId = link.runId
    const { dialogue, frames } = parts.wire.startDialogue({
      runId: link.runId,
      cwd: state.workDir,
      clientVersion: parts.settings.version,
      ...(launch.mode === undefined ? {} : { mode: launch.mode }),
      ...(state.model === undefined ? {} : { model: state.model }),
      ...(state.agentSessionId === undefined ? {} : { resume: { agentSessionId: state.agentSessionId } }),
      ...(launch.sessionMeta === undefined ? {} : { sessionMeta: launch.sessionMeta }),
    })
    this.#dialogue = dialogue
    this.ended = this.#follow(frames)
  }

  /** Ends the process and what it left behind; resolves when that is in the log. */
  async stop() {
    this.#stopping = true
    await this.#options.link.stop()
    await this.ended
  }

  async sendPrompt(prompt: Parameters<AegisParts["wire"]["promptFrame"]>[1]) {
    await this.#options.link.send(this.#wire.promptFrame(this.#dialogue, prompt))
  }

  /** Asks the turn to end; an agent that does not within the grace is stopped (spec/sessions.md, Turns). */
  async sendCancel(turnId: string) {
    const { link, parts } = this.#options
    await link.send(this.#wire.cancelFrame(this.#dialogue, { turnId }))
    this.#after(parts.settings.interruptGraceMs, async () => {
      const { state } = await parts.log.fold(sessionFold, this.#options.state.sessionId)
      if (state?.turn?.turnId === turnId) await this.stop()
    })
  }

  async sendDecision(reply: Parameters<AegisParts["wire"]["permissionReply"]>[1]) {
    await this.#options.link.send(this.#wire.permissionReply(this.#dialogue, reply))
    this.#dialogue = this.#wire.answered(this.#dialogue, reply.requestId)
  }

  async sendAnswer(reply: Parameters<AegisParts["wire"]["questionReply"]>[1]) {
    await this.#options.link.send(this.#wire.questionReply(this.#dialogue, reply))
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
      await this.#send(handshake)
      for await (const frames of link.frames({ after: 0 })) await this.#ingest(frames)
    } catch (error) {
      // What cannot be written down must not go on: the agent ends, and the log's own failure is told by the next write.
      await this.#fail("ingest-failed", error instanceof Error ? error.message : String(error))
    }
    const exit = await link.exited
    for (const timer of this.#timers) clearTimeout(timer)
    await this.#recordExit(exit)
  }

  async #ingest(frames: readonly AgentFrame[]) {
    const { link, executor, state, actor } = this.#options
    const { facts, replies } = this.#read(frames)
    const judged = await Promise.all(facts.map((fact) => this.#judge(fact)))
    const end = frames.at(-1)?.end ?? 0
    // Until the agent is ready its frames stay: who reads them again after a crash repeats the handshake from the first.
    const isReady = this.#dialogue.step === "ready"
    const offsets = isReady ? [{ name: `agent:${this.runId}`, position: end }] : []
    if (judged.length > 0)
      await executor.execute(state.sessionId, { type: "ingest", runId: this.runId, facts: judged }, { actor, offsets })
    if (isReady) link.acknowledge(end)
    await this.#send(replies)
    const failed = facts.find((fact) => fact.type === "start-failed")
    if (failed) await this.#startFailed(failed)
  }

  #read(frames: readonly AgentFrame[]) {
    const facts: AgentFact[] = []
    const replies: OutboundFrame[] = []
    for (const { text } of frames) {
      const step = this.#wire.advance(this.#dialogue, this.#wire.readMessage(text))
      this.#dialogue = step.dialogue
      facts.push(...step.facts)
      replies.push(...step.frames)
    }
    return { facts, replies }
  }

  async #judge(fact: AgentFact): Promise<JudgedFact> {
    const { parts, state } = this.#options
    if (fact.type === "question") return { ...fact, questionId: parts.newId() }
    if (fact.type !== "permission") return fact
    const digest = parts.sha256(canonicalize(fact.toolCall) ?? "")
    const judgement = await parts.judge({ tool: fact.toolCall, mode: state.permissionMode, workDir: state.workDir })
    return { ...fact, approvalId: parts.newId(), digest, judgement }
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
    const cause = this.#stopping ? "stopped" : wasReady ? "crashed" : "failed"
    const ended = reason ?? (signal ? `signal ${signal}` : `code ${code}`)
    const error =
      this.#failure ??
      (cause === "failed"
        ? { code: "agent-start-failed", message: `The agent ended before it was ready (${ended}).` }
        : undefined)
    const exit = { runId: this.runId, code, signal, stderrTail, cause, ...(error ? { error } : {}) } as const
    await executor.execute(
      state.sessionId,
      { type: "agent-exited", exit, maxCrashes: parts.settings.maxCrashes },
      { actor },
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

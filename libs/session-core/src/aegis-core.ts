import type { ToolCall } from "@aegis/acp-runtime"
import type { ReadOptions } from "@aegis/event-log"
import type { Policy } from "@aegis/policy"
import { z } from "zod"
import type {
  Aegis,
  AnswerInput,
  Approval,
  ApprovalPageQuery,
  ApprovalsQuery,
  BudgetExtension,
  CommandInput,
  CreateSessionInput,
  DetailsWish,
  ForkWish,
  JudgedRequestsQuery,
  KillQuery,
  ModeWish,
  OptionsWish,
  PermissionsWish,
  SendInput,
  VoteInput,
} from "./aegis.ts"
import type { AegisParts, CompletionWish } from "./aegis-parts.ts"
import { readTraffic } from "./agent-traffic.ts"
import { ApprovalReader } from "./approval-reader.ts"
import type { Caller } from "./caller.ts"
import type { SetPermissions } from "./command.ts"
import type { CommandBody, CommandExecutor, ExecuteOptions } from "./command-executor.ts"
import { askingRule } from "./decide-approval.ts"
import { chosenQuestion } from "./decide-question.ts"
import { DriverSeat } from "./driver-seat.ts"
import { KEPT } from "./emergency.ts"
import { refuseEnded } from "./end-turns.ts"
import type { Actor, BoundFile, SessionEvent, SessionEventData } from "./events.ts"
import { withoutUndefined } from "./evolve.ts"
import { livingStatuses } from "./find-parent.ts"
import type { DiffWish } from "./folder-diff.ts"
import { judgePermission } from "./judge-permission.ts"
import type { JudgedPermission } from "./judged-fact.ts"
import { judgedRequests } from "./judged-requests.ts"
import { KeyRing } from "./key-ring.ts"
import { MemoryBook } from "./memory-book.ts"
import { MetricsBook } from "./metrics-book.ts"
import { ModeSetter } from "./mode-setter.ts"
import { OptionSetter } from "./option-setter.ts"
import { type OwnerQuery, ownedBy, type PageQuery } from "./owner-query.ts"
import { PipelineBook } from "./pipeline-book.ts"
import { PipelineRunner } from "./pipeline-runner.ts"
import type { PolicyBook } from "./policy-book.ts"
import { Prompts, textContent } from "./prompts.ts"
import { readTranscriptPage, readWholeTranscript, type TranscriptPageQuery, transcriptUpTo } from "./read-transcript.ts"
import { refuseObserved } from "./refuse-observed.ts"
import { refuseOtherFolder } from "./refuse-other-folder.ts"
import { refuseUnknown } from "./refuse-unknown.ts"
import { RoutineBook } from "./routine-book.ts"
import { RoutineRunner } from "./routine-runner.ts"
import { RunStarter } from "./run-starter.ts"
import type { Runner } from "./runner.ts"
import { toSession } from "./session.ts"
import { SessionEnder } from "./session-ender.ts"
import { SessionError } from "./session-error.ts"
import { SessionForker } from "./session-forker.ts"
import { toHealth } from "./session-health.ts"
import { type ListSessionsQuery, SessionLists } from "./session-lists.ts"
import { SessionMaker } from "./session-maker.ts"
import { toMetrics } from "./session-metrics.ts"
import { sessionFold, sessionsTable } from "./session-models.ts"
import { isEnded, openApprovals, type PendingApproval } from "./session-state.ts"
import { summarize } from "./session-summary.ts"
import { stateOf } from "./state-of.ts"
import type { AccessChange } from "./system-change.ts"
import { type HookInput, takeHook } from "./take-hook.ts"
import { TemplateBook } from "./template-book.ts"
import { WorkFollower } from "./work-follower.ts"

export interface AegisCoreParts {
  readonly executor: CommandExecutor
  readonly runner: Runner
  readonly policies: PolicyBook
}

/** What every door calls, over the log and the runner. */
export class AegisCore implements Aegis {
  readonly keys: KeyRing
  readonly policies: PolicyBook
  readonly memory: MemoryBook
  readonly metrics: MetricsBook
  readonly templates: TemplateBook
  readonly pipelines: PipelineBook
  readonly routines: RoutineBook
  readonly drivers: DriverSeat
  readonly #parts: AegisParts
  readonly #executor: CommandExecutor
  readonly #runner: Runner
  readonly #approvals: ApprovalReader
  readonly #prompts: Prompts
  readonly #maker: SessionMaker
  readonly #ender: SessionEnder
  readonly #modes: ModeSetter
  readonly #agentOptions: OptionSetter
  readonly #forker: SessionForker
  readonly #lists: SessionLists
  readonly #work: WorkFollower

  constructor(parts: AegisParts, { executor, runner, policies }: AegisCoreParts) {
    this.keys = new KeyRing(parts, executor)
    this.policies = policies
    this.memory = new MemoryBook(parts, executor)
    this.metrics = new MetricsBook(parts)
    this.templates = new TemplateBook(parts, executor)
    this.#parts = parts
    this.#executor = executor
    this.#runner = runner
    this.#approvals = new ApprovalReader(parts.log)
    this.#lists = new SessionLists(parts)
    this.#prompts = new Prompts(parts, executor, runner)
    const look = (sessionId: string) => this.getSession(sessionId)
    this.#modes = new ModeSetter(parts, { executor, runner, look })
    this.drivers = new DriverSeat(parts, executor)
    this.#agentOptions = new OptionSetter(parts, { executor, runner })
    this.#maker = new SessionMaker(parts, { executor, prompts: this.#prompts, modes: this.#modes, look })
    this.#forker = new SessionForker(parts, this.#maker)
    const making = { executor, maker: this.#maker }
    this.pipelines = new PipelineBook(parts, making)
    const starter = new RunStarter(parts, this.#maker)
    this.routines = new RoutineBook(parts, { ...making, starter })
    this.#work = new WorkFollower(parts.log, [
      new PipelineRunner(parts, making),
      new RoutineRunner(parts, { executor, starter }),
    ])
    this.#ender = new SessionEnder(parts, { executor, runner, look })
  }

  /** Goes on with what an earlier life left of pipelines and routines. */
  async startWork() {
    await this.#work.start()
  }

  async createSession(caller: Caller, input: CreateSessionInput) {
    return (await this.beginSession(caller, input)).answer()
  }

  beginSession(caller: Caller, input: CreateSessionInput) {
    return this.#maker.begin(caller, input)
  }

  checkSession(input: CreateSessionInput) {
    return this.#maker.check(input)
  }

  createTogether(caller: Caller, inputs: readonly CreateSessionInput[]) {
    return this.#maker.makeTogether(caller, inputs)
  }

  async takeKey({ idempotency }: Caller) {
    if (idempotency) await this.#executor.takeKey(idempotency)
  }

  async getSession(sessionId: string) {
    return (await this.#look(sessionId)).session
  }

  async getHealth(sessionId: string) {
    const { session, state } = await this.#look(sessionId)
    return toHealth(session, state)
  }

  async listHealth({ after, limit, ...owner }: OwnerQuery & PageQuery) {
    const where = {
      ...ownedBy(owner),
      status: { in: livingStatuses },
      ...(after === undefined ? {} : { createdSeq: { lt: after } }),
    }
    const order = [["createdSeq", "desc"]] as const
    const rows = await this.#parts.log.rows(sessionsTable, { where, order, limit: limit + 1 })
    const page = rows.slice(0, limit)
    const looked = await Promise.all(page.map(({ sessionId }) => this.#look(sessionId)))
    const items = looked.map(({ session, state }) => ({ session, health: toHealth(session, state) }))
    const last = page.at(-1)
    return { items, ...(rows.length > limit && last ? { next: last.createdSeq } : {}) }
  }

  async getMetrics(sessionId: string) {
    const { session, state } = await this.#look(sessionId)
    return toMetrics(session, state, await this.metrics.counters(sessionId))
  }

  async summarize(sessionId: string) {
    const { session, state } = await this.#look(sessionId)
    const metrics = toMetrics(session, state, await this.metrics.counters(sessionId))
    return summarize({ ...this.#parts, metrics: this.metrics }, { session, metrics })
  }

  async listCommands(sessionId: string) {
    await this.#stateOf(sessionId)
    const types = ["commands.updated"]
    const [last] = await this.readEvents({ stream: sessionId, types, direction: "backward", limit: 1 })
    return last?.event.type === "commands.updated" ? last.event.data.commands : []
  }

  async ownerOf(sessionId: string) {
    const { owner, parentId } = await this.#stateOf(sessionId)
    return { ...owner, ...withoutUndefined({ parentId }) }
  }

  async livingRun(sessionId: string) {
    const { state } = await this.#parts.log.fold(sessionFold, sessionId)
    if (state?.run === undefined || isEnded(state)) return undefined
    return { runId: state.run.runId, owner: state.owner }
  }

  listSessions(query: ListSessionsQuery) {
    return this.#lists.list(query)
  }

  swarm(owner: OwnerQuery, page: PageQuery) {
    return this.#lists.swarm(owner, page)
  }

  async send(caller: Caller, sessionId: string, input: SendInput) {
    return (await this.#prompts.send(caller, sessionId, input))()
  }

  async sendCommand(caller: Caller, sessionId: string, { command, whenBusy, fence }: CommandInput) {
    const line = command.replace(/^\//, "")
    const isRepeated = caller.idempotency && (await this.#executor.earlier(caller.idempotency))
    if (!isRepeated) refuseUnknown(line, await this.listCommands(sessionId))
    return this.send(caller, sessionId, { content: textContent(`/${line}`), whenBusy, fence })
  }

  async vote({ actor, owner, role, idempotency }: Caller, sessionId: string, vote: VoteInput) {
    try {
      if (vote.choice === "approve") await this.#refuseChanged(sessionId, vote.approvalId)
      const command = { type: "vote", voter: owner.userId, role, ...vote } as const
      const { events, isKept } = await this.#vote(sessionId, command, { actor, idempotency })
      if (isKept) return await this.#rejectedNow(sessionId, events)
      const voted = events.find((event) => event.type === "approval.voted")
      return await this.#approvals.get(voted?.data.approvalId ?? vote.approvalId ?? (await this.#onlyOpen(sessionId)))
    } catch (error) {
      return this.#votedBefore(error, sessionId, vote)
    }
  }

  async answer({ actor, idempotency }: Caller, sessionId: string, { action, questionId, content, fence }: AnswerInput) {
    if (idempotency && (await this.#executor.earlier(idempotency))) return
    if (action === "accept") await this.#checkContent(sessionId, questionId, content)
    const command = { type: "answer", action, questionId, content, fence } as const
    await this.#executor.execute(sessionId, command, { actor, idempotency })
  }

  async interrupt({ actor, idempotency }: Caller, sessionId: string, reason = "Interrupted.") {
    await this.#executor.execute(sessionId, { type: "interrupt", reason }, { actor, idempotency })
  }

  async escape({ actor, idempotency }: Caller, sessionId: string, reason = "Escaped.") {
    await this.#executor.execute(sessionId, { type: "escape", reason }, { actor, idempotency })
  }

  async pause({ actor, idempotency }: Caller, sessionId: string, reason = "Paused.") {
    await this.#executor.execute(sessionId, { type: "pause", reason }, { actor, idempotency })
    return this.getSession(sessionId)
  }

  async resume({ actor, idempotency }: Caller, sessionId: string, reason = "Resumed.") {
    await this.#executor.execute(sessionId, { type: "resume", reason }, { actor, idempotency })
    return this.getSession(sessionId)
  }

  async extendBudget({ actor, idempotency }: Caller, sessionId: string, extension: BudgetExtension) {
    const { usd = 0, tokens = 0, reason = "Extended.", account, isForAll = false } = extension
    const cost = Math.round(usd * 1_000_000)
    const command = { type: "extend-budget", account, cost, tokens, isForAll, reason } as const
    await this.#executor.execute(sessionId, command, { actor, idempotency })
    return this.getSession(sessionId)
  }

  async updateSession({ actor, idempotency }: Caller, sessionId: string, wish: DetailsWish) {
    const { name, labels, ifVersion, mayRelabel } = wish
    const { permissions } = await this.#stateOf(sessionId)
    const { current } = await this.policies.inForce()
    const ruled = labelsOf(current?.document, permissions?.policy?.document)
    const command = { type: "update-session", name, labels, ruled, mayRelabel, ifVersion } as const
    await this.#executor.execute(sessionId, command, { actor, idempotency })
    if (labels !== undefined) await this.#runner.renew(sessionId)
    return this.getSession(sessionId)
  }

  setMode(caller: Caller, sessionId: string, wish: ModeWish) {
    return this.#modes.set(caller, sessionId, wish)
  }

  async setOptions(caller: Caller, sessionId: string, wish: OptionsWish) {
    await this.#agentOptions.set(caller, sessionId, wish)
    return this.getSession(sessionId)
  }

  forkSession(caller: Caller, sessionId: string, wish: ForkWish) {
    return this.#forker.fork(caller, sessionId, wish)
  }

  completeWorkDir(wish: CompletionWish) {
    return this.#parts.completeWorkDir(wish)
  }

  async checkLiving(sessionId: string) {
    const refusal = refuseEnded(await this.#stateOf(sessionId))
    if (refusal) throw refusal
  }

  async noteScreenshot({ actor }: Caller, sessionId: string, screenshot: SessionEventData<"screenshot.taken">) {
    await this.#executor.execute(sessionId, { type: "note-screenshot", screenshot }, { actor })
  }

  getOptions(sessionId: string) {
    return this.#agentOptions.get(sessionId)
  }

  async getPermissions(sessionId: string) {
    return (await this.#stateOf(sessionId)).permissions ?? { version: 0 }
  }

  async setPermissions({ actor, idempotency }: Caller, sessionId: string, wish: PermissionsWish) {
    const { policy, remembered, ifVersion } = wish
    const command = { type: "set-permissions", policy, remembered, ifVersion } as const
    await this.#setPermissions(sessionId, command, { actor, idempotency })
    return this.getPermissions(sessionId)
  }

  async restart({ actor, idempotency }: Caller, sessionId: string, reason = "Restarted.") {
    await this.#executor.execute(sessionId, { type: "restart", reason }, { actor, idempotency })
    return this.getSession(sessionId)
  }

  kill(caller: Caller, sessionId: string, reason?: string) {
    return this.#ender.kill(caller, sessionId, reason)
  }

  killAll(caller: Caller, sessionIds: readonly string[]) {
    return this.#ender.killAll(caller, sessionIds)
  }

  killMatching(caller: Caller, query: KillQuery) {
    return this.#ender.killMatching(caller, query)
  }

  async stopAll({ actor, idempotency }: Caller, reason = "Everything was stopped.") {
    const { isKept } = await this.#executor.stopOrKeep(reason, { actor, idempotency })
    await this.#runner.halt()
    const stop = await this.#executor.stop()
    // Lifted in the same moment: this wish was carried out before.
    return { at: this.#parts.now().toISOString(), by: actor, reason, ...stop, ...(isKept ? KEPT : {}) }
  }

  async liftStopAll({ actor, idempotency }: Caller, reason = "Work goes on.") {
    // Whoever was running when it was said is stopped, however soon it is lifted.
    await this.#runner.halted
    await this.#executor.executeSystem({ type: "lift-stop-all", reason }, { actor, idempotency })
  }

  currentStop() {
    return this.#executor.stop()
  }

  async tellAccess(actor: Actor, change: AccessChange) {
    await this.#executor.executeSystem({ type: "tell-access", change }, { actor })
  }

  receiveHook(owner: Caller["owner"], hook: HookInput) {
    return takeHook({ parts: this.#parts, executor: this.#executor }, owner, hook)
  }

  listAgents() {
    return this.#parts.listAgents()
  }

  listApprovals(query: ApprovalsQuery) {
    return this.#approvals.list(query)
  }

  pageApprovals(query: ApprovalPageQuery) {
    return this.#approvals.page(query)
  }

  getApproval(approvalId: string) {
    return this.#approvals.get(approvalId)
  }

  judgedRequests(query: JudgedRequestsQuery) {
    return judgedRequests(this.#parts, query)
  }

  readTranscript(sessionId: string, query: TranscriptPageQuery) {
    return readTranscriptPage(this.#parts.log, sessionId, query)
  }

  readMessages(sessionId: string, query: { readonly offset: number; readonly limit: number }) {
    return readWholeTranscript(this.#parts.log, sessionId, query)
  }

  readTraffic(sessionId: string) {
    return readTraffic(this.#parts, sessionId)
  }

  readEvents(options: ReadOptions) {
    return this.#parts.log.read(options)
  }

  head() {
    return this.#parts.log.head()
  }

  async getDiff(sessionId: string, wish: Pick<DiffWish, "path" | "signal"> = {}) {
    const { workDir, baseCommit: base } = await this.#stateOf(sessionId)
    await refuseOtherFolder(this.#parts, workDir)
    const diff = await this.#parts.diffFolder({ ...wish, workDir, base })
    if ("code" in diff) throw new SessionError(diff.code, diff.reason)
    return diff
  }

  transcriptUpTo(sessionId: string, seq: number) {
    return transcriptUpTo(this.#parts.log, sessionId, seq)
  }

  streamHead(sessionId: string) {
    return this.#parts.log.streamHead(sessionId)
  }

  async isOver(sessionId: string, seq: number) {
    const { state, head } = await this.#parts.log.fold(sessionFold, sessionId)
    return state !== undefined && isEnded(state) && state.run === undefined && (head?.seq ?? 0) <= seq
  }

  describeStorage() {
    return this.#parts.log.describe()
  }

  tail({ sessionId, ...options }: Parameters<Aegis["tail"]>[0]) {
    return this.#parts.log.tail({ ...options, ...(sessionId === undefined ? {} : { stream: sessionId }) })
  }

  async close(options?: { readonly keepAgents?: boolean }) {
    await this.#work.close()
    return this.#runner.close(options)
  }

  // Children have their parent's rules. Said again where it was cut short, it changes nothing of those that have them.
  async #setPermissions(sessionId: string, command: SetPermissions, options: ExecuteOptions) {
    await this.#executor.execute(sessionId, command, options)
    await this.#runner.renew(sessionId)
    const { type, policy } = command
    const children =
      policy === undefined ? [] : await this.#parts.log.rows(sessionsTable, { where: { parentId: sessionId } })
    const passedOn = { type, policy, remembered: undefined, ifVersion: undefined }
    for (const { sessionId: child, status } of children)
      if (!over.has(status)) await this.#setPermissions(child, passedOn, { actor: options.actor })
  }

  async #look(sessionId: string) {
    const { log } = this.#parts
    const { state, head } = await log.fold(sessionFold, sessionId)
    const [row] = await log.rows(sessionsTable, { where: { sessionId } })
    if (!state || !head || !row) throw new SessionError("session-not-found", `There is no session ${sessionId}.`)
    const [stop, excess] = [await this.#executor.stop(), await this.#executor.excess(state)]
    return { session: toSession(state, { head, row, stop, excess, now: this.#parts.now().toISOString() }), state }
  }

  #stateOf(sessionId: string) {
    return stateOf(this.#parts, sessionId)
  }

  // What is approved is what was asked about: not what has taken its place since.
  async #refuseChanged(sessionId: string, approvalId: string | undefined) {
    const state = await this.#stateOf(sessionId)
    const open = openApprovals(state).filter(
      (approval) => approvalId === undefined || approval.approvalId === approvalId,
    )
    const [asked, ...others] = open
    // Where nothing can be approved the vote says why, at once.
    if (!asked || others.length > 0 || (await this.#executor.stop())) return
    const { tool: shown, files } = await this.#approvals.get(asked.approvalId)
    // From JSON, which has nothing undefined.
    const tool = shown as ToolCall
    const { requestId, options } = asked
    const fact = { type: "permission", requestId, options, toolCall: tool } as const
    const permission = await judgePermission(this.#parts, state, fact)
    const changed = differences(files ?? [], permission.files)
    const rule = stricterRule(permission.judgement, asked)
    if (changed.length === 0 && rule === undefined) return
    const command = { type: "ask-anew", approvalId: asked.approvalId, permission } as const
    const events = await this.#executor.execute(sessionId, command, { actor: guard })
    // Somebody was faster, and the vote is told so.
    if (events.length === 0) return
    const what =
      changed.length > 0
        ? `What approval ${asked.approvalId} leads to has changed since it was asked about: ${changed.join(", ")}.`
        : `The rules have changed since approval ${asked.approvalId} was asked about: ${rule} is about it now.`
    throw new SessionError("approval-changed", `${what} Look at approval ${permission.approvalId}.`)
  }

  // A no is possible in any case; a yes needs a log that can be written.
  async #vote(sessionId: string, command: Extract<CommandBody, { readonly type: "vote" }>, options: ExecuteOptions) {
    if (command.choice === "reject") return this.#executor.executeOrKeep(sessionId, command, options)
    return { events: await this.#executor.execute(sessionId, command, options), isKept: false }
  }

  // The agent is told at once; the log is when it can be.
  async #rejectedNow(sessionId: string, events: readonly SessionEvent[]): Promise<Approval> {
    const resolved = events.find((event) => event.type === "approval.resolved")?.data
    const { approvals } = await this.#stateOf(sessionId)
    const pending = approvals.find(({ approvalId }) => approvalId === resolved?.approvalId)
    if (pending && resolved?.outcome) await this.#runner.tellNow(sessionId, { ...pending, outcome: resolved.outcome })
    return { ...(await this.#approvals.get(resolved?.approvalId)), status: "rejected", ...KEPT }
  }

  // Who votes as before is shown what there is.
  async #onlyOpen(sessionId: string) {
    const [only] = openApprovals(await this.#stateOf(sessionId))
    return only?.approvalId
  }

  // The same vote again is answered as the first time; another one is told who decided.
  async #votedBefore(error: unknown, sessionId: string, { approvalId, choice }: VoteInput) {
    if (!SessionError.is(error) || error.code !== "approval-not-found" || approvalId === undefined) throw error
    const decided = await this.#approvals.get(approvalId)
    if (decided.sessionId !== sessionId) throw error
    if (decided.status === (choice === "approve" ? "approved" : "rejected")) return decided
    const { id = "nobody", via = "" } = decided.decidedBy ?? {}
    throw new SessionError(
      "approval-consumed",
      `Approval ${approvalId} was already ${decided.status} by ${id} (${via}) at ${decided.decidedAt}.`,
    )
  }

  async #checkContent(sessionId: string, questionId: string | undefined, content: AnswerInput["content"]) {
    const state = await this.#stateOf(sessionId)
    const question = refuseObserved(state) ?? chosenQuestion(state, questionId)
    if (SessionError.is(question)) throw question
    const { error } = z.fromJSONSchema(question.schema).safeParse(content ?? {})
    if (error)
      throw new SessionError("answer-invalid", `The answer does not fit the question: ${z.prettifyError(error)}`)
  }
}

/** The labels that rules go by. */
function labelsOf(...policies: readonly (Policy | undefined)[]) {
  const rules = policies.flatMap((policy) => policy?.rules ?? [])
  return [...new Set(rules.flatMap(({ match }) => Object.keys(match.labels ?? {})))]
}

/** For good. */
const over: ReadonlySet<string> = new Set(["killed", "completed"])

const guard: Actor = { kind: "system", id: "guard", via: "approval" }

/** The rule that now denies what waits, or wants other people to be asked than it was asked with. */
function stricterRule(judgement: JudgedPermission["judgement"], { askedBy }: PendingApproval) {
  if (judgement.decision === "deny") return judgement.rule
  const rule = askingRule(judgement)
  return rule === askedBy ? undefined : rule
}

/** The names of what is not the same. */
function differences(before: readonly BoundFile[], now: readonly BoundFile[]) {
  const [was, is] = [new Set(before.map(textOf)), new Set(now.map(textOf))]
  const changed = [...before.filter((file) => !is.has(textOf(file))), ...now.filter((file) => !was.has(textOf(file)))]
  return [...new Set(changed.map(({ path }) => path))]
}

function textOf({ path, target, state = "" }: BoundFile) {
  return JSON.stringify([path, target, state])
}

import { type AegisEvent, asKnown, type EventData, type KnownEvent, type ToolCall } from "@aegis/client"
import { dollars, duration } from "../parts/words.ts"

type Approval = EventData["approval.requested"]
type Question = EventData["question.asked"]
type ContentBlock = EventData["message.user"]["content"][number]

/** One thing in a session's stream. `key` is its own in the session. */
export type Entry =
  | { readonly kind: "user"; readonly key: string; readonly at: string; readonly content: readonly ContentBlock[] }
  | { readonly kind: "assistant" | "thinking"; readonly key: string; readonly messageId: string; readonly text: string }
  | { readonly kind: "content"; readonly key: string; readonly content: readonly ContentBlock[] }
  | ToolEntry
  | ApprovalEntry
  | QuestionEntry
  | {
      readonly kind: "notice"
      readonly key: string
      readonly tone: "plain" | "warning" | "error"
      readonly text: string
    }
  | TurnEntry

export interface ToolEntry {
  readonly kind: "tool"
  readonly key: string
  readonly call: ToolCall
  readonly startedAt: string
  readonly endedAt?: string
}

export interface ApprovalEntry {
  readonly kind: "approval"
  readonly key: string
  readonly approval: Approval
  /** Who has voted so far, where it takes several. */
  readonly votes: readonly { readonly voter: string }[]
  readonly requestedAt: string
  readonly decision?: {
    readonly status: "approved" | "rejected" | "withdrawn" | "expired"
    /** Who, and through which door; or the rule. */
    readonly by: string
    readonly reason?: string
  }
}

export interface QuestionEntry {
  readonly kind: "question"
  readonly key: string
  readonly question: Question
  readonly answer?: {
    readonly action: string
    readonly by: string
    readonly content?: Readonly<Record<string, unknown>>
  }
}

export interface TurnEntry {
  readonly kind: "turn"
  readonly key: string
  readonly stopReason?: string
  readonly error?: { readonly code: string; readonly message: string }
  readonly durationMs?: number
}

/** A session as its events tell it. */
export interface SessionView {
  readonly head: SessionHead
  readonly entries: readonly Entry[]
  /** What waits for somebody, oldest first. */
  readonly waiting: readonly (ApprovalEntry | QuestionEntry)[]
  readonly queued: readonly { readonly turnId: string; readonly text: string }[]
}

export interface SessionHead {
  readonly seq: number
  readonly hash: string
  readonly status: NonNullable<AegisEvent["status"]>
  readonly name: string
  readonly workDir: string
  readonly agent: string
  readonly permissionMode: string
  readonly model?: string
  readonly plan: EventData["plan.updated"]["entries"]
  readonly commands: EventData["commands.updated"]["commands"]
  readonly context?: { readonly used: number; readonly size: number }
  /** Millionths of a US dollar. */
  readonly cost: number
  /** No prompt goes out. */
  readonly isPaused: boolean
  /** So many agents run that its own has to wait. */
  readonly waitsFor: number | undefined
  /** A budget has no room for the next prompt, and why. */
  readonly exceeded: { readonly turnId: string; readonly reason: string } | undefined
}

/** Adds up a session's events, one after the other, to what a page shows. An event seen twice counts once. */
export class SessionFold {
  #head: SessionHead = {
    seq: 0,
    hash: "",
    status: "pending",
    name: "",
    workDir: "",
    agent: "",
    permissionMode: "default",
    plan: [],
    commands: [],
    cost: 0,
    isPaused: false,
    waitsFor: undefined,
    exceeded: undefined,
  }
  readonly #entries: Entry[] = []
  readonly #places = new Map<string, number>()
  readonly #queued = new Map<string, string>()

  /** The view now; what has not changed is the same object as before. */
  view(): SessionView {
    return {
      head: this.#head,
      entries: [...this.#entries],
      waiting: this.#entries.filter(isWaiting),
      queued: [...this.#queued].map(([turnId, text]) => ({ turnId, text })),
    }
  }

  add(event: AegisEvent) {
    if (event.seq <= this.#head.seq) return
    this.#head = { ...this.#head, seq: event.seq, hash: event.hash, status: event.status ?? this.#head.status }
    this.#take(asKnown(event))
  }

  #take(event: KnownEvent) {
    switch (event.type) {
      case "session.created":
        return this.#patchHead({ ...event.data })
      case "session.updated":
        return this.#updated(event.data)
      case "turn.requested":
        return void this.#queued.set(event.data.turnId, textOf(event.data.content))
      case "turn.started":
        return this.#leftQueue(event.data.turnId)
      case "message.user":
        return this.#put({ kind: "user", key: `user:${event.seq}`, at: event.at, content: event.data.content })
      case "message.delta":
        return this.#text("assistant", event.data, event.seq)
      case "thinking.delta":
        return this.#text("thinking", event.data, event.seq)
      case "message.completed":
        return this.#put({ kind: "content", key: `content:${event.seq}`, content: event.data.content })
      case "message.notice":
        return this.#notice(event.seq, "plain", event.data.text)
      case "tool.started":
      case "tool.updated":
      case "tool.ended":
        return this.#tool(event)
      case "plan.updated":
        return this.#patchHead({ plan: event.data.entries })
      case "commands.updated":
        return this.#patchHead({ commands: event.data.commands })
      case "mode.changed":
        return this.#notice(event.seq, "plain", `Mode: ${event.data.modeId}`)
      case "usage.updated":
        return this.#usage(event.data)
      case "approval.requested":
        return this.#put({
          kind: "approval",
          key: `approval:${event.data.approvalId}`,
          approval: event.data,
          votes: [],
          requestedAt: event.at,
        })
      case "approval.voted":
        return this.#voted(event.data)
      case "approval.resolved":
        return this.#decided(event)
      case "policy.decided":
        return event.data.approvalId === undefined ? this.#hookDecided(event) : undefined
      case "approval.undeliverable":
        return this.#notice(event.seq, "warning", "The decision came too late for the agent.")
      case "question.asked":
        return this.#put({ kind: "question", key: `question:${event.data.questionId}`, question: event.data })
      case "question.answered":
        return this.#answered(event)
      case "turn.ended":
        return this.#turnEnded(event)
      case "rate_limit.hit":
        return this.#notice(event.seq, "warning", "The provider asks to wait. The agent tries again by itself.")
      case "session.recovered":
        return this.#notice(event.seq, "plain", recoveredWords(event.data))
      case "session.paused":
        return this.#patchHead({ isPaused: true })
      case "session.resumed":
        return this.#patchHead({ isPaused: false })
      case "session.waiting":
        return this.#patchHead({ waitsFor: event.data.limit })
      case "agent.started":
        return this.#patchHead({ waitsFor: undefined })
      case "budget.exceeded":
        return this.#exceeded(event)
      case "budget.extended":
        return this.#extended(event)
      case "session.restarted":
        return this.#notice(event.seq, "plain", "The session was restarted.")
      case "session.stalled":
        return this.#notice(event.seq, "warning", `The agent has said nothing for ${duration(event.data.sinceMs)}.`)
      case "session.crashed":
        return this.#notice(event.seq, "error", `The session crashed: ${event.data.reason}`)
      case "session.killed":
        return this.#notice(event.seq, "plain", "The session was ended.")
      case "session.completed":
        return this.#notice(event.seq, "plain", `The session is over: ${event.data.reason}`)
      case "agent.exited":
        return event.data.cause === "stopped" ? undefined : this.#agentExited(event)
      default:
        // Shown elsewhere, or of a later server.
        return undefined
    }
  }

  #patchHead(patch: Partial<SessionHead>) {
    const { seq, hash, status } = this.#head
    this.#head = { ...this.#head, ...patch, seq, hash, status }
  }

  #put(entry: Entry) {
    const place = this.#places.get(entry.key)
    if (place === undefined) this.#places.set(entry.key, this.#entries.push(entry) - 1)
    else this.#entries[place] = entry
  }

  #find<Kind extends Entry["kind"]>(kind: Kind, id: string) {
    const entry = this.#entries[this.#places.get(`${kind}:${id}`) ?? -1]
    return entry?.kind === kind ? (entry as Extract<Entry, { kind: Kind }>) : undefined
  }

  // Words after a tool call are shown after it, even where the agent counts them to the message before.
  #text(kind: "assistant" | "thinking", { messageId, text }: EventData["message.delta"], seq: number) {
    const last = this.#entries.at(-1)
    if (last?.kind === kind && last.messageId === messageId) this.#put({ ...last, text: last.text + text })
    else this.#put({ kind, key: `${kind}:${seq}`, messageId, text })
  }

  #tool({ type, data, at }: Extract<KnownEvent, { type: "tool.started" | "tool.updated" | "tool.ended" }>) {
    const before = this.#find("tool", data.toolCallId)
    this.#put({
      kind: "tool",
      key: `tool:${data.toolCallId}`,
      startedAt: before?.startedAt ?? at,
      call: { ...before?.call, ...data },
      ...(type === "tool.ended" ? { endedAt: at } : {}),
    })
  }

  #leftQueue(turnId: string) {
    this.#queued.delete(turnId)
    if (this.#head.exceeded?.turnId === turnId) this.#patchHead({ exceeded: undefined })
  }

  #updated({ name, permissionMode }: EventData["session.updated"]) {
    this.#patchHead({
      ...(name === undefined ? {} : { name }),
      ...(permissionMode === undefined ? {} : { permissionMode }),
    })
  }

  // It holds a prompt, or has interrupted the one that runs.
  #exceeded({ seq, data: { turnId, reason } }: Extract<KnownEvent, { type: "budget.exceeded" }>) {
    if (this.#queued.has(turnId)) this.#patchHead({ exceeded: { turnId, reason } })
    this.#notice(seq, "warning", reason)
  }

  #extended({ seq, data: { account, cost, tokens }, actor }: Extract<KnownEvent, { type: "budget.extended" }>) {
    this.#patchHead({ exceeded: undefined })
    const more = [...(cost > 0 ? [dollars(cost)] : []), ...(tokens > 0 ? [`${tokens} tokens`] : [])].join(" and ")
    this.#notice(seq, "plain", `${actor.id} (${actor.via}) allows ${more} more of the budget "${account}".`)
  }

  #usage({ used, size, costTotal }: EventData["usage.updated"]) {
    this.#patchHead({ context: { used, size }, ...(costTotal === undefined ? {} : { cost: costTotal }) })
  }

  #voted({ approvalId, voter }: EventData["approval.voted"]) {
    const entry = this.#find("approval", approvalId)
    if (entry) this.#put({ ...entry, votes: [...entry.votes, { voter }] })
  }

  #decided({ data: { approvalId, status, rule, reason }, actor }: Extract<KnownEvent, { type: "approval.resolved" }>) {
    const entry = this.#find("approval", approvalId)
    if (!entry) return
    const by = rule === undefined ? `${actor.id} (${actor.via})` : rule
    this.#put({ ...entry, decision: { status, by, ...(reason === undefined ? {} : { reason }) } })
  }

  // With an approval it is shown as how that was decided.
  #hookDecided({ seq, data: { decision, rule, reason } }: Extract<KnownEvent, { type: "policy.decided" }>) {
    const words = { allow: "Allowed", deny: "Denied", ask: "Asked about" }[decision]
    this.#notice(seq, decision === "allow" ? "plain" : "warning", `${words} by ${rule}: ${reason}`)
  }

  #answered({ data: { questionId, action, content }, actor }: Extract<KnownEvent, { type: "question.answered" }>) {
    const entry = this.#find("question", questionId)
    if (!entry) return
    this.#put({
      ...entry,
      answer: { action, by: `${actor.id} (${actor.via})`, ...(content === undefined ? {} : { content }) },
    })
  }

  #turnEnded({ data, at }: Extract<KnownEvent, { type: "turn.ended" }>) {
    this.#leftQueue(data.turnId)
    this.#cutTools(at)
    const { stopReason, error, durationMs } = data
    this.#put({
      kind: "turn",
      key: `turn:${data.turnId}`,
      ...(stopReason === undefined ? {} : { stopReason }),
      ...(error === undefined ? {} : { error }),
      ...(durationMs === undefined ? {} : { durationMs }),
    })
  }

  /** What its turn has left behind does not run any more. */
  #cutTools(endedAt: string) {
    for (const entry of this.#entries)
      if (entry.kind === "tool" && entry.endedAt === undefined)
        this.#put({ ...entry, endedAt, call: { ...entry.call, status: "unknown" } })
  }

  #agentExited({ seq, data: { code, signal, error } }: Extract<KnownEvent, { type: "agent.exited" }>) {
    const how = error?.message ?? (signal === null ? `code ${code}` : signal)
    this.#notice(seq, "error", `The agent ended: ${how}`)
  }

  #notice(seq: number, tone: "plain" | "warning" | "error", text: string) {
    this.#put({ kind: "notice", key: `notice:${seq}`, tone, text })
  }
}

function isWaiting(entry: Entry): entry is ApprovalEntry | QuestionEntry {
  return (
    (entry.kind === "approval" && entry.decision === undefined) ||
    (entry.kind === "question" && entry.answer === undefined)
  )
}

/** The words of content blocks; what is not text is named by its type. */
export function textOf(content: readonly ContentBlock[]) {
  return content.map((block) => (typeof block.text === "string" ? block.text : `[${block.type}]`)).join("\n")
}

function recoveredWords({ restored, gap }: { readonly restored?: string; readonly gap: boolean }) {
  const again = restored === undefined ? [] : ["The agent was started again and goes on from here."]
  return [...again, ...(gap ? ["Something that it said before may be missing."] : [])].join(" ")
}

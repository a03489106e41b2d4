import type { CassetteFrame } from "./cassette.ts"
import { differing, expecting, nothingMore } from "./cassette-problem.ts"
import { type CassetteTape, isPrompt } from "./cassette-tape.ts"
import { firstDifference } from "./first-difference.ts"
import { isRecord, type JsonRecord, parseObject } from "./json-record.ts"
import { rpcCodes } from "./rpc-frame.ts"
import { kindOf } from "./rpc-kind.ts"

export interface CassettePlayerOptions {
  /** What is to be played, or why nothing can be. */
  readonly tape: CassetteTape | string
  /** The session's name where the recording begins one: it is another session than the recorded one. */
  readonly sessionId: string
}

/** These say where it works and who we are: the replay's own. */
const OPENINGS: ReadonlySet<unknown> = new Set([
  "initialize",
  "session/new",
  "session/load",
  "session/resume",
  "session/fork",
])

/**
 * Plays an agent's side of a cassette: says what was recorded, and goes on when it has heard what was recorded. What is not
 * in the recording is answered with an error, and so is all that comes after it.
 */
export class CassettePlayer {
  /** Why it plays no more, as the errors say. */
  problem: string | undefined
  readonly #tape: CassetteTape
  readonly #sessionId: string
  /** The next frame's place; what the client says there is waited for. */
  #at = 0
  #run: number | undefined
  /** Places of what the client has said before its turn. */
  readonly #early = new Set<number>()
  /** The client's requests: their ids by those in the recording, and which have no answer. */
  readonly #ids = new Map<unknown, unknown>()
  readonly #open = new Set<unknown>()
  #session: { readonly recorded: unknown; readonly now: unknown } | undefined
  #said: string[] = []

  constructor({ tape, sessionId }: CassettePlayerOptions) {
    this.#tape = typeof tape === "string" ? { frames: [], runs: [] } : tape
    this.#run = this.#tape.frames[0]?.run
    this.#sessionId = sessionId
    if (typeof tape === "string") this.problem = tape
  }

  /** The recorded process went away here by itself. */
  get isOver() {
    const ended = this.#ended
    return this.problem === undefined && this.#isRunOver && ended !== undefined && ended !== "stopped"
  }

  /** What the agent says to a line. */
  hear(line: string): readonly string[] {
    const came = parseObject(line) ?? {}
    this.#said = []
    if (kindOf(came) === "request") this.#open.add(came.id)
    this.problem ??= this.#take(came)
    this.#play()
    if (this.problem !== undefined) this.#answerAll(this.problem)
    return this.#said
  }

  /** Gives why it is not what was recorded. */
  #take(came: JsonRecord): string | undefined {
    switch (kindOf(came)) {
      case "request":
        return this.#takeRequest(came)
      case "reply":
        return this.#takeReply(came)
      case "notification":
        return this.#takeNotification(came)
    }
  }

  /** Requests come in the order of the recording. */
  #takeRequest(came: JsonRecord) {
    if (this.#isRunOver && came.method === "session/prompt") this.#skipHandshake()
    if (this.#open.size === 1) this.#skipCancels()
    const expected = this.#expected
    if (!expected?.frame) return nothingMore(this.#before, came, expected)
    const { frame } = expected
    if (kindOf(frame) !== "request" || frame.method !== came.method) return nothingMore(this.#before, came, expected)
    const [recorded, params] = [paramsOf(frame), paramsOf(came)]
    const isOpening = OPENINGS.has(came.method)
    if (isOpening && recorded.sessionId !== undefined)
      this.#session = { recorded: recorded.sessionId, now: params.sessionId }
    const difference = isOpening ? undefined : firstDifference(recorded, this.#asRecorded(params))
    if (difference) return expecting(expected, differing(difference))
    this.#ids.set(frame.id, came.id)
    this.#early.add(this.#at)
    return undefined
  }

  /** Replies come in any order: each belongs to a request that was played. */
  #takeReply(came: JsonRecord) {
    const found = this.#find((frame) => kindOf(frame) === "reply" && Object.is(frame.id, came.id))
    if (!found) return nothingMore(this.#before, came, this.#expected)
    const { frame = {} } = found.expected
    const difference = firstDifference(outcomeOf(frame), outcomeOf(came))
    if (difference) return expecting(found.expected, differing(difference))
    this.#early.add(found.place)
    return undefined
  }

  #takeNotification(came: JsonRecord) {
    const found = this.#find((frame) => kindOf(frame) === "notification" && frame.method === came.method)
    if (found) this.#early.add(found.place)
    // Between two turns it has no effect.
    else if (this.#open.size > 0) return nothingMore(this.#before, came, this.#expected)
    return undefined
  }

  /** The client was a moment late with it when this was recorded: the turn was over. Nobody says it now. */
  #skipCancels() {
    for (let next = this.#expected; next?.frame && kindOf(next.frame) === "notification"; next = this.#expected) {
      this.#early.add(this.#at)
      this.#play()
    }
  }

  /** Where the recorded agent was stopped between two turns, this one need not be. */
  #skipHandshake() {
    const at = this.#tape.frames.findIndex((frame, place) => place >= this.#at && isPrompt(frame))
    if (at < 0) return
    this.#at = at
    this.#run = this.#tape.frames[at]?.run
  }

  /** What the client has still to say in this run, and is such a frame. */
  #find(matches: (frame: JsonRecord) => boolean) {
    const { frames } = this.#tape
    for (let place = this.#at; ; place++) {
      const expected = frames[place]
      if (expected === undefined || expected.run !== this.#run) return undefined
      const isAwaited = expected.from === "client" && !this.#early.has(place)
      if (isAwaited && expected.frame && matches(expected.frame)) return { place, expected }
    }
  }

  #play() {
    if (this.problem !== undefined) return
    for (let next = this.#next; next; next = this.#next) {
      if (next.from === "client" && !this.#early.delete(this.#at)) break
      this.#at += 1
      if (next.from === "agent") this.#said.push(this.#render(next))
    }
    // Of a process that was still there.
    if (this.#isRunOver && this.#ended === undefined && this.#open.size > 0)
      this.problem = "The cassette ends here: it was exported in the middle of what the agent did."
  }

  #render({ frame, text }: CassetteFrame) {
    const mapped = frame && this.#mapped(frame)
    return mapped === undefined || mapped === frame ? text : JSON.stringify(mapped)
  }

  /** With the ids of this replay. */
  #mapped(frame: JsonRecord): JsonRecord {
    if (kindOf(frame) !== "reply") return this.#withSession(frame, "params")
    if (!this.#ids.has(frame.id)) return frame
    const id = this.#ids.get(frame.id)
    this.#open.delete(id)
    if (isRecord(frame.result) && frame.result.sessionId !== undefined)
      this.#session ??= { recorded: frame.result.sessionId, now: this.#sessionId }
    return this.#withSession({ ...frame, id }, "result")
  }

  #withSession(frame: JsonRecord, member: "params" | "result"): JsonRecord {
    const inner = frame[member]
    if (!this.#session || !isRecord(inner) || inner.sessionId !== this.#session.recorded) return frame
    return { ...frame, [member]: { ...inner, sessionId: this.#session.now } }
  }

  #asRecorded(params: JsonRecord) {
    const isOurs = this.#session !== undefined && params.sessionId === this.#session.now
    return isOurs ? { ...params, sessionId: this.#session?.recorded } : params
  }

  #answerAll(message: string) {
    for (const id of this.#open)
      this.#said.push(JSON.stringify({ jsonrpc: "2.0", id, error: { code: rpcCodes.internalError, message } }))
    this.#open.clear()
  }

  get #next() {
    const next = this.#tape.frames[this.#at]
    return next?.run === this.#run ? next : undefined
  }

  get #expected() {
    const next = this.#next
    return next?.from === "client" ? next : undefined
  }

  get #before() {
    return this.#tape.frames[this.#at - 1]
  }

  get #isRunOver() {
    return this.#at > 0 && this.#next === undefined
  }

  get #ended() {
    return this.#run === undefined ? undefined : this.#tape.runs[this.#run - 1]?.ended
  }
}

function paramsOf({ params }: JsonRecord): JsonRecord {
  return isRecord(params) ? params : {}
}

/** What a refusal says is for people. */
function outcomeOf({ result, error }: JsonRecord) {
  return isRecord(error) ? { error: error.code } : { result }
}

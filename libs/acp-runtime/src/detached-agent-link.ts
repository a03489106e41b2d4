import type { AgentExit, AgentLink, OutboundFrame, StartedAgent } from "./agent-host.ts"
import type { HostRequest } from "./host-connection.ts"
import type { EndedRun, ToHost } from "./host-message.ts"
import { Spool } from "./spool.ts"

/** The way to the host, whichever connection it is at the moment. */
export interface HostAccess {
  request(request: HostRequest, payload?: Buffer): Promise<unknown>
  tell(message: ToHost): void
}

/** What was received for one reader of the frames. */
interface Inbox {
  reader: number
  readonly spool: Spool
  received: number
  granted: number
  isFull: boolean
}

/** Bytes that may be on their way, or wait to be taken. A longer line is let through as it comes. */
const WINDOW_BYTES = 1024 * 1024

/** A run in the agent host's process. */
export class DetachedAgentLink implements StartedAgent {
  readonly runId: string
  /** Set by the host object as soon as it is known. */
  pid = 0
  readonly exited: Promise<AgentExit>
  readonly #host: HostAccess
  readonly #onRelease: () => void
  readonly #exit = Promise.withResolvers<AgentExit>()
  #ended: EndedRun | undefined
  #inbox: Inbox | undefined
  #readers = 0
  #afterlife: AgentLink | undefined
  #onChange: (isLinked: boolean) => void = () => {}

  constructor(host: HostAccess, { runId, onRelease }: { runId: string; onRelease: () => void }) {
    this.runId = runId
    this.#host = host
    this.#onRelease = onRelease
    this.exited = this.#exit.promise
  }

  /** A second reader takes the place of the first. */
  async *frames({ after, signal }: { readonly after: number; readonly signal?: AbortSignal }) {
    let offset = after
    if (!this.#afterlife) {
      const inbox = this.#openInbox(after)
      for await (const page of inbox.spool.read(after, signal)) {
        offset = page.at(-1)?.end ?? offset
        yield page
        inbox.spool.acknowledge(offset)
      }
    }
    if (this.#afterlife && !signal?.aborted)
      yield* this.#afterlife.frames({ after: offset, ...(signal ? { signal } : {}) })
  }

  get isLinked() {
    return !this.#ended && !this.#afterlife
  }

  watch(onChange: (isLinked: boolean) => void) {
    this.#onChange = onChange
  }

  async send({ id, line }: OutboundFrame) {
    if (this.#afterlife) return this.#afterlife.send({ id, line })
    await this.#host.request({ type: "write", runId: this.runId, frameId: id }, Buffer.from(line))
  }

  acknowledge(offset: number) {
    this.#host.tell({ type: "acknowledge", runId: this.runId, offset })
  }

  async stop(options: { readonly graceMs?: number } = {}) {
    if (!this.#ended && !this.#afterlife) await this.#host.request({ type: "stop", runId: this.runId, ...options })
    return this.exited
  }

  release() {
    this.#onRelease()
    if (this.#afterlife) this.#afterlife.release()
    else this.#host.tell({ type: "release", runId: this.runId })
  }

  onOutput(reader: number, from: number, bytes: Buffer) {
    const inbox = this.#inbox
    if (inbox?.reader !== reader) return
    if (from > inbox.received) inbox.spool.continueAt(from)
    inbox.received = from + bytes.length
    inbox.spool.push(bytes)
    this.#grant(inbox)
    this.#closeIfComplete()
  }

  onExited(ended: EndedRun) {
    this.#ended = ended
    this.#exit.resolve(ended.exit)
    this.#closeIfComplete()
  }

  /** The connection to the host is gone, and the host may be there. */
  disconnected() {
    if (this.isLinked) this.#onChange(false)
  }

  /** There is another connection to the same host: reading goes on behind the last whole line. */
  reconnected() {
    this.#onChange(true)
    const inbox = this.#inbox
    if (!inbox) return
    inbox.spool.continueAt(inbox.spool.end)
    inbox.reader = ++this.#readers
    inbox.received = inbox.spool.end
    this.#ask(inbox)
  }

  /** The host is gone, and the agent with it: what it left is read from there. */
  hostDied(left: AgentLink) {
    this.#afterlife = left
    void left.exited.then((exit) => this.#exit.resolve(exit))
    this.#inbox?.spool.close()
  }

  #openInbox(after: number) {
    const inbox: Inbox = {
      reader: ++this.#readers,
      spool: new Spool({ start: after, bound: WINDOW_BYTES, onFull: (isFull) => this.#onFull(inbox, isFull) }),
      received: after,
      granted: 0,
      isFull: false,
    }
    this.#inbox = inbox
    this.#ask(inbox)
    this.#closeIfComplete()
    return inbox
  }

  #ask(inbox: Inbox) {
    const { reader, received: after } = inbox
    inbox.granted = after + WINDOW_BYTES
    this.#host.tell({ type: "read", runId: this.runId, reader, after, upTo: inbox.granted })
  }

  #onFull(inbox: Inbox, isFull: boolean) {
    inbox.isFull = isFull
    this.#grant(inbox)
  }

  #grant(inbox: Inbox) {
    const upTo = inbox.received + WINDOW_BYTES
    if (inbox !== this.#inbox || inbox.isFull || upTo - inbox.granted < WINDOW_BYTES / 4) return
    inbox.granted = upTo
    this.#host.tell({ type: "more", runId: this.runId, reader: inbox.reader, upTo })
  }

  #closeIfComplete() {
    if (this.#ended && this.#inbox && this.#inbox.received >= this.#ended.end) this.#inbox.spool.close()
  }
}

import { connect, type Socket } from "node:net"

// Many plain readers of event streams in one process: what each got is counted, not kept.

/** What the proof says to this program, a line of JSON each. */
export type Order =
  | { readonly type: "open"; readonly streams: readonly OpenStream[] }
  /** Every reader that is not stuck hangs up at the same moment, and comes back with the last id that it has. */
  | { readonly type: "storm" }
  | { readonly type: "report"; readonly reset: boolean }

export interface OpenStream {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly token: string
  readonly after: number
  /** Takes nothing after its first bytes. */
  readonly isStuck: boolean
}

/** So many readers of a path that take what comes have so many events, whose numbers have this sum. */
export interface Standing {
  readonly path: string
  readonly count: number
  readonly sum: number
  readonly readers: number
}

/** Small, however many readers there are: whoever writes and reads it has the same processors as the server. */
export interface Report {
  /** How many have ever been let in. */
  readonly letIn: number
  readonly standings: readonly Standing[]
  readonly problems: readonly string[]
  /** Milliseconds from an event's commit to its arrival: how many took so long. */
  readonly latencies: readonly (readonly [ms: number, count: number])[]
}

const latencies = new Map<number, number>()
const readers: Reader[] = []

class Reader {
  readonly #stream: OpenStream
  #socket: Socket | undefined
  #rest = ""
  #count = 0
  #sum = 0
  #last: number
  #isFresh = true
  /** Whether it was let in, now or earlier. */
  isLetIn = false
  problem: string | undefined

  constructor(stream: OpenStream) {
    this.#stream = stream
    this.#last = stream.after
    this.open()
  }

  /** From the last id on. */
  open() {
    const { host, port, path, token, isStuck } = this.#stream
    this.#rest = ""
    const socket = connect(port, host)
    this.#socket = socket
    socket.setEncoding("utf8")
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nAuthorization: Bearer ${token}\r\nLast-Event-ID: ${this.#last}\r\n\r\n`,
    )
    let isFirst = true
    socket.on("data", (text: string) => {
      if (socket !== this.#socket) return
      if (isFirst && !text.startsWith("HTTP/1.1 200")) this.problem ??= text.slice(0, 100)
      isFirst = false
      this.isLetIn = true
      if (isStuck) socket.pause()
      else this.#take(text)
    })
    socket.on("error", (error) => {
      if (!isStuck && socket === this.#socket) this.problem ??= error.message
    })
  }

  hangUp() {
    if (this.#stream.isStuck) return
    this.#isFresh = false
    this.#socket?.destroy()
  }

  comeBack() {
    if (!this.#stream.isStuck) this.open()
  }

  get isStuck() {
    return this.#stream.isStuck
  }

  get standing() {
    return { path: this.#stream.path, count: this.#count, sum: this.#sum }
  }

  #take(text: string) {
    const lines = (this.#rest + text).split("\n")
    this.#rest = lines.pop() ?? ""
    for (const line of lines) {
      if (line.startsWith("id: ")) this.#event(Number(line.slice(4)))
      else if (line.startsWith("data: ") && this.#isFresh) this.#clock(line)
      else if (line.startsWith("event: gap")) this.problem ??= "was told a gap"
    }
  }

  #event(seq: number) {
    if (!(seq > this.#last)) this.problem ??= `event ${seq} came after ${this.#last}`
    this.#count += 1
    this.#sum += seq
    this.#last = seq
  }

  #clock(line: string) {
    const at = /"at":"([^"]+)"/.exec(line)?.[1]
    const took = Math.max(0, Date.now() - Date.parse(at ?? ""))
    latencies.set(took, (latencies.get(took) ?? 0) + 1)
  }

  /** From now on what it gets is live again. */
  settle() {
    this.#isFresh = true
  }
}

let pending = ""
process.stdin.setEncoding("utf8").on("data", (text: string) => {
  const lines = (pending + text).split("\n")
  pending = lines.pop() ?? ""
  for (const line of lines) obey(JSON.parse(line) as Order)
})
process.stdin.on("end", () => process.exit(0))

function obey(order: Order) {
  switch (order.type) {
    case "open":
      for (const stream of order.streams) readers.push(new Reader(stream))
      return
    case "storm":
      for (const reader of readers) reader.hangUp()
      for (const reader of readers) reader.comeBack()
      return
    case "report": {
      process.stdout.write(`${JSON.stringify(report())}\n`)
      if (!order.reset) return
      latencies.clear()
      for (const reader of readers) reader.settle()
    }
  }
}

function report(): Report {
  const standings = new Map<string, Standing>()
  for (const reader of readers) {
    if (reader.isStuck) continue
    const { path, count, sum } = reader.standing
    const key = `${path} ${count} ${sum}`
    standings.set(key, { path, count, sum, readers: (standings.get(key)?.readers ?? 0) + 1 })
  }
  return {
    letIn: readers.filter(({ isLetIn }) => isLetIn).length,
    standings: [...standings.values()],
    problems: readers.flatMap(({ standing, problem }) =>
      problem === undefined ? [] : [`${standing.path}: ${problem}`],
    ),
    latencies: [...latencies],
  }
}

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

export interface ReaderReport {
  readonly after: number
  readonly path: string
  readonly isStuck: boolean
  readonly isOpen: boolean
  readonly count: number
  readonly sum: number
  readonly last: number
  readonly problem?: string
}

export interface Report {
  readonly readers: readonly ReaderReport[]
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
  #isOpen = false
  #isFresh = true
  #problem: string | undefined

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
    socket.on("data", (text: string) => {
      if (socket !== this.#socket) return
      if (!this.#isOpen && !text.startsWith("HTTP/1.1 200")) this.#problem ??= text.slice(0, 100)
      this.#isOpen = true
      if (isStuck) socket.pause()
      else this.#take(text)
    })
    socket.on("error", (error) => {
      if (!isStuck) this.#problem ??= error.message
    })
    socket.on("close", () => {
      if (socket === this.#socket) this.#isOpen = false
    })
  }

  hangUp() {
    if (this.#stream.isStuck) return
    this.#isOpen = false
    this.#isFresh = false
    this.#socket?.destroy()
  }

  comeBack() {
    if (!this.#stream.isStuck) this.open()
  }

  report(): ReaderReport {
    const { path, after, isStuck } = this.#stream
    const problem = this.#problem === undefined ? {} : { problem: this.#problem }
    return {
      path,
      after,
      isStuck,
      isOpen: this.#isOpen,
      count: this.#count,
      sum: this.#sum,
      last: this.#last,
      ...problem,
    }
  }

  // A chunk's size stands on a line of its own, and is no line of a frame.
  #take(text: string) {
    const lines = (this.#rest + text).split("\n")
    this.#rest = lines.pop() ?? ""
    for (const line of lines) {
      if (line.startsWith("id: ")) this.#event(Number(line.slice(4)))
      else if (line.startsWith("data: ") && this.#isFresh) this.#clock(line)
      else if (line.startsWith("event: gap")) this.#problem ??= "was told a gap"
    }
  }

  #event(seq: number) {
    if (!(seq > this.#last)) this.#problem ??= `event ${seq} came after ${this.#last}`
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
      const report: Report = { readers: readers.map((reader) => reader.report()), latencies: [...latencies] }
      if (order.reset) {
        latencies.clear()
        for (const reader of readers) reader.settle()
      }
      process.stdout.write(`${JSON.stringify(report)}\n`)
    }
  }
}

import { connect } from "node:net"

export interface RawAnswer {
  /** 0: the connection ended without an answer. */
  readonly status: number
  /** All of it, up to the first piece of a body. */
  readonly text: string
  readonly headers: readonly string[]
}

const MOST_MS = 20_000

/** Writes bytes as they are on a connection of their own, and takes what is answered; of a stream what comes first. */
export function askRawly(port: number, bytes: string): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1")
    const chunks: Buffer[] = []
    const end = () => {
      clearTimeout(deadline)
      socket.destroy()
      resolve(toAnswer(Buffer.concat(chunks).toString("latin1")))
    }
    const deadline = setTimeout(end, MOST_MS)
    socket.on("data", (chunk) => {
      chunks.push(chunk)
      const { status, headers } = toAnswer(Buffer.concat(chunks).toString("latin1"))
      // These go on for as long as both want.
      if (status === 101 || headers.includes("content-type: text/event-stream")) end()
    })
    // Of a connection that was reset, what came before counts.
    socket.on("error", () => {})
    socket.on("close", end)
    socket.write(bytes)
  })
}

function toAnswer(text: string): RawAnswer {
  const [head = ""] = text.split("\r\n\r\n", 1)
  const [first = "", ...lines] = head.split("\r\n")
  const headers = lines.map((line) => line.replace(/^[^:]*/, (name) => name.toLowerCase()))
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1] ?? 0), text, headers }
}

import { mkdtempSync, rmSync } from "node:fs"
import { createServer, connect as open, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A message of PostgreSQL's protocol on its way; `type` is its first byte, as a letter. */
export interface Message {
  readonly from: "client" | "server"
  readonly type: string
  readonly text: string
  /** The process of the server at the other end. */
  readonly backend: number
}

/** `pass` it on, `drop` it, or `cut` the connection instead. */
export type Fate = "pass" | "drop" | "cut"

/** Stands between a log and its server, and decides over each message. */
export interface FaultProxy {
  /** The folder with its socket. */
  readonly host: string
  /** Asked before a message goes on. */
  decide: (message: Message) => Fate | Promise<Fate>
  /** Cuts the connection to that process of the server. */
  cut(backend: number): void
  close(): Promise<void>
}

export async function startFaultProxy(serverHost: string): Promise<FaultProxy> {
  const host = mkdtempSync(join(tmpdir(), "proxy-"))
  const connections = new Set<Connection>()
  const listener = createServer((client) => {
    const server = open(socketIn(serverHost))
    const connection: Connection = { backend: 0, client, server }
    connections.add(connection)
    for (const socket of [client, server]) {
      // The other end learns of it as it would without us.
      socket.on("error", () => {})
      socket.on("close", () => {
        connections.delete(connection)
        destroy(connection)
      })
    }
    void pump(proxy, connection, "client")
    void pump(proxy, connection, "server")
  })
  const proxy: FaultProxy = {
    host,
    decide: () => "pass",
    cut(backend) {
      for (const connection of connections) if (connection.backend === backend) destroy(connection)
    },
    async close() {
      for (const connection of connections) destroy(connection)
      await new Promise((resolve) => listener.close(resolve))
      rmSync(host, { recursive: true, force: true })
    },
  }
  await new Promise<void>((resolve) => listener.listen(socketIn(host), resolve))
  return proxy
}

interface Connection {
  backend: number
  readonly client: Socket
  readonly server: Socket
}

function destroy({ client, server }: Connection) {
  client.destroy()
  server.destroy()
}

async function pump(proxy: FaultProxy, connection: Connection, from: "client" | "server") {
  const [source, target] =
    from === "client" ? [connection.client, connection.server] : [connection.server, connection.client]
  try {
    for await (const { type, bytes } of messages(source, from)) {
      if (type === "K") connection.backend = bytes.readInt32BE(5)
      const text = bytes.toString("latin1", type === "" ? 4 : 5)
      const fate = await proxy.decide({ from, type, text, backend: connection.backend })
      if (fate === "cut") return destroy(connection)
      if (fate === "pass") target.write(bytes)
    }
  } catch {
    // A connection that ends in the middle of a message is nothing unusual here.
  }
}

/** Cuts the bytes into messages: one letter and a length; only a client's first has no letter. */
async function* messages(source: Socket, from: "client" | "server") {
  let waiting = Buffer.alloc(0)
  let isFirst = from === "client"
  for await (const chunk of source as AsyncIterable<Buffer>) {
    waiting = Buffer.concat([waiting, chunk])
    for (;;) {
      const start = isFirst ? 0 : 1
      if (waiting.length < start + 4) break
      const end = start + waiting.readInt32BE(start)
      if (waiting.length < end) break
      yield { type: isFirst ? "" : String.fromCharCode(waiting[0] ?? 0), bytes: waiting.subarray(0, end) }
      waiting = waiting.subarray(end)
      isFirst = false
    }
  }
}

function socketIn(folder: string) {
  return join(folder, ".s.PGSQL.5432")
}

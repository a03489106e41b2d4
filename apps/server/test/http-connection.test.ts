import { once } from "node:events"
import { createServer, type RequestListener, type ServerOptions } from "node:http"
import { type AddressInfo, connect } from "node:net"
import { afterEach, describe, expect, it } from "vitest"
import { type HttpConnection, useHttpConnections } from "../src/http-connection.ts"

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

/** A socket to a server whose connections can be taken. */
async function open(answer: RequestListener, options: ServerOptions = {}, own: { readonly silenceMs?: number } = {}) {
  const server = createServer(options, answer)
  useHttpConnections(server, own)
  await once(server.listen(0, "127.0.0.1"), "listening")
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1")
  closers.push(
    () => server.close(),
    () => socket.destroy(),
  )
  let heard = ""
  socket.on("data", (bytes: Buffer) => (heard += bytes.toString()))
  return {
    server,
    socket,
    heard: () => heard,
    async until(text: string) {
      while (!heard.includes(text)) await once(socket, "data")
      return heard
    },
  }
}

const HELLO = "GET / HTTP/1.1\r\nHost: here\r\n\r\n"

describe("a connection that can be taken", () => {
  it("serves one request after the other, with bodies as large as they come", async () => {
    const { socket, until } = await open((request, response) => {
      let size = 0
      request.on("data", (chunk: Buffer) => (size += chunk.length))
      request.on("end", () => response.end(`${size} from ${request.socket.remoteAddress};${"x".repeat(1_000_000)}`))
    })
    socket.write(`POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 5000000\r\n\r\n`)
    socket.write(Buffer.alloc(5_000_000))
    socket.write(HELLO)
    expect(await until("0 from 127.0.0.1;")).toContain("5000000 from 127.0.0.1;xxx")
  })

  it("is closed by the server when nobody asks anything more", async () => {
    const { socket, until } = await open((_, response) => response.end("Well."), { keepAliveTimeout: 50 })
    socket.write(HELLO)
    await Promise.all([once(socket, "close"), until("Well.")])
  })

  it("is closed where nobody says anything, and only there", async () => {
    const silent = await open((_, response) => response.end("Well."), {}, { silenceMs: 50 })
    await once(silent.socket, "close")
    const { socket, until } = await open((_, response) => response.end("Well."), {}, { silenceMs: 50 })
    socket.write("GET / HTTP/1.1\r\nHo")
    // The silent one has ended by then: so would this one have.
    await once((await open(() => {}, {}, { silenceMs: 200 })).socket, "close")
    socket.write("st: here\r\n\r\n")
    expect(await until("Well.")).toMatch(/^HTTP\/1\.1 200/)
  })

  it("is told off when its request does not come to an end", async () => {
    const slow = { headersTimeout: 50, requestTimeout: 50, connectionsCheckingInterval: 20 }
    const { socket, heard } = await open((_, response) => response.end("Well."), slow)
    socket.write("GET / HTTP/1.1\r\nHo")
    await once(socket, "close")
    expect(heard()).toContain("408 Request Timeout")
  })

  it("is over for the server when somebody has taken it, and works for who has", async () => {
    const taken = Promise.withResolvers<ReturnType<HttpConnection["release"]>>()
    const { server, socket, until } = await open((_, response) => {
      const connection = response.socket as unknown as HttpConnection
      response.removeHeader("Transfer-Encoding")
      response.write("First.", () => taken.resolve(connection.release()))
    })
    socket.write(HELLO)
    const own = await taken.promise
    server.closeAllConnections()
    own?.write(" Second.")
    expect(await until("Second.")).toMatch(/\r\n\r\nFirst[.] Second[.]$/)
    own?.end()
    await once(socket, "close")
  })

  it("is not to be had when the other end is gone", async () => {
    const gone = Promise.withResolvers<unknown>()
    const { socket } = await open((request, response) => {
      const connection = response.socket as unknown as HttpConnection
      request.on("close", () => gone.resolve(connection.release()))
    })
    socket.write(HELLO, () => socket.resetAndDestroy())
    expect(await gone.promise).toBeUndefined()
  })
})

import { spawn } from "node:child_process"
import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads"
import Database from "better-sqlite3"

// What a prompt has to go through on its way, and nothing else: a POST, a commit that is synced, the agent's pipe, a commit
// of what it says, a stream. No rules, no schema, no credential, no agent host, and the log is one table. Its argument is the
// database's path. `POST /` is the prompt, its body the agent's order; `GET /` the stream, a line for each chunk.

if (isMainThread) await serve(process.argv[2] ?? "")
else write(workerData as string)

async function serve(path: string) {
  const agent = spawn(process.execPath, [fileURLToPath(new URL("./chunk-agent.ts", import.meta.url))], {
    stdio: ["pipe", "pipe", "inherit"],
  })
  const commit = startWriter(path)
  let stream: ServerResponse | undefined
  let prompts = 0
  const said: string[] = []
  let isCommitting = false
  const tell = async (line: string) => {
    said.push(line)
    if (isCommitting) return
    isCommitting = true
    while (said.length > 0) {
      const lines = said.splice(0).join("\n")
      await commit(lines)
      stream?.write(`${lines}\n`)
    }
    isCommitting = false
  }
  createInterface({ input: agent.stdout }).on("line", (line) => void tell(line))
  const ask = async (request: IncomingMessage, response: ServerResponse) => {
    let text = ""
    for await (const part of request) text += String(part)
    await commit(text)
    const params = { sessionId: "bench", prompt: [{ type: "text", text }] }
    agent.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id: ++prompts, method: "session/prompt", params })}\n`)
    response.end("{}")
  }
  const server = createServer((request, response) => {
    if (request.method === "POST") return void ask(request, response)
    stream = response
    response.writeHead(200).flushHeaders()
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }))
  await once(process.stdin.resume(), "end")
  process.exit()
}

function startWriter(path: string) {
  const worker = new Worker(new URL(import.meta.url), { workerData: path })
  return async (text: string) => {
    const committed = once(worker, "message")
    worker.postMessage(text)
    await committed
  }
}

function write(path: string) {
  const database = new Database(path)
  database.pragma("journal_mode = WAL")
  database.pragma("synchronous = FULL")
  database.exec("CREATE TABLE said (seq INTEGER PRIMARY KEY, text TEXT NOT NULL)")
  const insert = database.prepare("INSERT INTO said (text) VALUES (?)")
  parentPort?.on("message", (text: string) => {
    insert.run(text)
    parentPort?.postMessage("committed")
  })
}

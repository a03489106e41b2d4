import { once } from "node:events"
import { tmpdir } from "node:os"
import { createInterface } from "node:readline"
import { startServer } from "@aegis/server"
import { keepHeapSmall, loadConfig } from "@aegis/server/local"
import { openAegis } from "@aegis/session-core/node"
import type { ChunkOrder } from "./chunk-agent.ts"
import { agentProgram, Stopwatch } from "./relay-ways.ts"

// The process between agent and reader: as a server, or as the core alone with a reader inside. Ends with its stdin.

const [mode, stateDir = ""] = process.argv.slice(2)
const agents = { bench: { command: process.execPath, args: [agentProgram] } }
await (mode === "server" ? serve() : relay())

// As `ag server run` does.
async function serve() {
  keepHeapSmall()
  const env = { AEGIS_PORT: "0", AEGIS_STATE_DIR: stateDir, AEGIS_LOG_LEVEL: "silent" }
  const config = {
    ...loadConfig({ env, cwd: stateDir, home: stateDir }),
    agents: { autoInstall: false, named: agents },
  }
  const server = await startServer({ config, env: process.env })
  console.log(JSON.stringify({ url: server.url, token: server.token }))
  process.stdin.resume()
  await once(process.stdin, "end")
  await server.close()
}

async function relay() {
  const [line] = (await once(createInterface({ input: process.stdin }), "line")) as [string]
  const order = JSON.parse(line) as ChunkOrder
  const aegis = await openAegis({ stateDir, agents, env: process.env })
  if (!aegis.describeStorage().durable) throw new Error("The log does not sync what it commits.")
  const caller = {
    actor: { kind: "system", id: "bench", via: "bench" },
    owner: { userId: "bench", tenantId: "bench" },
  } as const
  const { session } = await aegis.createSession(caller, {
    workDir: tmpdir(),
    agent: "bench",
    permissionMode: "default",
  })
  const watch = new Stopwatch(order)
  for await (const entries of aegis.tail({ sessionId: session.id, after: 0 })) {
    for (const { event } of entries) {
      if (event.type === "session.ready") {
        watch.start()
        void aegis.send(caller, session.id, { content: [{ type: "text", text: JSON.stringify(order) }] })
      }
      if (event.type === "message.delta") watch.add(event.data.text)
    }
    if (watch.isDone) break
  }
  console.log(JSON.stringify(watch.run()))
  await aegis.close()
}

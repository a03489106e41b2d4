import { join } from "node:path"
import { startServer } from "@aegis/server"
import { keepHeapSmall, loadConfig } from "@aegis/server/local"

// A server on a data directory and a port, until it is told to end, or killed.
const [stateDir = "", port = "0", stuckMs = "60000"] = process.argv.slice(2)
keepHeapSmall()
const env = {
  AEGIS_STATE_DIR: stateDir,
  AEGIS_PORT: port,
  AEGIS_AGENT: "demo",
  AEGIS_LOG_LEVEL: "silent",
  AEGIS_AUDIT_WITNESS: join(stateDir, "witness"),
  AEGIS_AUDIT_INTERVAL: "1s",
}
const config = loadConfig({ env, cwd: stateDir, home: stateDir })
const server = await startServer({ config, env: process.env, stuckMs: Number(stuckMs) })
process.stdout.write(`${JSON.stringify({ url: server.url, token: server.token })}\n`)
process.once("SIGTERM", () => void server.close())
// As `ag server run` does.
void server.failed.then(async (error) => {
  process.exitCode = 1
  process.stderr.write(`${error.message}\n`)
  await server.close({ keepAgents: true })
})

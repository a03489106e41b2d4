import { join } from "node:path"
import { startServer } from "@aegis/server"
import { keepHeapSmall, loadConfig } from "@aegis/server/local"

keepHeapSmall()
// A server that is asked everything: it says all that it can say, is not too often asked, and has few agents.
const [stateDir = "", port = "0"] = process.argv.slice(2)
const env = {
  AEGIS_STATE_DIR: stateDir,
  AEGIS_PORT: port,
  AEGIS_AGENT: "demo",
  AEGIS_LOG_LEVEL: "trace",
  AEGIS_LOG_FORMAT: "json",
  // All of it comes from one address.
  AEGIS_RATE_LIMIT_AUTH_FAILURES: "1000000000",
  AEGIS_RATE_LIMIT_REQUESTS_PER_ADDRESS: "1000000000",
  AEGIS_RATE_LIMIT_REQUESTS_PER_KEY: "1000000000",
  AEGIS_MAX_AGENT_PROCESSES: "6",
}
const config = loadConfig({ env, cwd: stateDir, home: stateDir })
const server = await startServer({
  config,
  env: process.env,
  // How long a prompt may wait for its agent is no question here, and whether an answer hangs is.
  deliveryWaitMs: 200,
  dashboardFolder: join(stateDir, "..", "dashboard"),
})
process.stdout.write(`${JSON.stringify({ url: server.url, token: server.token })}\n`)
process.once("SIGTERM", () => void server.close())

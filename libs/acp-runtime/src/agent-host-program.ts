import { existsSync, rmSync, watch } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { AgentHostServer } from "./agent-host-server.ts"
import { AGENT_LIMITS, type AgentLimits } from "./agent-limits.ts"
import { openHostFolder } from "./host-folder.ts"

// The agent host as a process of its own: `agent-host-program <folder> <hostId> [limits as JSON]`. It says one line when
// it listens, and nothing after that.

const [path = "", hostId = "", limits = "{}"] = process.argv.slice(2)
// Without a name its folder would be the one that somebody happens to stand in.
if (path === "" || hostId === "") {
  process.stderr.write("Aegis starts this program by itself: agent-host-program <folder> <hostId> [limits]\n")
  process.exit(2)
}
const folder = openHostFolder(path)
const listener = createServer((socket) => host.accept(socket))
const host = new AgentHostServer({
  hostId,
  folder,
  limits: { ...AGENT_LIMITS, ...(JSON.parse(limits) as Partial<AgentLimits>) },
  onDone: leave,
})

// Whoever starts it has made sure that no other host serves this folder: what is there is a dead one's.
if (process.platform !== "win32") rmSync(folder.socketPath, { force: true })
// The socket is for its owner; what agents make is as open as their user has it.
const umask = process.umask(0o177)
listener.listen(folder.socketPath, () => {
  process.umask(umask)
  process.stdout.write("ready\n")
})

// Nobody reads what it says after the first line.
process.stdout.on("error", () => {})
process.on("SIGHUP", () => {})
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void host.shutDown())

// A data directory that was deleted has nobody left who could reach the agents.
watch(folder.folder, () => {
  if (!existsSync(join(folder.folder, "secret"))) void host.shutDown()
})

function leave() {
  listener.close()
  folder.removeSocket()
  process.exit()
}

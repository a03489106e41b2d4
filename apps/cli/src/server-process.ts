import { flushCompileCache } from "node:module"
import { PortTakenError, type RunningServer, type StartServerOptions, startServer } from "@aegis/server"
import { keepHeapSmall } from "@aegis/server/local"
import { removeServerRecord, writeServerRecord } from "./server-record.ts"
import { version } from "./version.ts"

export interface RunServerOptions extends StartServerOptions {
  /** Take any free port where the configured one belongs to somebody else. */
  readonly anyPort?: boolean
}

/** All is on the disk by then. What still holds the process is a file that does not answer; an ordinary exit waits for it. */
const LEAVE_MS = 2000

/** A server that tells where it is, until it is closed. */
export async function runServer({ anyPort = false, ...options }: RunServerOptions): Promise<RunningServer> {
  keepHeapSmall()
  const server = await startOnFreePort({ version, ...options }, anyPort)
  // It may never come to its end, where this would be done by itself.
  flushCompileCache()
  const { stateDir } = options.config
  writeServerRecord(stateDir, { url: server.url, pid: process.pid, startedAt: new Date().toISOString() })
  return {
    ...server,
    async close(how) {
      await server.close(how)
      // Last of all: whoever waits for the end of the server waits for this.
      removeServerRecord(stateDir)
      setTimeout(() => process.kill(process.pid, "SIGKILL"), LEAVE_MS).unref()
    },
  }
}

async function startOnFreePort(options: StartServerOptions, anyPort: boolean) {
  try {
    return await startServer(options)
  } catch (error) {
    if (!anyPort || !(error instanceof PortTakenError)) throw error
    return startServer({ ...options, config: { ...options.config, port: 0 } })
  }
}

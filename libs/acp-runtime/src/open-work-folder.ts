import { constants } from "node:fs"
import { open, readlink, realpath, stat } from "node:fs/promises"
import { resolve } from "node:path"
import { AcpError } from "./acp-error.ts"

/** A folder that a process can begin in. */
export interface WorkFolder {
  readonly path: string
  close(): Promise<void>
}

/**
 * Holds the folder that is there at this moment. An agent's earlier process may put a link in its place between the look and the
 * start: on Linux the new process begins in what was looked at, whatever has that name by then. Elsewhere that moment stays.
 */
export async function openWorkFolder(cwd: string): Promise<WorkFolder> {
  const wanted = resolve(cwd)
  if (process.platform !== "linux") {
    await refuseMissing(wanted)
    refuseOther(wanted, await realpath(wanted))
    return { path: wanted, close: async () => {} }
  }
  const handle = await open(wanted, constants.O_RDONLY | constants.O_DIRECTORY).catch(() => undefined)
  if (!handle) throw missing(wanted)
  try {
    const path = `/proc/self/fd/${handle.fd}`
    refuseOther(wanted, await readlink(path))
    return { path, close: () => handle.close() }
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** It would otherwise look like a missing program. */
async function refuseMissing(cwd: string) {
  const found = await stat(cwd).catch(() => undefined)
  if (!found?.isDirectory()) throw missing(cwd)
}

function missing(cwd: string) {
  return new AcpError("agent-start-failed", `The agent cannot start in ${cwd}: there is no such folder.`)
}

function refuseOther(wanted: string, real: string) {
  if (real === wanted) return
  const problem = `The agent cannot start in ${wanted}: that is ${real} by now. Put the folder back, or begin a session there.`
  throw new AcpError("agent-start-failed", problem)
}

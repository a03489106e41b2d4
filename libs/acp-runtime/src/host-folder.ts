import { createHash, randomBytes } from "node:crypto"
import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir, userInfo } from "node:os"
import { dirname, join } from "node:path"
import { AcpError } from "./acp-error.ts"

/** Where a host keeps its things: a folder of the data directory, for its owner alone. */
export interface HostFolder {
  readonly folder: string
  /** Of the unix socket; on Windows the name of the pipe. */
  readonly socketPath: string
  /** What a server shows to be let in: pipes on Windows have no mode bits. */
  readonly secret: string
  readonly logPath: string
  /** Takes away the socket, and its folder where that is not this one. */
  removeSocket(): void
  runFolder(runId: string): string
  readonly runsFolder: string
}

// The shortest limit of a socket's path is that of macOS: 104 bytes with the zero at its end.
const SOCKET_PATH_BYTES = 103

/** The folder, made (0700) with a secret (0600) where there is none. */
export function openHostFolder(folder: string): HostFolder {
  const runsFolder = join(folder, "runs")
  mkdirSync(runsFolder, { recursive: true, mode: 0o700 })
  const secretPath = join(folder, "secret")
  if (!existsSync(secretPath)) makeSecret(secretPath)
  const socketPath = socketPathOf(folder)
  return {
    folder,
    socketPath,
    removeSocket() {
      if (process.platform === "win32") return
      rmSync(socketPath, { force: true })
      if (dirname(socketPath) !== folder) rmSync(dirname(socketPath), { recursive: true, force: true })
    },
    secret: readFileSync(secretPath, "utf8"),
    logPath: join(folder, "host.log"),
    runsFolder,
    runFolder: (runId) => join(runsFolder, runId),
  }
}

// Whole or not at all: a full disk would leave an empty one, which lets everybody in.
function makeSecret(path: string) {
  const draft = `${path}.${randomBytes(6).toString("hex")}`
  try {
    writeFileSync(draft, randomBytes(32).toString("hex"), { mode: 0o600, flag: "wx", flush: true })
    renameSync(draft, path)
  } catch (error) {
    throw new AcpError(
      "host-unreachable",
      `${path} cannot be made (${(error as Error).message}). Free some space if the disk is full, and start again.`,
      { cause: error },
    )
  } finally {
    rmSync(draft, { force: true })
  }
}

function socketPathOf(folder: string) {
  const digest = createHash("sha256").update(folder).digest("hex").slice(0, 24)
  if (process.platform === "win32") return `\\\\.\\pipe\\aegis-${digest}`
  const path = join(folder, "socket")
  if (Buffer.byteLength(path) <= SOCKET_PATH_BYTES) return path
  const short = join(tmpdir(), `aegis-${userInfo().uid}-${digest}`)
  mkdirSync(short, { recursive: true, mode: 0o700 })
  checkOwned(short)
  return join(short, "socket")
}

// Where everybody may make folders, somebody else may have made this one, to hear what is said in it.
function checkOwned(folder: string) {
  const { uid, mode } = lstatSync(folder)
  if (uid === userInfo().uid && (mode & 0o170077) === 0o040000) return
  throw new AcpError(
    "host-unreachable",
    `${folder} is not a folder of yours alone, and the agent host's socket belongs there: remove it, or choose a data directory with a shorter path.`,
  )
}

import { mkdir, open, readFile, rename, rm } from "node:fs/promises"

/** What a folder of tiles asks of the disk; in a test or a proof, one that fails where it is told to. */
export interface TileFiles {
  /** undefined: there is no such file. */
  read(path: string): Promise<Uint8Array | undefined>
  /** Makes the file or replaces its bytes; answered when the disk has them. */
  write(path: string, bytes: Uint8Array): Promise<void>
  rename(from: string, to: string): Promise<void>
  /** With those above it; nothing, where it is there. */
  makeFolder(path: string): Promise<void>
  /** Answered when the disk has the folder's names. */
  syncFolder(path: string): Promise<void>
  /** With all that is in it; nothing, where it is not there. */
  remove(path: string): Promise<void>
}

export const diskFiles: TileFiles = {
  async read(path) {
    try {
      return await readFile(path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined
      throw error
    }
  },
  async write(path, bytes) {
    const file = await open(path, "w", 0o600)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
  },
  rename,
  async makeFolder(path) {
    await mkdir(path, { recursive: true, mode: 0o700 })
  },
  async syncFolder(path) {
    // Windows has no such call: there names are as durable as the file system makes them.
    if (process.platform === "win32") return
    const folder = await open(path)
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  },
  remove: (path) => rm(path, { recursive: true, force: true }),
}

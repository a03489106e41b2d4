import { open, stat } from "node:fs/promises"
import { join } from "node:path"

/** The file of a witness that is a folder. */
const FILE = "aegis-checkpoints"
/** Where the newest checkpoint is looked for: some hundred of them. */
const END_BYTES = 64 * 1024
/** A checkpoint with its one signature: origin, size, root, an empty line, the signature. */
const NOTE = /(?<![^\n])[^\n]+\n\d+\n[A-Za-z0-9+/=]+\n\n— [^\n]+\n/g

/**
 * A file in a second place in which every checkpoint is written down, one after the other, and nothing is ever changed: a
 * copy that who changes the log does not have in hand. All calls fail with what the system says.
 */
export class AuditWitness {
  readonly path: string

  /** A file that may not be there yet, in a folder that is; or a folder. */
  constructor(path: string) {
    this.path = path
  }

  /** On that disk when it resolves. */
  async append(note: string) {
    const file = await open(await this.#file(), "a+", 0o600)
    try {
      const { size } = await file.stat()
      const last = Buffer.alloc(1, "\n")
      if (size > 0) await file.read(last, 0, 1, size - 1)
      // What a kill has cut stays, on lines of its own.
      await file.appendFile(last.toString() === "\n" ? note : `\n${note}`)
      await file.sync()
    } finally {
      await file.close()
    }
  }

  /** Rejects where nothing could be appended. */
  async check() {
    const file = await open(await this.#file(), "a", 0o600)
    await file.close()
  }

  /** The newest checkpoint that it has; undefined: none. */
  async last(): Promise<string | undefined> {
    const file = await open(await this.#file(), "r").catch(absent)
    if (file === undefined) return undefined
    try {
      const { size } = await file.stat()
      const start = Math.max(0, size - END_BYTES)
      const bytes = Buffer.alloc(size - start)
      await file.read(bytes, 0, bytes.length, start)
      return notesIn(bytes.toString()).at(-1)
    } finally {
      await file.close()
    }
  }

  /** In bytes: what it has at the moment. */
  async size(): Promise<number> {
    return (await stat(await this.#file()).catch(absent))?.size ?? 0
  }

  /** All that it had when it was of that size, oldest first. */
  async *notes(size: number): AsyncGenerator<string> {
    const file = size === 0 ? undefined : await open(await this.#file(), "r").catch(absent)
    if (file === undefined) return
    let text = ""
    // Leaving the loop closes the stream, and that the file.
    for await (const chunk of file.createReadStream({ encoding: "utf8", end: size - 1 })) {
      text += chunk as string
      const notes = notesIn(text)
      yield* notes
      const end = notes.length === 0 ? 0 : text.lastIndexOf(notes.at(-1) ?? "") + (notes.at(-1)?.length ?? 0)
      text = text.slice(end).slice(-END_BYTES)
    }
  }

  async #file() {
    const isFolder = (await stat(this.path).catch(absent))?.isDirectory() === true
    return isFolder ? join(this.path, FILE) : this.path
  }
}

function notesIn(text: string) {
  return text.match(NOTE) ?? []
}

function absent(error: NodeJS.ErrnoException) {
  if (error.code === "ENOENT") return undefined
  throw error
}

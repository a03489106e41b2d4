import { createWriteStream } from "node:fs"
import { resolve } from "node:path"
import { pipeline } from "node:stream/promises"

/** Writes it into a file that only its person may read; resolves when it is on the disk. */
export async function saveFile(bytes: ReadableStream<Uint8Array>, path: string) {
  await pipeline(bytes, createWriteStream(resolve(path), { mode: 0o600, flush: true }))
}

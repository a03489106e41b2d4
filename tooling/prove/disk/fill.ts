import { closeSync, fsyncSync, openSync, rmSync, writeSync } from "node:fs"

/** Takes all the room that there is; gives it back with `free`. */
export function fill(path: string) {
  const file = openSync(path, "w")
  for (let size = 1024 * 1024; size >= 1; size = Math.floor(size / 4)) writeUntilFull(file, Buffer.alloc(size, "x"))
  // What was promised to the file is taken: else it could be had by others until it is written.
  fsyncSync(file)
  closeSync(file)
  return { free: () => rmSync(path) }
}

function writeUntilFull(file: number, bytes: Buffer) {
  try {
    while (writeSync(file, bytes) === bytes.length);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error
  }
}

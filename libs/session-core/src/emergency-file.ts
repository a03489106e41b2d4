import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs"
import { dirname } from "node:path"
import { z } from "zod"
import type { EmergencyEntry, EmergencyFile } from "./emergency.ts"
import { ActorSchema } from "./events.ts"

/** Room for some hundred commands. */
const BYTES = 64 * 1024

const EnvelopeSchema = z.object({ at: z.string(), actor: ActorSchema })
const SessionCommandSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("kill"), reason: z.string() }),
  z.object({
    type: z.literal("vote"),
    choice: z.literal("reject"),
    approvalId: z.string(),
    voter: z.string().optional(),
    reason: z.string().optional(),
  }),
])
const EntrySchema = z.union([
  EnvelopeSchema.extend({ sessionId: z.string(), command: SessionCommandSchema }),
  EnvelopeSchema.extend({ command: z.object({ type: z.literal("stop-all"), reason: z.string() }) }),
])

/** A file of lines in a space that was taken from the disk when there was some. Throws when there is none. */
export function openEmergencyFile(path: string): EmergencyFile {
  if (!existsSync(path)) makeFile(path)
  const descriptor = openSync(path, "r+")
  const entries = readEntries(path)
  let end = entries.reduce((sum, entry) => sum + lineOf(entry).length, 0)
  let isOpen = true
  return {
    entries,
    add(entry) {
      const line = lineOf(entry)
      if (end + line.length > BYTES) throw new Error("The emergency file is full.")
      writeSync(descriptor, line, 0, line.length, end)
      fsyncSync(descriptor)
      end += line.length
      entries.push(entry)
    },
    clear() {
      writeSync(descriptor, Buffer.alloc(end), 0, end, 0)
      fsyncSync(descriptor)
      end = 0
      entries.length = 0
    },
    close() {
      if (isOpen) closeSync(descriptor)
      isOpen = false
    },
  }
}

// Whole or not at all.
function makeFile(path: string) {
  const draft = `${path}.new`
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileSync(draft, Buffer.alloc(BYTES), { mode: 0o600, flush: true })
    renameSync(draft, path)
  } catch (error) {
    const advice = "Free some space if the disk is full, and start again."
    throw new Error(`${path} cannot be made (${(error as Error).message}). ${advice}`, { cause: error })
  } finally {
    rmSync(draft, { force: true })
  }
}

// A line that was cut is one that nobody was told is there.
function readEntries(path: string): EmergencyEntry[] {
  const text = readFileSync(path, "utf8")
  const lines = text.slice(0, text.indexOf("\0")).split("\n").slice(0, -1)
  return lines.map((line) => EntrySchema.parse(JSON.parse(line)))
}

function lineOf(entry: EmergencyEntry) {
  return Buffer.from(`${JSON.stringify(entry)}\n`)
}

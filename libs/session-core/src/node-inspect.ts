import { createHash } from "node:crypto"
import { constants } from "node:fs"
import { access, open } from "node:fs/promises"
import { homedir } from "node:os"
import { delimiter, resolve } from "node:path"
import { readCommand } from "@aegis/policy"
import type { JudgeRequest } from "./aegis-parts.ts"
import { readCallFields } from "./call-fields.ts"
import type { BoundFile } from "./events.ts"
import { realTarget } from "./real-target.ts"

/** Of larger files it is when they were changed, and not what is in them. */
const MOST_BYTES = 1024 * 1024
/** Of one call; nobody reads a command that names more. */
const MOST_FILES = 2000

/** What programs run that their words do not name. */
const unnamed: Readonly<Record<string, readonly string[]>> = {
  npm: ["package.json"],
  pnpm: ["package.json"],
  yarn: ["package.json"],
  bun: ["package.json"],
  make: ["GNUmakefile", "makefile", "Makefile"],
}

export interface InspectOptions {
  /** Where the agent's programs are found (`PATH`). */
  readonly searchPath: string
}

/**
 * The files that a call leads to at this moment: where its paths lead, which programs its commands are, and what is in the
 * files that these are given. Somebody decides about these, and while it is open the agent or its children may change them.
 */
export function createInspect({ searchPath }: InspectOptions) {
  return async ({ tool, session: { workDir } }: JudgeRequest): Promise<readonly BoundFile[]> => {
    const { command, paths } = readCallFields(tool)
    const { commands, files: written } = readCommand(command, { workDir, home: homedir() })
    const programs = commands.map(([program = ""]) => program)
    const words = [...commands.flat(), ...programs.flatMap((program) => unnamed[program] ?? [])]
    const moves = commands.flatMap(([program, to = ""]) => (program === "cd" ? [resolve(workDir, to)] : []))
    const files: BoundFile[] = []
    const add = (file: BoundFile | undefined) => {
      if (file && files.length < MOST_FILES) files.push(file)
    }
    for (const path of new Set([...paths, ...written])) add({ path, target: await realTarget(resolve(workDir, path)) })
    for (const program of new Set(programs)) add(await findProgram(program, { searchPath, workDir }))
    for (const folder of new Set([workDir, ...moves]))
      for (const word of new Set(words.slice(0, MOST_FILES))) add(await lookAt(word, folder))
    return files
  }
}

async function findProgram(
  program: string,
  { searchPath, workDir }: { readonly searchPath: string; readonly workDir: string },
): Promise<BoundFile | undefined> {
  if (program === "" || program.includes("/")) return undefined
  for (const folder of searchPath.split(delimiter)) {
    const path = resolve(workDir, folder, program)
    const isProgram = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    const found = isProgram ? await describe(path) : undefined
    if (found && found.state !== FOLDER) return { path: program, ...found }
  }
  return undefined
}

/** A word that names no file is only a word. */
async function lookAt(word: string, folder: string): Promise<BoundFile | undefined> {
  if (word === "" || word.includes("\0")) return undefined
  const found = await describe(folder, word)
  return found && { path: word, ...found }
}

const FOLDER = "folder"

async function describe(...path: readonly string[]) {
  const target = await realTarget(resolve(...path))
  try {
    // What is no file, such as a pipe, is not waited for.
    const handle = await open(target, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      return { target, state: await stateOf(handle) }
    } finally {
      await handle.close()
    }
  } catch {
    return undefined
  }
}

async function stateOf(handle: Awaited<ReturnType<typeof open>>) {
  const found = await handle.stat({ bigint: true })
  if (found.isDirectory()) return FOLDER
  if (found.isFile() && found.size <= MOST_BYTES)
    return createHash("sha256")
      .update(await handle.readFile())
      .digest("hex")
  // Nobody but the system sets the time of a change.
  return `${found.size} bytes, ${found.dev}:${found.ino}, changed ${found.ctimeNs}`
}

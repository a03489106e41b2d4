import { unknownCharacter } from "./glob.ts"
import type { PolicyRequest } from "./policy-request.ts"
import { filesOf } from "./prepare-request.ts"
import { readShell } from "./read-shell.ts"

/** What a command line names, for whoever can look at what is there. */
export interface CommandReading {
  /**
   * The words of every command that it may run, also of those inside others, as far as they are literal; what only the shell
   * will know is empty. The first of each is its program.
   */
  readonly commands: readonly (readonly string[])[]
  /**
   * The files of its redirects, absolute. Links in them are not resolved: whoever can look adds the real ones to a request's
   * `paths`, since here nobody can.
   */
  readonly files: readonly string[]
}

/** Reads a command line as it will be judged; of a call that runs none, nothing. */
export function readCommand(
  command: string | undefined,
  place: Pick<PolicyRequest["context"], "workDir" | "home">,
): CommandReading {
  if (command === undefined) return { commands: [], files: [] }
  const reading = readShell(command)
  return {
    commands: reading.commands.map(({ words }) => words.map((word) => (word.includes(unknownCharacter) ? "" : word))),
    files: filesOf(reading, place),
  }
}

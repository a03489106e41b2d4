import { unknownCharacter } from "./glob.ts"
import { readShell } from "./read-shell.ts"

/**
 * The words of every command that a line may run, also of those inside others, as far as they are literal: for whoever looks
 * which programs and files they name. The first of each is its program.
 */
export function commandWords(command: string): readonly (readonly string[])[] {
  const { commands } = readShell(command)
  return commands.map(({ words }) => words.map((word) => (word.includes(unknownCharacter) ? "" : word)))
}

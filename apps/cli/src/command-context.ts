import type { Output } from "./output.ts"

/** What a command gets beside its own arguments. */
export interface CommandContext {
  readonly output: Output
  exitCode: number
}

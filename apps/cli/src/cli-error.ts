/** A failure that the program tells and ends with: `usage` for what was typed, `failed` for what went wrong. */
export class CliError extends Error {
  override readonly name = "CliError"
  readonly code: "usage" | "failed" | "unreachable"

  constructor(code: CliError["code"], message: string) {
    super(message)
    this.code = code
  }
}

/** A failure that the program tells and ends with: `usage` for what was typed, `refused` for who asks, `failed` else. */
export class CliError extends Error {
  override readonly name = "CliError"
  readonly code: "usage" | "refused" | "failed" | "unreachable"

  constructor(code: CliError["code"], message: string) {
    super(message)
    this.code = code
  }
}

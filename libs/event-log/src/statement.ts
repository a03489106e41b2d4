/** One SQL text, with a `?` for each of its parameters. */
export interface Statement {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

import type { ToolCall } from "@aegis/acp-runtime"

/** What a tool call names, as the agent wrote it. */
export interface CallFields {
  /** As written: relative ones are the working directory's, and links are links. */
  readonly paths: readonly string[]
  /** The command line of a tool that runs one. */
  readonly command: string | undefined
  /** Of the addresses it names; without port. */
  readonly hosts: readonly string[]
}

/** Names under which tools of the agents take a path. */
const PATH_FIELDS = ["path", "file_path", "filePath", "notebook_path", "abs_path", "old_path", "new_path", "cwd"]

/**
 * Reads what policy judges from a call's input and locations, by the names of the fields and never from a title. What it
 * cannot read is not there, and what is not there is allowed by no rule that names it (spec/policy.md).
 */
export function readCallFields({ input, locations = [] }: ToolCall): CallFields {
  const fields = typeof input === "object" && input !== null ? (input as Readonly<Record<string, unknown>>) : {}
  const named = PATH_FIELDS.map((name) => fields[name]).filter((path) => typeof path === "string")
  return {
    paths: [...new Set([...locations.map(({ path }) => path), ...named])],
    command: commandOf(fields.command),
    hosts: hostsOf(fields.url),
  }
}

/** Some agents give a command line, some the words of one: these are put in quotes, so that each stays a word. */
function commandOf(command: unknown) {
  if (typeof command === "string") return command
  if (!Array.isArray(command) || !command.every((word) => typeof word === "string")) return undefined
  return command.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(" ")
}

function hostsOf(url: unknown) {
  if (typeof url !== "string" || !URL.canParse(url)) return []
  const { hostname } = new URL(url)
  return hostname === "" ? [] : [hostname]
}

/** Longer ones are in the input. */
const LONGEST = 200

/** What a tool of Claude's that is not asked about over ACP is shown as: its name, and what it is about. */
export function titleOfCall(name: string, input: unknown) {
  const fields = typeof input === "object" && input !== null ? (input as Readonly<Record<string, unknown>>) : {}
  const about = ABOUT.map((field) => fields[field]).find((value) => typeof value === "string")
  const title = about === undefined ? name : `${name} ${about}`
  return title.length > LONGEST ? `${title.slice(0, LONGEST - 1).toWellFormed()}…` : title
}

const ABOUT = ["command", "file_path", "notebook_path", "url", "pattern", "path", "description"]

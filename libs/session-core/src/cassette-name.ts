const PREFIX = "cassette:"

/** The file of an agent's name that says `cassette:<file>`; undefined: it is another agent. */
export function fileOfCassette(agent: string) {
  return agent.startsWith(PREFIX) ? agent.slice(PREFIX.length) : undefined
}

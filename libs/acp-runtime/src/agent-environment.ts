export interface AgentEnvironmentOptions {
  /** The environment of the server, given by the caller. */
  readonly inherit: Readonly<Record<string, string | undefined>>
  /** Beginnings of further names that this agent may inherit (`ANTHROPIC_`). */
  readonly allow?: readonly string[]
  /** Further names; one that ends with `*` is the beginning of names. */
  readonly names?: readonly string[] | undefined
  /** Names of the same form that it does not inherit, whoever allows them. */
  readonly deny?: readonly string[] | undefined
}

/** What an agent may inherit: an allow-list, so that a secret which nobody thought of stays behind. */
export function createAgentEnvironment({
  inherit,
  allow = [],
  names = [],
  deny = [],
}: AgentEnvironmentOptions): Record<string, string> {
  const environment: Record<string, string> = {}
  for (const [name, value] of Object.entries(inherit)) {
    const isInherited = isAllowed(name, allow) || (!isOurs(name) && isNamed(name, names))
    if (value !== undefined && isInherited && !isNamed(name, deny)) environment[name] = value
  }
  return environment
}

const NAMES = new Set([
  ..."PATH HOME LANG LANGUAGE TERM COLORTERM TZ TMPDIR TMP TEMP USER LOGNAME SHELL".split(" "),
  // Without these no program starts on Windows.
  ..."SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT USERPROFILE HOMEDRIVE HOMEPATH USERNAME".split(" "),
  ..."APPDATA LOCALAPPDATA PROGRAMDATA PROGRAMFILES PROCESSOR_ARCHITECTURE NUMBER_OF_PROCESSORS".split(" "),
])
const PREFIXES = ["LC_", "XDG_"]
// The server's own settings and secrets, whatever a configuration allows.
const OURS = "AEGIS_"

function isAllowed(name: string, allow: readonly string[]) {
  // Windows does not care about the case of names, and writes `Path`.
  const upper = name.toUpperCase()
  if (isOurs(name)) return false
  return (
    NAMES.has(upper) ||
    [...PREFIXES, ...allow].some((prefix) => prefix !== "" && upper.startsWith(prefix.toUpperCase()))
  )
}

function isOurs(name: string) {
  return name.toUpperCase().startsWith(OURS)
}

function isNamed(name: string, patterns: readonly string[]) {
  const upper = name.toUpperCase()
  return patterns.some((pattern) =>
    pattern.endsWith("*") ? upper.startsWith(pattern.slice(0, -1).toUpperCase()) : upper === pattern.toUpperCase(),
  )
}

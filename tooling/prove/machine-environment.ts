import { delimiter, sep } from "node:path"

/** The environment of a person at this machine: without what npm, pnpm and our own scripts have put into ours. */
export function machineEnvironment(first?: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([variable]) => (!/^(npm|pnpm)_/i.test(variable) || /^npm_config_registry$/i.test(variable)) && !isOurs(variable),
  )
  const folders = (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => !folder.includes(`${sep}node_modules${sep}`))
  return { ...Object.fromEntries(kept), PATH: [...(first ? [first] : []), ...folders].join(delimiter) }
}

function isOurs(variable: string) {
  return ["INIT_CWD", "NODE", "NODE_OPTIONS", "NODE_PATH", "TURBO_TELEMETRY_DISABLED", "DO_NOT_TRACK"].includes(
    variable,
  )
}

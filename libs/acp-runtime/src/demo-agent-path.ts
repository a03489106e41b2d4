import { fileURLToPath } from "node:url"

/** The program of the `demo` agent: beside this file, source beside source and built beside built. */
export function demoAgentPath() {
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js"
  return fileURLToPath(new URL(`./demo-agent.${ending}`, import.meta.url))
}

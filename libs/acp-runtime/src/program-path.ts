import { fileURLToPath } from "node:url"

/** A program of this package that runs as a process of its own: beside this file, source beside source, built beside built. */
export function programPath(name: "demo-agent" | "cassette-agent" | "agent-host-program") {
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js"
  return fileURLToPath(new URL(`./${name}.${ending}`, import.meta.url))
}

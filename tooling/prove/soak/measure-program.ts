import { renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

// Loaded before the server that is measured, and part of no server: at a signal it collects all garbage and writes down
// what is left.
const [stateDir = ""] = process.argv.slice(2)
const path = join(stateDir, "measured.json")
setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc") as () => void

process.on("SIGUSR2", () => {
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  const timers = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length
  writeFileSync(`${path}.new`, JSON.stringify({ live: heapUsed + external, timers }))
  renameSync(`${path}.new`, path)
})

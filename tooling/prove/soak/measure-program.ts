import { renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8"
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
  const code = getHeapSpaceStatistics().filter(({ space_name: name }) => /^(?:code|trusted)_/.test(name))
  const timers = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length
  writeFileSync(`${path}.new`, JSON.stringify({ live: heapUsed + external - sum(code), timers }))
  renameSync(`${path}.new`, path)
})

// What is compiled of the program, and anew where it is used most: as much as there is of the program, and nothing that is kept.
function sum(spaces: ReturnType<typeof getHeapSpaceStatistics>) {
  return spaces.reduce((bytes, { space_used_size: used }) => bytes + used, 0)
}

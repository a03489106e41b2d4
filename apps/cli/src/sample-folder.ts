import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"

/** A fresh small project in a temporary folder, for an agent to look at. */
export function makeSampleFolder() {
  const folder = mkdtempSync(join(tmpdir(), "aegis-sample-"))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

const files = {
  "README.md": "# Tide table\n\nPrints when the water is high.\n",
  "src/tide.ts":
    "export function nextHighTide(from: Date) {\n  return new Date(from.getTime() + 12.42 * 3_600_000)\n}\n",
  "src/main.ts": 'import { nextHighTide } from "./tide.ts"\n\nconsole.log(nextHighTide(new Date()).toISOString())\n',
}

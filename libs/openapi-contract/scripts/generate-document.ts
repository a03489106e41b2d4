import { readFileSync, writeFileSync } from "node:fs"
import { toDocument } from "../src/index.ts"

// The contract as a file: what clients are generated from, and what a reader of the repository sees change.
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }
writeFileSync(new URL("../openapi.json", import.meta.url), `${JSON.stringify(toDocument(version), null, 2)}\n`)

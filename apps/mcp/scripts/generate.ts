import { readFileSync, writeFileSync } from "node:fs"
import { type ContractDocument, toolsOf } from "./tools-of.ts"

// The tools, from the contract: their names, their arguments, and which operation they are.
const contract = new URL("../../../libs/openapi-contract/openapi.json", import.meta.url)
const tools = toolsOf(JSON.parse(readFileSync(contract, "utf8")) as ContractDocument)
writeFileSync(
  new URL("../src/tools.gen.ts", import.meta.url),
  `// Generated from the contract by scripts/generate.ts.

/** The operations that are tools too. */
export const tools = ${JSON.stringify(tools, null, 2)} as const
`,
)

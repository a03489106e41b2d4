import { writeFileSync } from "node:fs"
import { generateAgentShapes } from "./agent-shapes.ts"

// node scripts/generate-agent-shapes.ts: after an update of the protocol's SDK.
writeFileSync(new URL("../src/generated/agent-shapes.gen.ts", import.meta.url), generateAgentShapes())

import { readFileSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { createConfig, lint } from "@redocly/openapi-core"
import openapiTS, { astToString, type OpenAPI3 } from "openapi-typescript"
import { type CheckResult, runTool } from "./run-tool.ts"
import { withTemporaryFolder } from "./temporary-folder.ts"

const DOCUMENT = "libs/openapi-contract/openapi.json"

/** The OpenAPI document by judges that others wrote: a linter, and a second generator of clients. */
export async function checkDocument(): Promise<CheckResult> {
  const document = JSON.parse(readFileSync(DOCUMENT, "utf8")) as OpenAPI3
  if (Object.keys(document.paths ?? {}).length === 0) return { ok: false, output: `${DOCUMENT} has no paths` }
  const problems = [...(await lintProblems()), ...(await generatorProblems(document))]
  return { ok: problems.length === 0, output: problems.join("\n") }
}

async function lintProblems() {
  const rules = {
    "operation-tag-defined": "error",
    // EventData is named for clients: the operations take events of any type.
    "no-unused-components": "off",
  } as const
  const config = await createConfig({ extends: ["recommended-strict"], rules })
  const problems = await lint({ ref: resolve(DOCUMENT), config })
  return problems.map(
    ({ ruleId, message, location: [place] }) => `${DOCUMENT}${place?.pointer ?? ""}: ${message} (${ruleId})`,
  )
}

/** What it generates has to be without an error for the compiler. */
async function generatorProblems(document: OpenAPI3) {
  const types = await openapiTS(document, { silent: true }).then(astToString, (error: unknown) => String(error))
  return withTemporaryFolder("check-document", async (folder) => {
    writeFileSync(join(folder, "document.ts"), types)
    const compilerOptions = { noEmit: true, strict: true, types: [] }
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["document.ts"] }))
    const { ok, output } = await runTool("tsc", ["--project", folder])
    return ok ? [] : [`openapi-typescript makes what does not compile of ${DOCUMENT}:\n${output}`]
  })
}

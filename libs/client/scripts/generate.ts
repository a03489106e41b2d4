import { globSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { createClient } from "@hey-api/openapi-ts"
import { clientClass, type OpenApiDocument } from "./client-class.ts"

// Everything under src/generated, from the contract: types and a function per operation, and the class with a method each.
const contract = fileURLToPath(new URL("../../openapi-contract/openapi.json", import.meta.url))
const target = fileURLToPath(new URL("../src/generated/", import.meta.url))

await createClient({
  input: contract,
  output: { path: target, clean: true, importFileExtension: ".ts" },
  plugins: ["@hey-api/client-fetch", "@hey-api/typescript", "@hey-api/sdk"],
  logs: { level: "silent" },
})
const document = JSON.parse(readFileSync(contract, "utf8")) as OpenApiDocument
writeFileSync(`${target}operations.gen.ts`, clientClass(document))

for (const file of globSync("**/*.ts", { cwd: target }).toSorted()) {
  const path = `${target}${file}`
  const text = readFileSync(path, "utf8").replaceAll("/index.ts'", "/index.gen.ts'")
  // The generator's own runtime is written for laxer settings than a package has that compiles it from source.
  writeFileSync(path, /^(client|core)[/\\]/.test(file) ? `// @ts-nocheck\n${text}` : text)
  // What is generated can be told by its name alone.
  if (!file.endsWith(".gen.ts")) renameSync(path, path.replace(/\.ts$/, ".gen.ts"))
}

import { readFileSync, writeFileSync } from "node:fs"
import { createClient } from "@hey-api/openapi-ts"
import { clientClass, type OpenApiDocument } from "./client-class.ts"

// Everything under src/generated, from the contract: types and a function per operation, and the class with a method each.
const contract = new URL("../../openapi-contract/openapi.json", import.meta.url)
const target = new URL("../src/generated/", import.meta.url)

await createClient({
  input: contract.pathname,
  output: { path: target.pathname, clean: true, importFileExtension: ".ts" },
  plugins: ["@hey-api/client-fetch", "@hey-api/typescript", "@hey-api/sdk"],
  logs: { level: "silent" },
})
const document = JSON.parse(readFileSync(contract, "utf8")) as OpenApiDocument
writeFileSync(new URL("operations.gen.ts", target), clientClass(document))

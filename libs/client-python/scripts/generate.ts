import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { OpenApiDocument } from "./open-api.ts"
import { defineEvents, modelsFile } from "./python-models.ts"
import { operationsFile } from "./python-operations.ts"
import { PythonTypes } from "./python-types.ts"

// Everything under _generated, from the contract: the models, and a class with a method per operation.
const contract = fileURLToPath(new URL("../../openapi-contract/openapi.json", import.meta.url))
const target = fileURLToPath(new URL("../src/aegis_python_client/_generated/", import.meta.url))

const document = JSON.parse(readFileSync(contract, "utf8")) as OpenApiDocument
const types = new PythonTypes(document.components.schemas)
const operations = operationsFile(document, types)
const knownEvents = defineEvents(types, document.components.schemas)

rmSync(target, { recursive: true, force: true })
mkdirSync(target)
writeFileSync(`${target}__init__.py`, '"""Generated from the contract by scripts/generate.ts."""\n')
writeFileSync(`${target}models.py`, modelsFile(types, knownEvents))
writeFileSync(`${target}operations.py`, operations)

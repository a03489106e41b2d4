import { globSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"

const folder = fileURLToPath(new URL("../", import.meta.url))
const files = globSync("src/**/*.ts", { cwd: folder })
const texts = files.map((file) => readFileSync(`${folder}${file}`, "utf8"))

it("the client imports nothing but its own files, so that it runs anywhere", () => {
  const imports = texts.flatMap((text) =>
    [...text.matchAll(/(?:\bfrom|^import|\bimport\(|\brequire\()\s*["']([^"']+)["']/gm)].map(([, from]) => from),
  )
  expect(imports.length).toBeGreaterThan(20)
  expect(imports.filter((from) => !from?.startsWith("."))).toEqual([])
})

it("every generated file can be told by its name", () => {
  const generated = files.filter((file) => file.includes("generated"))
  expect(generated.length).toBeGreaterThan(10)
  expect(generated.filter((file) => !file.endsWith(".gen.ts"))).toEqual([])
})

it("each operation of the contract has a method, or is a stream, or is for hooks alone", async () => {
  const contract = JSON.parse(readFileSync(`${folder}../openapi-contract/openapi.json`, "utf8")) as {
    paths: Record<string, Record<string, { operationId: string }>>
  }
  const names = Object.values(contract.paths).flatMap((path) =>
    Object.values(path).map(({ operationId }) => operationId),
  )
  const { AegisClient } = await import("../src/index.ts")
  expect(names.filter((name) => !(name in AegisClient.prototype))).toEqual([
    "subscribeSessionEvents",
    "subscribeEvents",
    "receiveHook",
    "receiveSessionHook",
  ])
})

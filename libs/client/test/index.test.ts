import { globSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"

it("the client imports nothing but its own files, so that it runs anywhere", () => {
  const files = globSync("src/**/*.ts", { cwd: fileURLToPath(new URL("../", import.meta.url)) })
  const imports = files.flatMap((file) =>
    [...readFileSync(new URL(`../${file}`, import.meta.url), "utf8").matchAll(/ from ["']([^"']+)["']/g)].map(
      ([, from]) => from,
    ),
  )
  expect(imports.length).toBeGreaterThan(20)
  expect(imports.filter((from) => !from?.startsWith("."))).toEqual([])
})

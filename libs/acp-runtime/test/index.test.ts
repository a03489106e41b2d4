import { readFile } from "node:fs/promises"
import { expect, test } from "vitest"

test("the root entry runs in a browser: nothing that it imports is Node's", async () => {
  const seen = new Map<string, string[]>()
  await follow(new URL("../src/index.ts", import.meta.url), seen)

  expect(seen.size).toBeGreaterThan(15)
  expect([...seen.values()].flat().filter((name) => !name.startsWith("."))).toEqual([])
})

/** Every import of values, from a file on; types leave no trace. */
async function follow(file: URL, seen: Map<string, string[]>) {
  if (seen.has(file.href)) return
  const source = await readFile(file, "utf8")
  const imports = [...source.matchAll(/^(?:import|export) (?!type )[^"]*?from "([^"]+)"/gms)].map(
    (match) => match[1] ?? "",
  )
  seen.set(file.href, imports)
  for (const name of imports.filter((each) => each.startsWith("."))) await follow(new URL(name, file), seen)
}

import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { expect, test } from "vitest"

test("the example of the README runs", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8")
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? expect.fail("The README has no example.")
  const args = ["--conditions=@aegis/source", "--input-type=module", "--eval", example]
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
  })

  const told = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim())
  expect(told).toContain("ready")
  expect(told.filter((line) => line.startsWith("message.delta")).at(-1)).toBe("message.delta always the same.")
  expect(told.at(-1)).toBe("turn.ended")
})

test("every script step is in the README's table", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8")
  const sources = await Promise.all(
    ["script-player", "process-steps"].map((name) =>
      readFile(new URL(`../src/demo/${name}.ts`, import.meta.url), "utf8"),
    ),
  )
  const table = /const STEPS[^{]*\{(.*?)\n\}/s.exec(sources[0] ?? "")?.[1] ?? ""
  const words = [...table.matchAll(/^ {2}(\w+):/gm), ...(sources[1] ?? "").matchAll(/case "([\w-]+)"/g)].map(
    (match) => match[1],
  )

  expect(words.length).toBeGreaterThan(24)
  expect(words.filter((word) => !new RegExp(`\`${word}[ \`]`).test(readme))).toEqual([])
})

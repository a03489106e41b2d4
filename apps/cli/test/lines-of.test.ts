import { expect, it } from "vitest"
import { linesOf } from "../src/lines-of.ts"

async function* cut(text: string, length: number) {
  const bytes = Buffer.from(text)
  for (let start = 0; start < bytes.length; start += length) yield bytes.subarray(start, start + length)
}

async function all(lines: AsyncIterable<string>) {
  const found: string[] = []
  for await (const line of lines) found.push(line)
  return found
}

it("lines are the same however their bytes come, and only a line feed ends one", async () => {
  const lines = ["Grüße", "a\u2028b\rc", "", "👍", "the last"]
  for (const end of ["", "\n"])
    for (let length = 1; length < 12; length += 1)
      expect(await all(linesOf(cut(lines.join("\n") + end, length)))).toEqual(lines)
  expect(await all(linesOf(cut("", 1)))).toEqual([])
})

it("what is no text is no lines", async () => {
  await expect(all(linesOf(cut("a\n", 1)))).resolves.toEqual(["a"])
  const broken = (async function* () {
    yield Buffer.from([0x61, 0xff, 0x0a])
  })()
  await expect(all(linesOf(broken))).rejects.toThrow()
})

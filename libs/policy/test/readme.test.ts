import { expect, it } from "vitest"
import { runReadme } from "../../../tooling/vitest/run-readme.ts"

it("the README's example runs as printed", async () => {
  expect(await runReadme(new URL("../", import.meta.url))).toBe("allow ask\nnothing is removed\nallow\nforbidden\n")
})

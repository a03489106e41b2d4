import { expect, it } from "vitest"
import { runReadme } from "../../../tooling/vitest/run-readme.ts"

it("the README's example runs as printed", async () => {
  const output = await runReadme(new URL("../", import.meta.url))
  expect(output).toBe("Aegis\npost /v1/sessions session.create\nget /v1/health public\n")
})

import { expect, it } from "vitest"
import { runReadme } from "../../../tooling/vitest/run-readme.ts"

it("the README's example runs as printed", async () => {
  expect(await runReadme(new URL("../", import.meta.url))).toBe(
    'deploy --token [redacted: token]\n{"user":"ada","password":"[redacted: password]"}\nthe key is API_KEY=[redacted: key]||\n',
  )
})

import { defineConfig, mergeConfig } from "vitest/config"
import lib from "../vitest/lib.ts"

/** The real agent's tests, with the one that fetches; the results of `npm test` stay as they are. */
export default mergeConfig(
  lib,
  defineConfig({
    test: {
      include: ["e2e-claude/first-use/*.test.ts"],
      reporters: [["json", { outputFile: "e2e-claude/test-results.json" }]],
    },
  }),
)

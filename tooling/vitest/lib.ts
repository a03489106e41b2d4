import { defineConfig } from "vitest/config"
import { LongestFirst } from "./longest-first.ts"

const conditions = ["@aegis/source"]

/** The tests of a package: from source, without a build; the counts go to test-results.json. */
export default defineConfig({
  resolve: { conditions: [...conditions, "module", "browser", "development|production"] },
  ssr: {
    resolve: {
      conditions: [...conditions, "module", "node", "development|production"],
      externalConditions: conditions,
    },
  },
  test: {
    include: ["**/test/**/*.test.ts", "*/*.test.ts"],
    setupFiles: [new URL("./fail-on-output.ts", import.meta.url).pathname],
    reporters: ["default", ["json", { outputFile: "test-results.json" }]],
    pool: "forks",
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    execArgv: ["--conditions=@aegis/source", "--disable-warning=ExperimentalWarning"],
    // What tests start compiles its modules once, as what a person starts does: three times less to do at each start.
    env: { NODE_COMPILE_CACHE: new URL("../node_modules/.cache/compiled", import.meta.url).pathname },
    // Against what hangs: no test is judged by how busy the machine is.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
  },
})

import { fileURLToPath } from "node:url"
import { mergeConfig } from "vitest/config"
import common from "./lib.ts"

const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/**
 * Its modules are loaded once for all files: no test changes them, and to load them takes as long as many a test. What it
 * starts by the hundred is built before: that takes half of the time to start.
 */
export default mergeConfig(common, {
  resolve: { alias: [{ find: /^\.\/program-path\.ts$/, replacement: fileOf("built-programs.ts") }] },
  test: { isolate: false, maxWorkers: 3, globalSetup: fileOf("build-programs.ts") },
})

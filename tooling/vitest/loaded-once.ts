import { mergeConfig } from "vitest/config"
import common from "./lib.ts"

/** Its modules are loaded once for all files: no test changes them, and to load them takes as long as many a test. */
export default mergeConfig(common, { test: { isolate: false, maxWorkers: 3 } })

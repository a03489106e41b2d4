import { mergeConfig } from "vitest/config"
import common from "../../tooling/vitest/lib.ts"

/** What is tested is the program as it is built, which starts in half of the time that its sources take; tests mostly wait for it. */
export default mergeConfig(common, { test: { globalSetup: "test/build-once.ts", maxWorkers: 3 } })

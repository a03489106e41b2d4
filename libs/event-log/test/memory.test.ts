import { openMemoryLog } from "../src/index.ts"
import { describeEventLog } from "./conformance.ts"

describeEventLog("memory", async (options) => openMemoryLog(options))

import { openMemoryLog } from "../src/index.ts"
import { describeEventLog } from "./conformance.ts"

describeEventLog("memory", async () => async (options) => openMemoryLog(options), { keeps: false })

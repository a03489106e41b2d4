import { parentPort, workerData } from "node:worker_threads"
import { redactJson } from "./redact-json.ts"

// The inside of `redactJsonApart`: one text of JSON, and an answer.
const value: unknown = JSON.parse(workerData as string)
const redacted = redactJson(value)
parentPort?.postMessage(redacted === value ? undefined : JSON.stringify(redacted))

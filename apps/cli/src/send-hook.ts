import { readFileSync } from "node:fs"
import { join } from "node:path"
import { isProcessAlive } from "@aegis/acp-runtime/agent"
import { readServerRecord } from "./server-record.ts"

export interface SendHookOptions {
  /** The data directory, and nothing else: a configuration of the folder that the agent is in would be the agent's. */
  readonly stateDir: string
  readonly payload: string
  /** The run of an agent of ours that it comes from. */
  readonly runId?: string | undefined
}

/** The agent waits for it, at each of its steps; less than Claude itself does, which would say that it failed. */
const PATIENCE_MS = 8000

/** Tells the server of the data directory what an agent's hook says; gives what the agent is to be told, if anything. */
export async function sendHook(
  event: string,
  { stateDir, payload, runId }: SendHookOptions,
): Promise<string | undefined> {
  const record = readServerRecord(stateDir)
  // A server that is gone may have left its port to somebody else, who is told no secret.
  if (!record || !isProcessAlive(record.pid)) return undefined
  const response = await fetch(`${record.url}/v1/hooks/${encodeURIComponent(event)}`, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-Hook-Secret": readFileSync(join(stateDir, "hook-secret"), "utf8").trim(),
      ...(runId === undefined ? {} : { "X-Aegis-Run": runId }),
    },
    body: payload,
    signal: AbortSignal.timeout(PATIENCE_MS),
  })
  return response.status === 200 ? response.text() : undefined
}

import type { StartFailedFact } from "./agent-fact.ts"
import type { RpcError } from "./agent-message.ts"
import type { Dialogue, DialogueStep } from "./dialogue-state.ts"
import { facts } from "./dialogue-step.ts"
import { isRecord } from "./json-record.ts"
import { present } from "./present.ts"
import { rpcCodes } from "./rpc-frame.ts"

type Step = StartFailedFact["step"]

/** Ends the handshake: nothing more is sent, and the fact says at which step and why. */
export function failStart(dialogue: Dialogue, step: Step, { code, message, data }: RpcError): DialogueStep {
  const fact = {
    type: "start-failed",
    step,
    code: toCode(step, code),
    message: toMessage(message, data),
    ...present({ data }),
  }
  return facts({ ...dialogue, step: "failed" }, [fact as StartFailedFact])
}

/** A problem that we found ourselves. */
export function misfit(message: string): RpcError {
  return { code: rpcCodes.internalError, message }
}

function toCode(step: Step, code: number): StartFailedFact["code"] {
  if (code === rpcCodes.authRequired) return "agent-auth-required"
  if (step === "open" && code === rpcCodes.notFound) return "agent-session-lost"
  if (step === "mode") return "mode-refused"
  return step === "option" ? "option-refused" : "agent-start-failed"
}

/** The reason often stands only in the error's data ("native binary not found at ..."). */
function toMessage(message: string, data: unknown) {
  const details = isRecord(data) ? data.details : undefined
  return typeof details === "string" ? `${message}: ${details}` : message
}

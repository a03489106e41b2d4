import type * as acp from "@agentclientprotocol/sdk/unstable"
import { fit } from "./agent-shape.ts"
import { agentShapes } from "./generated/agent-shapes.gen.ts"

/** What agents send us, by the protocol's own names. Words of closed lists may be others than the types say. */
interface ProtocolValues {
  readonly CancelRequestNotification: acp.CancelRequestNotification
  readonly CreateElicitationRequest: acp.CreateElicitationRequest
  readonly InitializeResponse: acp.InitializeResponse
  readonly LoadSessionResponse: acp.LoadSessionResponse
  readonly NewSessionResponse: acp.NewSessionResponse
  readonly PromptResponse: acp.PromptResponse
  readonly RequestPermissionRequest: acp.RequestPermissionRequest
  readonly ResumeSessionResponse: acp.ResumeSessionResponse
  readonly SessionNotification: acp.SessionNotification
  readonly SetSessionConfigOptionResponse: acp.SetSessionConfigOptionResponse
  readonly SetSessionModeResponse: acp.SetSessionModeResponse
}

export type ProtocolReading<T> =
  | { readonly fits: true; readonly value: T; readonly dropped: readonly string[] }
  | { readonly fits: false; readonly reason: string }

/** Parses a value from an agent, once, at the edge. */
export function readProtocol<Name extends keyof ProtocolValues>(name: Name, value: unknown) {
  return fit(agentShapes, name, value) as ProtocolReading<ProtocolValues[Name]>
}

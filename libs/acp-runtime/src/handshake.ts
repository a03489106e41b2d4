import type * as acp from "@agentclientprotocol/sdk/unstable"
import type { StartFailedFact } from "./agent-fact.ts"
import type { AgentMessage } from "./agent-message.ts"
import type { AgentIdentity, Dialogue, DialogueStep } from "./dialogue-state.ts"
import { droppedFrom, facts, frames } from "./dialogue-step.ts"
import { initializeId, modeId, openId, optionId } from "./frame-id.ts"
import { openFrame, PROTOCOL_VERSION } from "./handshake-frame.ts"
import { findOption, listed, offeredModes, refuseOption } from "./offered-options.ts"
import { present } from "./present.ts"
import { type ProtocolReading, readProtocol } from "./read-protocol.ts"
import { requestFrame } from "./rpc-frame.ts"
import { toConfigOptions, toSessionModes } from "./session-values.ts"
import { failStart, misfit } from "./start-failure.ts"

type Answer = Extract<AgentMessage, { type: "response" | "failure" }>
type Step = StartFailedFact["step"]

/** The id of the answer that the handshake waits for; undefined when it is over. */
export function awaitedId({ step, optionsSet = 0, options: { runId } }: Dialogue) {
  switch (step) {
    case "initialize":
      return initializeId(runId)
    case "open":
      return openId(runId)
    case "mode":
      return modeId(runId, 0)
    case "option":
      return optionId(runId, optionsSet)
    case "ready":
    case "failed":
      return undefined
  }
}

/** Takes the awaited answer and goes on to the next step. */
export function shakeHands(dialogue: Dialogue, answer: Answer): DialogueStep {
  const { step } = dialogue
  if (step === "ready" || step === "failed") return facts(dialogue, [])
  if (answer.type === "failure") return failStart(dialogue, step, answer.error)
  switch (step) {
    case "initialize":
      return read(dialogue, answer, readProtocol("InitializeResponse", answer.result), onInitialized)
    case "open":
      return read(dialogue, answer, readOpened(dialogue, answer.result ?? {}), onOpened)
    case "mode":
      return setOption(withOptions(withMode(dialogue), answer.result))
    case "option":
      return setOption(withOptions({ ...dialogue, optionsSet: (dialogue.optionsSet ?? 0) + 1 }, answer.result))
  }
}

function read<T>(
  dialogue: Dialogue,
  answer: Answer,
  reading: ProtocolReading<T>,
  next: (dialogue: Dialogue, value: T) => DialogueStep,
): DialogueStep {
  const step = dialogue.step as Step
  if (!reading.fits)
    return failStart(dialogue, step, misfit(`The agent's answer does not fit the protocol: ${reading.reason}.`))
  const after = next(dialogue, reading.value)
  return { ...after, facts: [...droppedFrom(answer, reading.dropped), ...after.facts] }
}

function onInitialized(dialogue: Dialogue, answer: acp.InitializeResponse): DialogueStep {
  const { protocolVersion } = answer
  if (protocolVersion !== PROTOCOL_VERSION) {
    const message = `The agent speaks version ${protocolVersion} of the protocol; version ${PROTOCOL_VERSION} is needed.`
    return failStart(dialogue, "initialize", misfit(message))
  }
  const agent: AgentIdentity = {
    ...present({ name: answer.agentInfo?.name, version: answer.agentInfo?.version }),
    protocolVersion,
    capabilities: answer.agentCapabilities ?? {},
  }
  const restored = chooseOpening(dialogue, answer.agentCapabilities)
  if (restored === undefined)
    return failStart(dialogue, "open", misfit("The agent cannot begin a session with what another one knows."))
  const opening: Dialogue = { ...dialogue, agent, step: "open", restored }
  return frames(opening, [openFrame(opening)])
}

function chooseOpening({ options }: Dialogue, capabilities: acp.AgentCapabilities | undefined) {
  if (options.fork && !options.resume) return capabilities?.sessionCapabilities?.fork ? "forked" : undefined
  if (!options.resume) return "new"
  if (capabilities?.sessionCapabilities?.resume) return "resumed"
  return capabilities?.loadSession ? "loaded" : "none"
}

type Opened = acp.LoadSessionResponse & { readonly sessionId?: string }

function readOpened({ restored }: Dialogue, result: unknown): ProtocolReading<Opened> {
  if (restored === "resumed") return readProtocol("ResumeSessionResponse", result)
  return restored === "loaded"
    ? readProtocol("LoadSessionResponse", result)
    : readProtocol("NewSessionResponse", result)
}

function onOpened(dialogue: Dialogue, { sessionId, modes, configOptions }: Opened): DialogueStep {
  const continued = dialogue.restored === "resumed" || dialogue.restored === "loaded"
  const agentSessionId = (continued ? dialogue.options.resume?.agentSessionId : sessionId) ?? ""
  const found = { configOptions: toConfigOptions(configOptions ?? []), ...(modes && { modes: toSessionModes(modes) }) }
  return setMode({ ...dialogue, agentSessionId, ...found })
}

function setMode(dialogue: Dialogue): DialogueStep {
  const { options, modes, agentSessionId: sessionId } = dialogue
  const { mode, runId } = options
  const offered = offeredModes({ ...(modes && { modes }), options: dialogue.configOptions })
  if (mode === undefined || offered === undefined) return setOption(dialogue)
  if (!offered.includes(mode))
    return failStart(dialogue, "mode", misfit(`The agent has no mode "${mode}"; it offers ${listed(offered)}.`))
  const id = modeId(runId, 0)
  const waiting: Dialogue = { ...dialogue, step: "mode" }
  if (modes?.available.some((one) => one.id === mode)) {
    return frames(waiting, [requestFrame(id, "session/set_mode", { sessionId, modeId: mode })])
  }
  const configId = findOption(dialogue.configOptions, "mode")?.id
  return frames(waiting, [requestFrame(id, "session/set_config_option", { sessionId, configId, value: mode })])
}

// One by one: what is offered may depend on what was set before.
function setOption(dialogue: Dialogue): DialogueStep {
  const { agentSessionId: sessionId, configOptions, optionsSet = 0 } = dialogue
  const { optionValues = [], runId } = dialogue.options
  const wish = optionValues[optionsSet]
  if (wish === undefined) return beReady(dialogue)
  const refusal = refuseOption(configOptions, wish)
  if (refusal !== undefined) return failStart(dialogue, "option", misfit(refusal))
  const { value } = wish
  const type = typeof value === "boolean" ? { type: "boolean" } : {}
  const params = { sessionId, configId: findOption(configOptions, wish.id)?.id, ...type, value }
  const frame = requestFrame(optionId(runId, optionsSet), "session/set_config_option", params)
  return frames({ ...dialogue, step: "option" }, [frame])
}

function beReady(dialogue: Dialogue): DialogueStep {
  const { agent, agentSessionId = "", modes, configOptions, restored } = dialogue
  const ready = {
    type: "ready",
    ...present({ agentSessionId, agentName: agent?.name, agentVersion: agent?.version, modes }),
    protocolVersion: agent?.protocolVersion ?? PROTOCOL_VERSION,
    capabilities: agent?.capabilities ?? {},
    options: configOptions,
    restored,
  } as const
  return facts({ ...dialogue, step: "ready" }, [ready])
}

function withMode(dialogue: Dialogue): Dialogue {
  const { modes, options } = dialogue
  const isListed = modes?.available.some(({ id }) => id === options.mode)
  return modes && isListed ? { ...dialogue, modes: { ...modes, current: options.mode ?? modes.current } } : dialogue
}

/** session/set_config_option answers with all options; session/set_mode with nothing of interest. */
function withOptions(dialogue: Dialogue, result: unknown): Dialogue {
  const reading = readProtocol("SetSessionConfigOptionResponse", result)
  return reading.fits ? { ...dialogue, configOptions: toConfigOptions(reading.value.configOptions) } : dialogue
}

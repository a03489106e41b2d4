import type { ModelStep } from "./model-script.ts"

interface StreamEvent {
  readonly type: string
  readonly [field: string]: unknown
}

const defaults = { type: "usage", inputTokens: 100, outputTokens: 20 } as const

interface ReplyOptions {
  readonly model: string
  readonly id: string
  /** Resolves when a held reply shall go on. */
  readonly untilTold: () => Promise<void>
}

/** A reply as the events of the Messages API's stream. */
export async function* modelStream(
  steps: readonly ModelStep[],
  { model, id, untilTold }: ReplyOptions,
): AsyncGenerator<StreamEvent> {
  const { inputTokens, outputTokens } = steps.find((step) => step.type === "usage") ?? defaults
  const usage = {
    input_tokens: inputTokens,
    output_tokens: 0,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
  }
  const message = {
    id,
    type: "message",
    role: "assistant",
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage,
  }
  yield { type: "message_start", message }
  let index = 0
  for (const step of steps) if (isContent(step)) yield* contentBlock(step, { index: index++, id, untilTold })
  const stop_reason = steps.some(({ type }) => type === "tool") ? "tool_use" : "end_turn"
  yield { type: "message_delta", delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: outputTokens } }
  yield { type: "message_stop" }
}

type ContentStep = Extract<ModelStep, { type: "say" | "think" | "tool" | "hold" }>

function isContent(step: ModelStep): step is ContentStep {
  return step.type !== "usage" && step.type !== "error"
}

async function* contentBlock(
  step: ContentStep,
  { index, id, untilTold }: Omit<ReplyOptions, "model"> & { readonly index: number },
): AsyncGenerator<StreamEvent> {
  const delta = (content: object) => ({ type: "content_block_delta", index, delta: content })
  const start = (content_block: object) => ({ type: "content_block_start", index, content_block })
  switch (step.type) {
    case "say":
      yield start({ type: "text", text: "" })
      for (const text of step.text.split(/(?<= )/)) yield delta({ type: "text_delta", text })
      break
    case "think":
      yield start({ type: "thinking", thinking: "", signature: "" })
      yield delta({ type: "thinking_delta", thinking: step.text })
      yield delta({ type: "signature_delta", signature: "played" })
      break
    case "tool":
      yield start({ type: "tool_use", id: `toolu_${id}_${index}`, name: step.name, input: {} })
      yield delta({ type: "input_json_delta", partial_json: JSON.stringify(step.input) })
      break
    case "hold":
      yield start({ type: "text", text: "" })
      yield delta({ type: "text_delta", text: "Well … " })
      await untilTold()
      break
  }
  yield { type: "content_block_stop", index }
}

/** What the model does, one line of a prompt each. */
export type ModelStep =
  | { readonly type: "say" | "think"; readonly text: string }
  | { readonly type: "tool"; readonly name: string; readonly input: unknown }
  /** A word, and then silence until the model is told to go on. */
  | { readonly type: "hold" }
  | { readonly type: "error"; readonly status: number }
  | { readonly type: "usage"; readonly inputTokens: number; readonly outputTokens: number }

/** What the model's API was asked, as far as it is looked at here. */
export interface ModelRequest {
  readonly model: string
  readonly tools?: readonly unknown[]
  readonly messages: readonly { readonly role: string; readonly content: string | readonly ModelBlock[] }[]
  readonly output_config?: { readonly format?: { readonly type?: string } }
}

interface ModelBlock {
  readonly type: string
  readonly text?: string
}

const MARK = "#model"

/** The steps of the next reply: of the last scripted prompt, those that its tool results have not reached yet. */
export function nextReply(request: ModelRequest): readonly ModelStep[] {
  if (isTitleRequest(request)) return [{ type: "say", text: JSON.stringify({ title: "A played title" }) }]
  const place = request.messages.findLastIndex(
    ({ role, content }) => role === "user" && promptOf(content) !== undefined,
  )
  const prompt = promptOf(request.messages[place]?.content ?? "")
  if (prompt === undefined || !prompt.startsWith(MARK)) return [{ type: "say", text: `Heard: ${prompt ?? "nothing"}` }]
  const answered = request.messages.slice(place + 1).filter(usesTool).length
  return repliesOf(prompt)[answered] ?? [{ type: "say", text: "There is nothing more to say." }]
}

/** A reply ends with a tool call; what stands after it answers the result. */
function repliesOf(prompt: string): ModelStep[][] {
  const replies: ModelStep[][] = [[]]
  for (const line of prompt.split("\n").slice(1)) {
    if (line.trim() === "") continue
    const step = toStep(line)
    replies.at(-1)?.push(step)
    if (step.type === "tool") replies.push([])
  }
  return replies
}

function toStep(line: string): ModelStep {
  const [, word = "", rest = ""] = /^(\w+) ?(.*)$/.exec(line) ?? []
  const [first = 0, second = 0] = rest.split(" ").map(Number)
  switch (word) {
    case "say":
    case "think":
      return { type: word, text: rest }
    case "tool": {
      const [, name = "", input = "{}"] = /^(\S+) ?(.*)$/.exec(rest) ?? []
      return { type: "tool", name, input: JSON.parse(input) as unknown }
    }
    case "hold":
      return { type: "hold" }
    case "error":
      return { type: "error", status: first }
    case "usage":
      return { type: "usage", inputTokens: first, outputTokens: second }
    default:
      throw new Error(`The played model knows no step "${word}".`)
  }
}

/** The person's own words: the last text that is not a note which the program put beside them. */
function promptOf(content: string | readonly ModelBlock[]) {
  const blocks = typeof content === "string" ? [{ type: "text", text: content }] : content
  const afterResults = blocks.slice(blocks.findLastIndex(({ type }) => type === "tool_result") + 1)
  return afterResults.findLast(({ type, text = "" }) => type === "text" && !/^\s*</.test(text))?.text
}

function usesTool({ role, content }: ModelRequest["messages"][number]) {
  return role === "assistant" && typeof content !== "string" && content.some(({ type }) => type === "tool_use")
}

// The program asks beside the conversation for a title, with no tools and a schema.
function isTitleRequest({ tools = [], output_config }: ModelRequest) {
  return tools.length === 0 && output_config?.format?.type === "json_schema"
}

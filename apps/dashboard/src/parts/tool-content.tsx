import type { ToolCall } from "@aegis/client"
import { DiffLines } from "./diff-lines.tsx"
import { visible, withoutAnsi } from "./words.ts"

interface DiffBlock {
  readonly type: "diff"
  readonly path: string
  readonly oldText?: string | null
  readonly newText: string
}

/** What a call does, exactly: the command, the difference, or its whole input. From the call itself, never its title. */
export function ToolInput({ call }: { readonly call: ToolCall }) {
  const diffs = diffsOf(call)
  const command = commandOf(call)
  // A difference is the agent's own picture of the edit; what it was asked to write is in the input, and must agree.
  if (diffs.length > 0)
    return diffs.map(({ path, oldText, newText }) => (
      <DiffLines key={path} path={path} oldText={oldText ?? ""} newText={newText} />
    ))
  if (command !== undefined) return <pre className="code command">{visible(command)}</pre>
  if (isEmpty(call.input)) return <p className="fine-print">No input was given.</p>
  return <pre className="code">{visible(JSON.stringify(call.input, null, 2))}</pre>
}

/** What came out of it. */
export function ToolOutput({ call }: { readonly call: ToolCall }) {
  const texts = (call.content ?? []).flatMap((block) => textsOf(block))
  const output = texts.length > 0 ? texts.join("\n") : outputOf(call.output)
  return output === "" ? undefined : <pre className="code">{visible(withoutAnsi(shortened(output)))}</pre>
}

export function diffsOf({ content = [] }: ToolCall) {
  return content.filter((block): block is typeof block & DiffBlock => block.type === "diff")
}

export function commandOf({ input }: ToolCall) {
  const { command } = (input ?? {}) as { readonly command?: unknown }
  return typeof command === "string" ? command : undefined
}

function isEmpty(input: unknown) {
  return input === undefined || input === null || (typeof input === "object" && Object.keys(input).length === 0)
}

function textsOf(block: NonNullable<ToolCall["content"]>[number]) {
  const { content } = block as { readonly content?: { readonly text?: unknown } }
  return block.type === "content" && typeof content?.text === "string" ? [content.text] : []
}

function outputOf(output: unknown) {
  if (output === undefined || output === null) return ""
  return typeof output === "string" ? output : JSON.stringify(output, null, 2)
}

const LONGEST = 20_000

function shortened(text: string) {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}\n… ${text.length - LONGEST} more characters`
}

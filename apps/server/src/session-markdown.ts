import type { Session, TranscriptMessage } from "@aegis/session-core"

type Head = Pick<
  Session,
  "id" | "name" | "status" | "agent" | "model" | "permissionMode" | "workDir" | "createdAt" | "seq" | "hash"
>

/**
 * A transcript for people. Whoever renders it sees the words of agents and persons in quotes or code, and no heading, HTML or
 * picture of theirs outside of those: nobody makes up what another one has said.
 */
export async function* toMarkdown(session: Head, messages: AsyncIterable<TranscriptMessage>) {
  yield headOf(session)
  for await (const message of messages) yield* partOf(message)
}

function headOf({ id, name, status, agent, model, permissionMode, workDir, createdAt, seq, hash }: Head) {
  const facts = {
    Session: id,
    Agent: model === undefined ? agent : `${agent}, ${model}`,
    Mode: permissionMode,
    Folder: workDir,
    Created: createdAt,
    State: status,
    Events: `up to ${seq}`,
    Hash: hash,
  }
  const lines = Object.entries(facts).map(([title, fact]) => `- ${title}: ${code(fact)}\n`)
  return `# ${code(name)}\n\n${lines.join("")}`
}

function* partOf({
  role,
  contentType,
  text,
  timestamp,
  toolName = "",
  id,
}: TranscriptMessage): Generator<string, void> {
  const place = `${timestamp} · ${id}`
  switch (contentType) {
    case "text":
    case "progress":
      yield `\n## ${SPEAKERS[role]} · ${place}\n\n`
      return yield* quoted(text)
    case "thinking":
      yield `\n### Thought · ${place}\n\n`
      return yield* quoted(text)
    case "tool_use":
      return yield `\n### Tool ${code(toolName)} · ${place}\n\n${code(text)}\n`
    case "permission_request":
      return yield `\n### Asked for permission · ${place}\n\n${code(text)}\n`
    case "tool_result":
    case "tool_error":
      yield `\n### ${contentType === "tool_error" ? "Failed" : "Result"} · ${place}\n\n`
      return yield* fenced(linesOf(text))
  }
}

const SPEAKERS: Readonly<Record<TranscriptMessage["role"], string>> = {
  user: "User",
  assistant: "Agent",
  system: "Notice",
}

/** One line, to the letter. */
function code(text: string) {
  const line = plain(text.replaceAll(/\s+/g, " ")).trim()
  const mark = "`".repeat(longest(line, "`") + 1)
  return line === "" ? "` `" : `${mark} ${line} ${mark}`
}

function* fenced(lines: readonly string[], { info = "", before = "" } = {}) {
  const mark = "~".repeat(lines.reduce((length, line) => Math.max(length, 1 + longest(line, "~")), 3))
  for (const line of [`${mark}${info}`, ...lines, mark]) yield lineOf(before, plain(line))
}

/** Words as they were written, within a quote: their code as code, and what would be HTML or a picture as words. */
function* quoted(text: string) {
  const before = "> "
  let block: { readonly close: RegExp; readonly info: string; readonly lines: string[] } | undefined
  for (const line of linesOf(text)) {
    const [, mark = "", info = ""] = /^ {0,3}(`{3,}(?!.*`)|~{3,})[ \t]*([\w+#-]*)/.exec(line) ?? []
    if (block?.close.test(line)) {
      yield* fenced(block.lines, { info: block.info, before })
      block = undefined
    } else if (block) block.lines.push(line)
    else if (mark === "") yield lineOf(before, words(plain(line)))
    else block = { close: new RegExp(`^ {0,3}${mark}${mark[0]}*[ \\t]*$`), info, lines: [] }
  }
  if (block) yield* fenced(block.lines, { info: block.info, before })
}

function lineOf(before: string, line: string) {
  return `${line === "" ? before.trimEnd() : `${before}${line}`}\n`
}

function words(line: string) {
  return line.replaceAll(/<(?=[a-z/!?])/gi, "&lt;").replaceAll("![", "!\\[")
}

/** Without what changes the order or the look of what stands beside it. */
function plain(line: string) {
  return line.replaceAll(/(?![\t\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "")
}

function linesOf(text: string) {
  return text.split(/\r\n?|\n/)
}

function longest(line: string, mark: "`" | "~") {
  let length = 0
  for (const [run] of line.matchAll(mark === "`" ? /`+/g : /~+/g)) length = Math.max(length, run.length)
  return length
}

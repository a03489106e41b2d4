import fc from "fast-check"
import { micromark } from "micromark"
import { expect, it } from "vitest"
import { toMarkdown } from "../src/session-markdown.ts"

type Message = Parameters<typeof toMarkdown>[1] extends AsyncIterable<infer M> ? M : never

const session = {
  id: "6f1c1f0e-0000-4000-8000-000000000001",
  name: "Mend the tests",
  status: "idle" as const,
  agent: "demo",
  permissionMode: "default",
  workDir: "/home/user/project",
  createdAt: "2026-01-01T10:00:00.000Z",
  seq: 9,
  hash: "ab".repeat(32),
}
const timestamp = "2026-01-01T10:00:01.000Z"

async function written(messages: readonly Partial<Message>[], head: Partial<typeof session> = {}) {
  const all = messages.map((message, index) => ({
    id: index + 1,
    role: "assistant" as const,
    contentType: "text" as const,
    text: "",
    timestamp,
    ...message,
  }))
  let text = ""
  for await (const piece of toMarkdown(
    { ...session, ...head },
    (async function* () {
      yield* all
    })(),
  ))
    text += piece
  return text
}

it("is a head, and what was said and done under headings of its own", async () => {
  const text = await written(
    [
      { role: "user", text: "Hello" },
      { contentType: "thinking", text: "Hm." },
      { text: "Look:\n\n```ts\nconst a = 1 < 2\n```\n\nDone, **all** of it." },
      { contentType: "tool_use", toolName: "Write", text: "Write a`b.txt" },
      { role: "system", contentType: "permission_request", text: "Write a`b.txt" },
      { contentType: "tool_result", text: "~~~\nwritten" },
      { contentType: "tool_error", text: "no" },
      { role: "system", text: "The agent\r\nwas slow.\r```\nhalf <b> of" },
    ],
    { name: "A `name`\nof two lines" },
  )
  expect(text).toBe(`# ${"``"} A ${"`name`"} of two lines ${"``"}

- Session: ${"`"} ${session.id} ${"`"}
- Agent: ${"`"} demo ${"`"}
- Mode: ${"`"} default ${"`"}
- Folder: ${"`"} /home/user/project ${"`"}
- Created: ${"`"} 2026-01-01T10:00:00.000Z ${"`"}
- State: ${"`"} idle ${"`"}
- Events: ${"`"} up to 9 ${"`"}
- Hash: ${"`"} ${session.hash} ${"`"}

## User · ${timestamp} · 1

> Hello

### Thought · ${timestamp} · 2

> Hm.

## Agent · ${timestamp} · 3

> Look:
>
> ~~~ts
> const a = 1 < 2
> ~~~
>
> Done, **all** of it.

### Tool ${"`"} Write ${"`"} · ${timestamp} · 4

${"``"} Write a${"`"}b.txt ${"``"}

### Asked for permission · ${timestamp} · 5

${"``"} Write a${"`"}b.txt ${"``"}

### Result · ${timestamp} · 6

~~~~
~~~
written
~~~~

### Failed · ${timestamp} · 7

~~~
no
~~~

## Notice · ${timestamp} · 8

> The agent
> was slow.
> ~~~
> half <b> of
> ~~~
`)
})

// What a renderer that trusts the file makes of it: every heading outside of a quote is ours, and no tag but Markdown's own.
const TAGS = /<(?!\/?(?:h[1-6]|p|ul|ol|li|blockquote|pre|code|em|strong|a|br|hr)\b)/
const bits = fc.constantFrom(
  ...[
    "```",
    "~~~",
    "````",
    "`",
    "~",
    "> ",
    "- ",
    "1. ",
    "    ",
    "\t",
    "#",
    "## User · now",
    "===",
    "---",
    "\n",
    "\n\n",
    "\r",
    "\r\n",
  ],
  ...[
    "<b>",
    "</blockquote>",
    "<!-- ",
    "-->",
    "<script>",
    "<?",
    "<![CDATA[",
    "![x](http://a.example/)",
    "[x]: /y",
    "[x]",
    "\\",
    "&lt;b>",
    "*",
  ],
  ...["\u2028", "\u202e", "\u001b[2J", "\u0000", "word", " ", "|", "<http://a.example>", "< ", "`<i>`", "\\`<i>`"],
)
const hostile = fc.oneof(
  { weight: 5, arbitrary: fc.array(bits, { maxLength: 25 }).map((all) => all.join("")) },
  fc.string({ unit: "binary" }),
)
const kinds = ["text", "thinking", "tool_use", "tool_result", "tool_error", "permission_request", "progress"] as const

it("shows nothing of what somebody wrote outside of quotes and code, whatever it is", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ text: hostile, contentType: fc.constantFrom(...kinds), toolName: hostile }), {
        minLength: 1,
        maxLength: 3,
      }),
      hostile,
      async (messages, name) => {
        const text = await written([...messages, { role: "user", text: "the end" }], { name })
        const html = micromark(text, { allowDangerousHtml: true, allowDangerousProtocol: true })
        expect(html).not.toMatch(TAGS)
        expect(text).not.toMatch(/(?![\t\n\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
        const outside = withoutQuotes(html)
        const headings = [...outside.matchAll(/<h([1-6])>(.*?)<\/h\1>/gs)].map(
          ([, , heading = ""]) => heading.replaceAll(/<code>.*?<\/code>/gs, "").split(" · ")[1],
        )
        expect(headings).toEqual([undefined, ...messages.map(() => timestamp), timestamp])
      },
    ),
    { numRuns: 150 },
  )
})

function withoutQuotes(html: string) {
  let depth = 0
  let outside = ""
  for (const part of html.split(/(<\/?blockquote>)/)) {
    if (part === "<blockquote>") depth++
    else if (part === "</blockquote>") depth--
    else if (depth === 0) outside += part
  }
  expect(depth).toBe(0)
  return outside
}

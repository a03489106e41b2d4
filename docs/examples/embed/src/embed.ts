import { mkdir } from "node:fs/promises"
import { resolve } from "node:path"
import { createInterface } from "node:readline/promises"
import { parseArgs } from "node:util"
import type { Caller } from "@aegis/session-core"
import { openAegis } from "@aegis/session-core/node"

// An agent inside one's own program: a prompt, its approvals and questions in the terminal, and the file it writes.
// usage: node src/embed.ts [--cwd FOLDER] [--state FOLDER] [--agent NAME] [PROMPT]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cwd: { type: "string", default: "." },
    state: { type: "string", default: ".aegis" },
    agent: { type: "string", default: "demo" },
  },
})
const me: Caller = { actor: { kind: "user", id: "me", via: "embed" }, owner: { userId: "me", tenantId: "home" } }
const terminal = createInterface({ input: process.stdin, output: process.stderr })

await mkdir(values.state, { recursive: true })
const aegis = await openAegis({ stateDir: values.state, env: process.env })
try {
  const { session } = await aegis.createSession(me, {
    workDir: resolve(values.cwd),
    agent: values.agent,
    permissionMode: "default",
    prompt: positionals.join(" ") || "Have a look at this folder.",
  })
  await follow(session.id)
} finally {
  terminal.close()
  await aegis.close()
}

async function follow(sessionId: string) {
  for await (const page of aegis.tail({ sessionId, after: 0 }))
    for (const { event } of page) {
      if (event.type === "message.delta") process.stdout.write(event.data.text)
      if (event.type === "tool.ended")
        process.stdout.write(`\n[${event.data.status}] ${event.data.title ?? event.data.toolCallId}\n`)
      if (event.type === "approval.requested") {
        const choice = (await isYes(`Allow ${event.data.tool.title}?`)) ? "approve" : "reject"
        await aegis.vote(me, sessionId, { choice, approvalId: event.data.approvalId, digest: event.data.digest })
      }
      if (event.type === "question.asked") await aegis.answer(me, sessionId, { action: "decline" })
      if (event.type === "turn.ended")
        return void process.stdout.write(`\n${event.data.stopReason ?? event.data.error?.message}\n`)
    }
}

async function isYes(question: string) {
  return /^y/i.test(await terminal.question(`\n${question} [y/N] `))
}

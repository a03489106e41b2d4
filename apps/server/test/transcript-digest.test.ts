import { createHash } from "node:crypto"
import type { TranscriptMessage } from "@aegis/session-core"
import { expect, it } from "vitest"
import { digestTranscript } from "../src/transcript-digest.ts"

const hello: TranscriptMessage = {
  id: 7,
  role: "user",
  contentType: "text",
  text: "Hello",
  timestamp: "2026-01-02T03:04:05Z",
}
const call = {
  ...hello,
  id: 8,
  role: "assistant",
  contentType: "tool_use",
  text: "Run",
  toolName: "Bash",
  toolUseId: "t-1",
} as const
const asked = { ...call, id: 9, role: "system", contentType: "permission_request" } as const

async function digestOf(...messages: readonly TranscriptMessage[]) {
  async function* all() {
    yield* messages
  }
  return digestTranscript(all())
}

it("is what its documentation says", async () => {
  const lines = [
    '["user","text","Hello",null,null]\n',
    '["assistant","tool_use","Run","Bash","t-1"]\n',
    '["system","permission_request","Run","Bash","t-1"]\n',
  ]
  const sha256 = createHash("sha256").update(lines.join("")).digest("hex")
  expect(await digestOf(hello, call, asked)).toEqual({ messages: 3, sha256 })
})

it("is the same for other ids, times and notices, and another one for whatever else is different", async () => {
  const given = await digestOf(hello, call, asked)
  const notice = { ...hello, role: "system", text: "This folder's own settings are not used." } as const
  const later = { ...hello, id: 70, timestamp: "2027-01-02T03:04:05Z" }
  expect(await digestOf(notice, later, call, asked)).toEqual(given)
  for (const other of [
    [call, hello, asked],
    [{ ...hello, text: "Hallo" }, call, asked],
    [{ ...hello, role: "assistant" } as const, call, asked],
    [hello, { ...call, contentType: "tool_result" } as const, asked],
    [hello, { ...call, toolName: "Sh" }, asked],
    [hello, { ...call, toolUseId: "t-2" }, asked],
    [hello, call],
  ])
    expect((await digestOf(...other)).sha256).not.toBe(given.sha256)
})

import { expect, test } from "vitest"
import { readUpdateKinds } from "../scripts/agent-shapes.ts"
import { readyTalk, SESSION } from "./fixtures/talk.ts"

const text = { type: "text", text: "Hi" }
const image = { type: "image", data: "AA==", mimeType: "image/png" }
const entry = { content: "Do it", priority: "high", status: "pending" }

/** One example of each kind and its facts; `undefined` where the frame is kept as unknown. */
const EXAMPLES: readonly (readonly [kind: string, update: object, facts: readonly object[] | undefined])[] = [
  ["user_message_chunk", { content: text }, [{ type: "message.delta", role: "user", text: "Hi" }]],
  [
    "agent_message_chunk",
    { content: text, messageId: "m" },
    [{ type: "message.delta", role: "assistant", messageId: "m", text: "Hi" }],
  ],
  [
    "agent_message_chunk",
    { content: image, messageId: null },
    [{ type: "message.content", role: "assistant", block: image }],
  ],
  [
    "agent_message_chunk",
    { content: text, _meta: { claudeCode: { kind: "informational" } } },
    [{ type: "notice", kind: "informational", text: "Hi" }],
  ],
  ["agent_thought_chunk", { content: text }, [{ type: "message.delta", role: "thought", text: "Hi" }]],
  [
    "tool_call",
    { toolCallId: "t", title: "T", kind: "edit", rawInput: { a: 1 }, locations: [{ path: "/a", line: null }] },
    [{ type: "tool.started", toolCallId: "t", title: "T", kind: "edit", input: { a: 1 }, locations: [{ path: "/a" }] }],
  ],
  [
    "tool_call",
    { toolCallId: "t", title: "T", kind: "read_and_delete" },
    [{ type: "tool.started", toolCallId: "t", title: "T", kind: "read_and_delete" }],
  ],
  [
    "tool_call_update",
    { toolCallId: "t", status: "completed", title: null, rawOutput: 0 },
    [{ type: "tool.updated", toolCallId: "t", status: "completed", output: 0 }],
  ],
  ["plan", { entries: [entry] }, [{ type: "plan", entries: [entry] }]],
  ["plan_update", { plan: { type: "items", planId: "p", entries: [entry] } }, undefined],
  ["plan_removed", { planId: "p" }, undefined],
  [
    "available_commands_update",
    {
      availableCommands: [
        { name: "a", description: "A", input: { hint: "h" } },
        { name: "b", description: "B", input: null },
      ],
    },
    [
      {
        type: "commands",
        commands: [
          { name: "a", description: "A", hint: "h" },
          { name: "b", description: "B" },
        ],
      },
    ],
  ],
  ["current_mode_update", { currentModeId: "plan" }, [{ type: "mode", modeId: "plan" }]],
  [
    "config_option_update",
    { configOptions: [{ id: "fast", name: "Fast", type: "boolean", currentValue: true }] },
    [{ type: "options", options: [{ id: "fast", name: "Fast", type: "boolean", current: true, choices: [] }] }],
  ],
  [
    "session_info_update",
    { title: "A title", updatedAt: "2026-01-01T00:00:00Z" },
    [{ type: "title", title: "A title" }],
  ],
  ["session_info_update", { title: null }, [{ type: "title", title: "" }]],
  ["session_info_update", { updatedAt: "2026-01-01T00:00:00Z" }, []],
  [
    "usage_update",
    { used: 1, size: 2, cost: { amount: 0.5, currency: "USD" } },
    [{ type: "usage", used: 1, size: 2, cost: { amount: 0.5, currency: "USD" } }],
  ],
  ["usage_update", { used: 1, size: 2 }, [{ type: "usage", used: 1, size: 2 }]],
  [
    "notice",
    { severity: "warning", title: "Careful", description: "Hot" },
    [{ type: "notice", kind: "warning", text: "Careful\nHot" }],
  ],
  ["compaction_update", { compactionId: "c", status: "completed" }, undefined],
  ["compaction_summary_chunk", { compactionId: "c", content: text }, undefined],
  ["subagent_update", { sessionId: "s" }, undefined],
  ["session_message", { messageId: "m" }, undefined],
  ["session_message_chunk", { messageId: "m", content: text }, undefined],
  ["hologram", { shape: 3 }, undefined],
]

test.each(EXAMPLES)("%s %j", (sessionUpdate, update, facts) => {
  const talk = readyTalk().update({ sessionUpdate, ...update })

  const frame = JSON.stringify({
    jsonrpc: "2.0",
    method: "session/update",
    params: { sessionId: SESSION, update: { sessionUpdate, ...update } },
  })
  expect(talk.step.facts).toEqual(
    facts ?? [{ type: "unknown", frame, reason: `an update that has no fact: ${sessionUpdate}` }],
  )
})

test("every kind that the protocol knows has an example here", () => {
  const missing = readUpdateKinds().filter((kind) => EXAMPLES.every(([example]) => example !== kind))

  expect(readUpdateKinds().length).toBeGreaterThan(15)
  expect(missing).toEqual([])
})

test("choices in groups keep their group", () => {
  const options = [{ group: "g", name: "Fast ones", options: [{ value: "a", name: "A" }] }]
  const option = { id: "model", name: "Model", type: "select", currentValue: "a", options }
  const talk = readyTalk().update({ sessionUpdate: "config_option_update", configOptions: [option] })

  expect(talk.step.facts).toMatchObject([{ options: [{ choices: [{ value: "a", name: "A", group: "Fast ones" }] }] }])
})

test("an update with a wrong part keeps the frame beside its fact", () => {
  const talk = readyTalk().update({ sessionUpdate: "agent_message_chunk", content: text, messageId: 7 })

  expect(talk.step.facts).toMatchObject([
    { type: "unknown", reason: "ignored in it: update.messageId: expected string, found number" },
    { type: "message.delta", text: "Hi" },
  ])
})

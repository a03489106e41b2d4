import { readFile } from "node:fs/promises"
import fc from "fast-check"
import { expect, test } from "vitest"
import { generateAgentShapes } from "../scripts/agent-shapes.ts"
import { fit } from "../src/agent-shape.ts"
import { agentShapes } from "../src/generated/agent-shapes.gen.ts"

test("the checked-in shapes are those that the protocol's schema gives", async () => {
  const path = new URL("../src/generated/agent-shapes.gen.ts", import.meta.url)

  expect(await readFile(path, "utf8")).toBe(generateAgentShapes())
})

test("members and kinds that are not known pass", () => {
  const value = { sessionId: "s", update: { sessionUpdate: "hologram", shape: 3 }, more: true }

  expect(fit(agentShapes, "SessionNotification", value)).toEqual({ fits: true, value, dropped: [] })
})

test("words of a closed list may be others", () => {
  const value = { stopReason: "out_of_coffee" }

  expect(fit(agentShapes, "PromptResponse", value)).toMatchObject({ fits: true, value })
})

test("a wrong member that is not needed is taken out and named", () => {
  const update = {
    sessionUpdate: "tool_call",
    toolCallId: "t",
    title: "T",
    locations: [{ path: 1 }, { path: "/a" }],
    status: 7,
  }

  expect(fit(agentShapes, "SessionNotification", { sessionId: "s", update })).toEqual({
    fits: true,
    value: {
      sessionId: "s",
      update: { sessionUpdate: "tool_call", toolCallId: "t", title: "T", locations: [{ path: "/a" }] },
    },
    dropped: ["update.status: expected string, found number", "update.locations.0.path: expected string, found number"],
  })
})

test.each([
  ["SessionNotification", { update: {} }, "sessionId: is missing"],
  ["SessionNotification", { sessionId: "s", update: {} }, "update.sessionUpdate: is missing"],
  [
    "SessionNotification",
    { sessionId: "s", update: { sessionUpdate: "plan", entries: 1 } },
    "update.entries: expected list, found number",
  ],
  ["PromptResponse", [], "expected object, found list"],
  ["NewSessionResponse", { sessionId: null }, "sessionId: expected string, found null"],
])("%s: a value that cannot be read says where", (name, value, reason) => {
  expect(fit(agentShapes, name, value)).toEqual({ fits: false, reason })
})

test("a kind that is a name of every object is a kind like another", () => {
  for (const sessionUpdate of ["constructor", "__proto__", "toString"]) {
    expect(fit(agentShapes, "SessionNotification", { sessionId: "s", update: { sessionUpdate } })).toMatchObject({
      fits: true,
    })
  }
})

test("no value makes it throw", () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(agentShapes)), fc.jsonValue(), (name, value) => {
      expect(fit(agentShapes, name, value).fits).toBeTypeOf("boolean")
    }),
    { numRuns: 2000 },
  )
})

import { expect, test } from "vitest"
import { OPENED, SESSION, Talk } from "./fixtures/talk.ts"

const options = (id: string, value: string | boolean) => ({ optionValues: [{ id, value }] })

test("initialize offers forms and notices, and neither files nor terminals", () => {
  const [frame] = new Talk().sent

  expect(frame).toMatchObject({
    id: "initialize:run",
    method: "initialize",
    params: {
      protocolVersion: 1,
      clientCapabilities: {
        fs: { readTextFile: false, writeTextFile: false },
        terminal: false,
        elicitation: { form: {} },
      },
      clientInfo: { name: "aegis", version: "1.2.3" },
    },
  })
})

test("the handshake opens a session, sets mode and options, and is ready", () => {
  const talk = new Talk({
    mode: "default",
    optionValues: [{ id: "model", value: "large" }],
    sessionMeta: { a: 1 },
  }).initialize({ loadSession: true })
  expect(talk.sent).toMatchObject([
    { id: "open:run", method: "session/new", params: { cwd: "/work", mcpServers: [], _meta: { a: 1 } } },
  ])
  talk.answer("open:run", OPENED)
  expect(talk.sent).toMatchObject([
    { id: "mode:run:0", method: "session/set_mode", params: { sessionId: SESSION, modeId: "default" } },
  ])
  talk.answer("mode:run:0", {})
  expect(talk.sent).toMatchObject([
    { id: "option:run:0", method: "session/set_config_option", params: { configId: "model", value: "large" } },
  ])
  talk.answer("option:run:0", { configOptions: [{ ...OPENED.configOptions[0], currentValue: "large" }] })

  expect(talk.step.facts).toEqual([
    {
      type: "ready",
      agentSessionId: SESSION,
      agentName: "it",
      agentVersion: "9",
      protocolVersion: 1,
      capabilities: { loadSession: true },
      modes: { current: "default", available: OPENED.modes.availableModes },
      options: [
        expect.objectContaining({
          id: "model",
          current: "large",
          choices: [{ value: "small", name: "Small" }, expect.anything()],
        }),
      ],
      restored: "new",
    },
  ])
})

test.each([
  [
    "resume, when the agent can",
    { sessionCapabilities: { resume: {} }, loadSession: true },
    "session/resume",
    "resumed",
  ],
  ["load, when it can only that", { loadSession: true }, "session/load", "loaded"],
  ["a new session, when it can neither", { sessionCapabilities: { resume: null } }, "session/new", "none"],
])("a session is continued by %s", (_name, capabilities, method, restored) => {
  const talk = new Talk({ resume: { agentSessionId: SESSION } }).initialize(capabilities)
  const [frame] = talk.sent
  talk.answer("open:run", OPENED)

  expect(frame?.method).toBe(method)
  expect(frame?.params.sessionId).toBe(restored === "none" ? undefined : SESSION)
  expect(talk.step.facts).toMatchObject([{ type: "ready", agentSessionId: SESSION, restored }])
})

test("what is replayed before session/load is answered is dropped, and what comes after is not", () => {
  const talk = new Talk({ resume: { agentSessionId: SESSION } }).initialize({ loadSession: true })
  const chunk = { sessionUpdate: "agent_message_chunk", content: { type: "text", text: "old" } }

  expect(talk.update(chunk).step.facts).toEqual([])
  expect(talk.update(chunk, "other").step.facts).toMatchObject([{ type: "unknown" }])
  expect(talk.answer("open:run", null).step.facts).toMatchObject([{ type: "ready", restored: "loaded" }])
  expect(talk.update(chunk).step.facts).toMatchObject([{ type: "message.delta", text: "old" }])
})

test("an agent whose modes are an option gets the option set", () => {
  const option = {
    id: "m",
    name: "Mode",
    category: "mode",
    type: "select",
    currentValue: "a",
    options: [{ value: "plan", name: "P" }],
  }
  const talk = new Talk({ mode: "plan" })
    .initialize()
    .answer("open:run", { sessionId: SESSION, configOptions: [option] })

  expect(talk.sent).toMatchObject([
    { id: "mode:run:0", method: "session/set_config_option", params: { configId: "m", value: "plan" } },
  ])
  expect(talk.answer("mode:run:0", { configOptions: [option] }).step.facts).toMatchObject([{ type: "ready" }])
})

test("an agent without modes is ready without one", () => {
  const talk = new Talk({ mode: "default" }).initialize().answer("open:run", { sessionId: SESSION })

  expect(talk.step.facts).toMatchObject([{ type: "ready", options: [] }])
})

test.each([
  ["a mode that is not offered", { mode: "plan" }, 'no mode "plan"; it offers default, auto', "mode-refused"],
  [
    "a model that is not offered",
    options("model", "huge"),
    'no model "huge"; it offers small, large',
    "option-refused",
  ],
  ["a value of another type", options("model", true), 'no model "true"; it offers small, large', "option-refused"],
  ["an option that there is not", options("speed", "high"), 'no option "speed"; it has model', "option-refused"],
])("%s fails the start and names what there is", (_name, wanted, message, code) => {
  const talk = new Talk(wanted).initialize().answer("open:run", OPENED)

  expect(talk.step.facts).toMatchObject([{ type: "start-failed", code, message: expect.stringContaining(message) }])
  expect(talk.step.frames).toEqual([])
})

test("options are set one by one, and what one offers is judged by what was set before it", () => {
  const model = OPENED.configOptions[0]
  const boolean = { id: "terse", name: "Terse", type: "boolean", currentValue: false }
  const effort = {
    id: "thinking",
    name: "Effort",
    category: "thought_level",
    type: "select",
    currentValue: "low",
    options: [{ value: "high", name: "High" }],
  }
  const optionValues = [
    { id: "model", value: "large" },
    { id: "effort", value: "high" },
    { id: "terse", value: true },
  ]
  const talk = new Talk({ optionValues }).initialize().answer("open:run", OPENED)
  talk.answer("option:run:0", { configOptions: [model, effort, boolean] })
  expect(talk.sent).toMatchObject([{ id: "option:run:1", params: { configId: "thinking", value: "high" } }])
  talk.answer("option:run:1", { configOptions: [model, effort, boolean] })
  expect(talk.sent).toMatchObject([{ id: "option:run:2", params: { configId: "terse", type: "boolean", value: true } }])
  talk.answer("option:run:2", { configOptions: [model, { ...effort, currentValue: "high" }] })

  expect(talk.step.facts).toMatchObject([
    { type: "ready", options: [{ id: "model" }, { id: "thinking", current: "high" }] },
  ])
})

test("a session is forked where the agent can, and knows another's words under a name of its own", () => {
  const fork = { agentSessionId: "source" }
  const talk = new Talk({ fork, sessionMeta: { a: 1 } }).initialize({ sessionCapabilities: { fork: {} } })
  expect(talk.sent).toMatchObject([
    { id: "open:run", method: "session/fork", params: { sessionId: "source", cwd: "/work", _meta: { a: 1 } } },
  ])
  talk.answer("open:run", OPENED)
  expect(talk.step.facts).toMatchObject([{ type: "ready", agentSessionId: SESSION, restored: "forked" }])
})

test("an agent that cannot fork is not started otherwise: it would know nothing", () => {
  const talk = new Talk({ fork: { agentSessionId: "source" } }).initialize({ sessionCapabilities: { resume: {} } })
  expect(talk.step).toMatchObject({ facts: [{ type: "start-failed", step: "open" }], frames: [] })
})

test.each([
  ["a mode by its category", { category: "mode" }, "other"],
  ["a mode by its id", { id: "mode" }, "mode"],
])("%s is no option", (_name, option, id) => {
  const configOptions = [{ ...OPENED.configOptions[0], id: "other", ...option }]
  const talk = new Talk(options(id, "small")).initialize().answer("open:run", { sessionId: SESSION, configOptions })
  expect(talk.step.facts).toMatchObject([{ code: "option-refused", message: expect.stringContaining("the session's") }])
})

test("a model for an agent without a choice of models fails the start", () => {
  const talk = new Talk(options("model", "x")).initialize().answer("open:run", { sessionId: SESSION })

  expect(talk.step.facts).toMatchObject([
    { type: "start-failed", step: "option", message: expect.stringContaining("none to choose from") },
  ])
})

test.each([
  ["initialize", "initialize:run", -32000, "agent-auth-required"],
  ["initialize", "initialize:run", -32603, "agent-start-failed"],
  ["open", "open:run", -32002, "agent-session-lost"],
  ["open", "open:run", -32000, "agent-auth-required"],
  ["mode", "mode:run:0", -32602, "mode-refused"],
  ["option", "option:run:0", -32602, "option-refused"],
])("an error at the step %s is a failed start with a code of ours", (step, id, error, code) => {
  const talk = new Talk({ mode: "default", ...options("model", "small") })
  if (step !== "initialize") talk.initialize()
  if (step === "mode" || step === "option") talk.answer("open:run", OPENED)
  if (step === "option") talk.answer("mode:run:0", {})
  talk.refuse(id, error, "No", { details: "because" })

  expect(talk.step.facts).toEqual([
    { type: "start-failed", step, code, message: "No: because", data: { details: "because" } },
  ])
  expect(talk.dialogue.step).toBe("failed")
})

test.each([
  ["another version", { protocolVersion: 2 }, "version 2"],
  ["no version", {}, "protocolVersion: is missing"],
  ["no object", "yes", "expected object"],
])("an answer to initialize with %s fails the start", (_name, result, message) => {
  const talk = new Talk().answer("initialize:run", result)

  expect(talk.step.facts).toMatchObject([
    { type: "start-failed", step: "initialize", message: expect.stringContaining(message) },
  ])
})

test("a mode that changes during the handshake is the one that ready tells", () => {
  const talk = new Talk(options("model", "large")).initialize().answer("open:run", OPENED)
  talk.update({ sessionUpdate: "current_mode_update", currentModeId: "default" })
  talk.answer("option:run:0", { configOptions: [] })

  expect(talk.step.facts).toMatchObject([{ type: "ready", modes: { current: "default" }, options: [] }])
})

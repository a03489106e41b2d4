import { afterEach, describe, expect, it } from "vitest"
import { type ModelRequest, nextReply } from "./model-script.ts"
import { type MockModel, startMockModel } from "./start-mock-model.ts"

let model: MockModel | undefined
afterEach(async () => {
  await model?.close()
  model = undefined
})

const user = (...texts: readonly string[]) => ({ role: "user", content: texts.map((text) => ({ type: "text", text })) })
const used = { role: "assistant", content: [{ type: "text", text: "So." }, { type: "tool_use" }] }
const result = { role: "user", content: [{ type: "tool_result" }] }

function request(...messages: ModelRequest["messages"]): ModelRequest {
  return { model: "m", tools: [{}], messages }
}

async function ask(body: unknown, path = "/v1/messages?beta=true") {
  model ??= await startMockModel()
  const response = await fetch(`${model.url}${path}`, { method: "POST", body: JSON.stringify(body) })
  return { status: response.status, text: await response.text() }
}

describe("the played model", () => {
  it("does what the last prompt says, reply by reply, each up to a tool call", () => {
    const prompt = user(
      "<system-reminder>Be good.</system-reminder>",
      '#model\nsay One\ntool Bash {"command":"ls"}\nthink Hm\nsay Two',
    )
    expect(nextReply(request(prompt))).toEqual([
      { type: "say", text: "One" },
      { type: "tool", name: "Bash", input: { command: "ls" } },
    ])
    expect(nextReply(request(prompt, used, result))).toEqual([
      { type: "think", text: "Hm" },
      { type: "say", text: "Two" },
    ])
    expect(nextReply(request(prompt, used, result, used, result))).toEqual([
      { type: "say", text: "There is nothing more to say." },
    ])
    expect(nextReply(request(prompt, used, result, user("#model\nsay Next")))).toEqual([{ type: "say", text: "Next" }])
    expect(nextReply(request(user("Plain words")))).toEqual([{ type: "say", text: "Heard: Plain words" }])
    expect(() => nextReply(request(user("#model\nsing")))).toThrow(/sing/)
  })

  it("answers in the stream of the Messages API, and gives a title when it is asked for one", async () => {
    const { status, text } = await ask(request(user('#model\nusage 7 3\nsay Two words\ntool Read {"a":1}')))
    const events = [...text.matchAll(/^data: (.*)$/gm)].map(([, data = ""]) => JSON.parse(data))
    expect([status, events.map(({ type, delta }) => delta?.text ?? delta?.partial_json ?? type)]).toEqual([
      200,
      [
        "message_start",
        "content_block_start",
        "Two ",
        "words",
        "content_block_stop",
        "content_block_start",
        '{"a":1}',
        "content_block_stop",
        "message_delta",
        "message_stop",
      ],
    ])
    expect(text).toMatch(/"input_tokens":7/)
    expect(text).toMatch(/"stop_reason":"tool_use".*"output_tokens":3/)
    const title = { ...request(user("x")), tools: [], output_config: { format: { type: "json_schema" } } }
    expect((await ask(title)).text).toMatch(/"A ".*"played ".*title/s)
  })

  it("fails when it shall, and remembers what else it was asked", async () => {
    expect(await ask(request(user("#model\nerror 429")))).toMatchObject({
      status: 429,
      text: expect.stringContaining("rate_limit_error"),
    })
    expect((await ask({}, "/v1/models")).status).toBe(404)
    expect([model?.requests.length, model?.strangers]).toEqual([1, ["POST /v1/models"]])
  })
})

import { expect, it } from "vitest"
import { redactTraffic } from "../src/redact-traffic.ts"

const github = ["ghp", "Zq3vXw81LmNc0TkRb7YhUj5Pd2Gs9Fa4"].join("_")

const update = (update: object) =>
  JSON.stringify({ jsonrpc: "2.0", method: "session/update", params: { sessionId: "S", update } })
const say = (text: string, messageId = "m") =>
  update({ sessionUpdate: "agent_message_chunk", messageId, content: { type: "text", text } })
const usage = update({ sessionUpdate: "usage_update", used: 1, size: 2 })
const call = update({ sessionUpdate: "tool_call", toolCallId: "t", title: "Run" })

async function redacted(...texts: readonly string[]) {
  async function* lines() {
    for (const text of texts) yield { run: 1, at: 0, from: "agent" as const, text }
  }
  const found: string[] = []
  for await (const { text } of redactTraffic(lines())) found.push(text)
  return found
}

const [one, two] = [github.slice(0, 18), github.slice(18)]

it("a secret that is cut into pieces of one message is hidden, whatever shows nothing between them", async () => {
  expect(await redacted(say(`key ${one}`), usage, say(`${two}. Next.`), call)).toEqual([
    say("key [redacted: github-token]"),
    usage,
    say(". Next."),
    call,
  ])
})

it("what has no secret stays to the letter, in its order, however long it is", async () => {
  const odd = ['{"a": 1.0}', "no JSON", say("x"), call, say("y"), say("z", "other"), say("w".repeat(20_000))]
  expect(await redacted(...odd)).toEqual(odd)
})

it("pieces of another message, or with a call between them, are no one text", async () => {
  const apart = [say(one), call, say(two), call, say(one), say(two, "other")]
  expect((await redacted(...apart)).filter((text) => text.includes("redacted"))).toEqual([])
})

it("secrets are hidden wherever they stand: in calls, in their outputs, in what is no JSON", async () => {
  const output = (rawOutput: unknown) => update({ sessionUpdate: "tool_call_update", toolCallId: "t", rawOutput })
  const found = await redacted(
    output({ password: "swordfish" }),
    output(github),
    `oh ${github}`,
    output(`${"long ".repeat(9000)}${github}`),
  )
  expect(found.join("\n")).not.toMatch(/swordfish|ghp_/)
  expect(found[2]).toBe("oh [redacted: github-token]")
})

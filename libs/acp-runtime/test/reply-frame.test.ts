import { expect, test } from "vitest"
import {
  AcpError,
  type PermissionDecision,
  type PermissionOption,
  permissionReply,
  questionReply,
  startDialogue,
} from "../src/index.ts"

const { dialogue } = startDialogue({ runId: "run", cwd: "/", clientVersion: "0" })
const once = { optionId: "a", name: "Allow", kind: "allow_once" }
const always = { optionId: "b", name: "Always", kind: "allow_always" }
const no = { optionId: "c", name: "No", kind: "reject_once" }
const never = { optionId: "d", name: "Never", kind: "reject_always" }
const strange = { optionId: "allow_once", name: "Allow", kind: "allow_everything" }

test.each<[string, PermissionOption[], PermissionDecision, string | undefined]>([
  ["approve takes allow_once", [always, no, once], "approve", "a"],
  ["reject takes reject_once", [never, once, no], "reject", "c"],
  ["reject falls back to reject_always", [once, never], "reject", "d"],
  ["reject without any reject cancels", [once, always], "reject", undefined],
  ["cancelled chooses nothing", [once, no], "cancelled", undefined],
  ["an id chooses exactly it", [once, always, no], { optionId: "b" }, "b"],
])("%s", (_name, options, decision, optionId) => {
  const { line } = permissionReply(dialogue, { requestId: 1, options, decision })

  const outcome = optionId === undefined ? { outcome: "cancelled" } : { outcome: "selected", optionId }
  expect(JSON.parse(line)).toEqual({ jsonrpc: "2.0", id: 1, result: { outcome } })
})

test.each<[string, PermissionOption[], PermissionDecision]>([
  ["approve with only allow_always", [always, no], "approve"],
  ["approve with an option that is only named so", [strange, no], "approve"],
  ["approve with nothing", [], "approve"],
  ["an id that is not there", [once, no], { optionId: "z" }],
])("%s is refused", (_name, options, decision) => {
  const reply = () => permissionReply(dialogue, { requestId: 1, options, decision })

  expect(reply).toThrow(expect.objectContaining({ code: "option-not-offered" }))
  expect(reply).toThrow(AcpError)
})

test.each([0, 17, -3, "17", "", 'a"b:c'])("the raw id %j is echoed unchanged", (requestId) => {
  const permission = permissionReply(dialogue, { requestId, options: [once], decision: "approve" })
  const question = questionReply(dialogue, { requestId, action: "decline" })

  expect(JSON.parse(permission.line)).toMatchObject({ id: requestId })
  expect(JSON.parse(question.line)).toMatchObject({ id: requestId })
  expect(permission.id).toBe(`reply:run:${JSON.stringify(requestId)}`)
})

test("only an accepted question carries content", () => {
  const accepted = questionReply(dialogue, { requestId: 1, action: "accept", content: { a: "b" } })
  const declined = questionReply(dialogue, { requestId: 1, action: "decline", content: { a: "b" } })

  expect(JSON.parse(accepted.line)).toEqual({
    jsonrpc: "2.0",
    id: 1,
    result: { action: "accept", content: { a: "b" } },
  })
  expect(JSON.parse(declined.line)).toEqual({ jsonrpc: "2.0", id: 1, result: { action: "decline" } })
})

test("a frame is one line for every reader, and says the same", () => {
  const text = "next\u0085line\u2028and\u2029paragraph\r\n"
  const { line } = questionReply(dialogue, { requestId: 1, action: "accept", content: { text } })

  expect(line).not.toMatch(/[\r\n\u0085\u2028\u2029]/)
  expect(JSON.parse(line).result.content).toEqual({ text })
})

import { expect, it } from "vitest"
import { askUnless } from "../src/ask-unless.ts"

const owner = { userId: "ada", tenantId: "home" }
const session = { permissionMode: "default", workDir: "/work", agent: "demo", labels: {}, owner }
const request = { tool: { toolCallId: "1" }, session }
const judgement = (decision: "allow" | "ask" | "deny") => ({ decision, rule: "r", reason: "Because.", required: 2 })
const told = (decision: "allow" | "ask" | "deny", mayAllow?: () => Promise<boolean>) =>
  askUnless(mayAllow, async () => judgement(decision))(request)

it("what would be allowed is asked about while nothing may be allowed; no and ask stay what they are", async () => {
  const [yes, no] = [async () => true, async () => false]
  expect(await told("allow", no)).toEqual({
    ...judgement("ask"),
    reason: "It cannot be allowed without a person now: Because.",
  })
  for (const mayAllow of [yes, undefined]) expect(await told("allow", mayAllow)).toEqual(judgement("allow"))
  for (const decision of ["ask", "deny"] as const) expect(await told(decision, no)).toEqual(judgement(decision))
})

it("nobody is asked whether something may be allowed that is not", async () => {
  const never = () => Promise.reject(new Error("Asked."))
  expect(await told("deny", never)).toEqual(judgement("deny"))
  await expect(told("allow", never)).rejects.toThrow("Asked.")
})

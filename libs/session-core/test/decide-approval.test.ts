import { existsSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { ada, bo, demo } from "./aegis-callers.ts"
import { isType, script, textOf, until, useAegis } from "./aegis-harness.ts"

const { open, temporary } = useAegis()

describe("an approval", () => {
  it("that two persons have to give waits for the second, and shows who gave it", async () => {
    const aegis = await open({ settings: { approvals: { required: 2 } } })
    const { session } = await aegis.createSession(ada, demo(temporary("work"), script("write a.txt 1")))
    await until(aegis, session.id, isType("approval.requested"))
    const first = await aegis.vote(ada, session.id, { choice: "approve", reason: "fine" })
    expect(first).toMatchObject({ status: "open", required: 2, votes: [{ voter: "ada", reason: "fine" }] })
    expect(await aegis.vote(ada, session.id, { choice: "approve" })).toEqual(first)
    const second = await aegis.vote(bo, session.id, { choice: "approve" })
    expect(second).toMatchObject({ status: "approved", votes: [{ voter: "ada" }, { voter: "bo" }] })
    await until(aegis, session.id, isType("turn.ended"))
  })

  it("is not given by a no that names what allows, nor for good where it takes more than one person's word", async () => {
    const aegis = await open({ settings: { approvals: { required: 2 } } })
    const workDir = temporary("work")
    const { session } = await aegis.createSession(ada, demo(workDir, script("write a.txt 1")))
    await until(aegis, session.id, isType("approval.requested"))
    const [asked] = await aegis.listApprovals({ sessionId: session.id })
    const optionOf = (kind: string) => asked?.options.find((option) => option.kind === kind)?.optionId
    const vote = (choice: "approve" | "reject", kind: string) =>
      aegis.vote(ada, session.id, { choice, optionId: optionOf(kind) ?? kind })
    for (const [choice, kind] of [
      ["reject", "allow_once"],
      ["reject", "allow_always"],
      ["approve", "reject_once"],
      ["approve", "allow_always"],
    ] as const)
      await expect(vote(choice, kind)).rejects.toMatchObject({ code: "option-not-offered" })
    expect(await vote("approve", "allow_once")).toMatchObject({ status: "open" })
    expect(await vote("reject", "reject_once")).toMatchObject({ status: "rejected" })
    await until(aegis, session.id, isType("turn.ended"))
    expect(existsSync(join(workDir, "a.txt"))).toBe(false)
  })

  it("that nobody gives in time expires; the agent goes on as if nobody had chosen", async () => {
    const aegis = await open({ settings: { approvals: { required: 1, expiresAfterMs: 30 } } })
    const workDir = temporary("work")
    const { session } = await aegis.createSession(ada, demo(workDir, script("write a.txt 1", "say On I go.")))
    const entries = await until(aegis, session.id, isType("turn.ended"))
    expect(textOf(entries)).toContain("On I go.")
    expect(existsSync(join(workDir, "a.txt"))).toBe(false)
    const [approval] = await aegis.listApprovals({ sessionId: session.id })
    expect(approval).toMatchObject({ status: "expired", delivery: "delivered", votes: [] })
    await expect(
      aegis.vote(ada, session.id, { choice: "approve", approvalId: approval?.approvalId }),
    ).rejects.toMatchObject({ code: "approval-consumed" })
  })
})

import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { bearer, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

const rule = (id: string, decision: string, match: object) => ({ id, decision, match })
const policyOf = (...rules: object[]) => ({ version: 1, rules })

/** A server with that policy where an agent has asked for each step, and a person has answered what no rule did. */
async function startWithHistory(steps: readonly string[], { policy = policyOf(), answer = "approve" } = {}) {
  const file = join(temporary("policy"), "policy.json")
  writeFileSync(file, JSON.stringify(policy))
  const server = await start({ config: { policy: { file } } })
  const workDir = temporary("work")
  for (const step of steps) {
    const { id } = await server.create(workDir, `#script\n${step}`, { reuse: false })
    await server.untilLogged(id, "approval.requested")
    const isOpen = (await server.call("GET", `/v1/sessions/${id}`)).body.status === "permission_prompt"
    if (isOpen) expect((await server.call("POST", `/v1/sessions/${id}/${answer}`, {})).status).toBe(200)
    await server.untilLogged(id, "turn.ended")
  }
  return { server, workDir }
}

describe("another policy, held against what agents have asked for", () => {
  it("is told with what it would have changed, without secrets, and changes nothing", async () => {
    const policy = policyOf(rule("edits", "allow", { kind: "edit", path: `\${workDir}/**` }))
    const steps = ["write a.txt 1", "run echo one", "run curl -u ada:hunter2 https://x.example"]
    const { server } = await startWithHistory(steps, { policy })
    const candidate = policyOf(
      rule("no-edits", "deny", { kind: "edit" }),
      rule("echo", "allow", { kind: "execute", command: "echo*" }),
    )
    const head = server.server.aegis.head()
    const { status, body } = await server.call("POST", "/v1/policy/simulate", { policy: candidate })
    expect([status, body.requests]).toEqual([200, 3])
    const told = (before: string, after: string) =>
      body.outcomes.find((outcome: Record<string, unknown>) => outcome.before === before && outcome.after === after)
    expect(body.outcomes).toHaveLength(3)
    expect(told("allow", "deny")).toMatchObject({
      count: 1,
      changed: 1,
      examples: [{ before: { rule: "edits" }, after: { rule: "no-edits" }, what: expect.stringMatching(/\/a\.txt$/) }],
    })
    expect(told("ask", "allow")).toMatchObject({
      count: 1,
      changed: 1,
      examples: [{ what: "echo one", before: { rule: "policy:default" }, after: { rule: "echo" } }],
    })
    expect(told("ask", "ask")).toMatchObject({ count: 1, changed: 0, examples: [] })
    const strict = policyOf(rule("none", "deny", { kind: ["edit", "execute"] }))
    const answer = await server.call("POST", "/v1/policy/simulate", { policy: strict })
    expect(JSON.stringify(answer.body)).toContain("curl -u ada:[redacted")
    expect(JSON.stringify(answer.body)).not.toContain("hunter2")
    expect((await server.call("GET", "/v1/policy")).body.policy.rules).toMatchObject([{ id: "edits" }])
    expect(server.server.aegis.head()).toBe(head)
  })

  it("is about what the caller may see, since when it was asked", async () => {
    const { server } = await startWithHistory(["run echo one"])
    const count = async (body: object, token?: string) =>
      (
        await server.call(
          "POST",
          "/v1/policy/simulate",
          { policy: policyOf(), ...body },
          ...(token ? [bearer(token)] : []),
        )
      ).body.requests
    expect([await count({}), await count({ since: new Date().toISOString() })]).toEqual([1, 0])
    const other = await server.createKey("operator", { tenantId: "other", userId: "bo" })
    expect(await count({}, other.key)).toBe(0)
    const viewer = await server.createKey("viewer")
    for (const [method, path, body] of [
      ["GET", "/v1/policy"],
      ["GET", "/v1/policy/suggestions"],
      ["POST", "/v1/policy/check", { policy: policyOf() }],
      ["POST", "/v1/policy/simulate", { policy: policyOf() }],
    ] as const)
      expect((await server.call(method, path, body, bearer(viewer.key))).status).toBe(403)
  })

  it("that is none is refused with what is wrong, and one that contradicts itself is told so", async () => {
    const server = await start({})
    const check = (policy: object) => server.call("POST", "/v1/policy/check", { policy })
    expect((await check({ version: 2 })).status).toBe(400)
    const { body } = await check(policyOf(rule("a", "allow", { kind: "edit" }), rule("b", "deny", { kind: "edit" })))
    expect(body).toMatchObject({ rules: 2, findings: [{ type: "contradiction" }] })
    expect((await server.call("GET", "/v1/policy")).body).toEqual({ version: 0, isConfigured: false })
  })
})

describe("suggested rules", () => {
  it("are those that people's approvals speak for, without what somebody rejected or a secret is in", async () => {
    const steps = ["run git status", "run git status", "run git status", "run deploy --token s3cr3tT0ken9x"]
    const { server } = await startWithHistory([...steps, ...Array<string>(2).fill("run deploy --token s3cr3tT0ken9x")])
    const { status, body } = await server.call("GET", "/v1/policy/suggestions")
    expect(status).toBe(200)
    expect(body.items).toMatchObject([
      { count: 3, rule: { decision: "allow", match: { kind: "execute", command: "git status" } } },
    ])
    expect(body.items[0].examples).toHaveLength(3)
    const later = await server.call("GET", `/v1/policy/suggestions?since=${new Date().toISOString()}`)
    expect(later.body.items).toEqual([])
  })

  it("take no rejection for an approval", async () => {
    const { server } = await startWithHistory(Array<string>(3).fill("run git status"), { answer: "reject" })
    expect((await server.call("GET", "/v1/policy/suggestions")).body.items).toEqual([])
  })
})

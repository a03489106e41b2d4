import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it, vi } from "vitest"
import { readPolicyFile } from "../src/policy-file.ts"
import { bearer, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

const POLICY = `
version: 1
rules:
  - { id: edits-inside, match: { kind: [edit], path: "\${workDir}/**" }, decision: allow }
  - { id: never-secrets, match: { path: "**/.env*" }, decision: deny, reason: Secrets stay out of sessions. }
  - { id: tests-are-fine, match: { kind: execute, command: "pnpm test*" }, decision: allow }
  - id: prod-needs-two
    match: { labels: { env: prod }, kind: execute }
    decision: ask
    approvers: { count: 2 }
    expiresAfter: 30m
`

function policyFile(text = POLICY) {
  const file = join(temporary("policy"), "policy.yaml")
  writeFileSync(file, text)
  return file
}

async function startWithPolicy(text?: string) {
  return start({ config: { policy: { file: policyFile(text) } } })
}

/** What became of each permission that the agent asked for, in its order; those that wait are `open`. */
async function decisionsOf(
  server: Awaited<ReturnType<typeof startWithPolicy>>,
  steps: readonly string[],
  options: Record<string, unknown> = {},
) {
  const workDir = temporary("work")
  mkdirSync(join(workDir, "outside"), { recursive: true })
  const outside = temporary("outside")
  symlinkSync(outside, join(workDir, "link"))
  symlinkSync(".env", join(workDir, "notes"))
  symlinkSync("round", join(workDir, "round"))
  const decisions = []
  for (const step of steps) {
    const { id } = await server.create(workDir, `#script\n${step}`, { ...options, reuse: false })
    await server.untilLogged(id, "approval.requested")
    if ((await server.call("GET", `/v1/sessions/${id}`)).body.status !== "permission_prompt")
      await server.untilLogged(id, "turn.ended")
    const [approval] = (await server.call("GET", `/v1/sessions/${id}/approvals`)).body.items
    decisions.push(approval)
  }
  return { workDir, outside, decisions }
}

describe("a policy", () => {
  it("decides what its rules know, and leaves the rest to people", async () => {
    const server = await startWithPolicy()
    const steps = [
      "write a.txt hi",
      "write .env secret",
      "write notes secret",
      "write round x",
      "write link/b.txt out",
      "run pnpm test --run",
      "run pnpm test && rm -rf x",
      "run pnpm test > .env",
      "run pnpm test > notes",
      "run git push",
    ]
    const { workDir, outside, decisions } = await decisionsOf(server, steps)
    expect(decisions.map(({ status, rule }) => [status, rule])).toEqual([
      ["approved", "edits-inside"],
      ["rejected", "never-secrets"],
      ["rejected", "never-secrets"],
      ["approved", "edits-inside"],
      ["open", null],
      ["approved", "tests-are-fine"],
      ["open", null],
      ["rejected", "never-secrets"],
      ["rejected", "never-secrets"],
      ["open", null],
    ])
    expect(decisions[1]).toMatchObject({ decidedBy: { kind: "policy" }, reason: "Secrets stay out of sessions." })
    expect(readFileSync(join(workDir, "a.txt"), "utf8")).toBe("hi")
    expect([existsSync(join(workDir, ".env")), existsSync(join(outside, "b.txt"))]).toEqual([false, false])
  })

  it("stands above the mode: none allows what it denies or asks about, and where it is silent the mode decides", async () => {
    const server = await startWithPolicy()
    const steps = ["write .env secret", "run git push"]
    const labels = { env: "prod" }
    const of = async (permissionMode: string, options = {}) => {
      const { decisions } = await decisionsOf(server, steps, { permissionMode, ...options })
      return decisions.map(({ status, rule }) => `${status} ${rule}`)
    }
    expect(await of("bypassPermissions")).toEqual(["rejected never-secrets", "approved mode:bypassPermissions"])
    expect(await of("bypassPermissions", { labels })).toEqual(["rejected never-secrets", "open null"])
    expect(await of("dontAsk")).toEqual(["rejected never-secrets", "rejected mode:dontAsk"])
    expect(await of("dontAsk", { labels })).toEqual(["rejected never-secrets", "rejected prod-needs-two"])
  })

  it("knows the home folder by its real place, as it knows the paths", async () => {
    const home = join(temporary("links"), "home")
    symlinkSync(tmpdir(), home)
    vi.stubEnv("HOME", home)
    try {
      const server = await startWithPolicy(
        `version: 1\nrules: [{ id: no-keys, match: { path: "~/*/a.txt" }, decision: deny }]`,
      )
      const { decisions } = await decisionsOf(server, ["write a.txt x"])
      expect(decisions[0]).toMatchObject({ status: "rejected", rule: "no-keys" })
    } finally {
      vi.unstubAllEnvs()
    }
  })

  it("says how many have to approve, and until when", async () => {
    const server = await startWithPolicy()
    const { decisions } = await decisionsOf(server, ["run git push"], { labels: { env: "prod" } })
    const [{ required, requestedAt, expiresAt }] = decisions
    expect(required).toBe(2)
    expect(Date.parse(expiresAt) - Date.parse(requestedAt)).toBe(30 * 60_000)
  })

  it("holds by a session's labels wherever one is asked for with them: an idle one without is not that session", async () => {
    const server = await startWithPolicy()
    const workDir = temporary("work")
    const wish = { permissionMode: "bypassPermissions" }
    const plain = await server.create(workDir, "#script\nrun true", wish)
    await server.untilLogged(plain.id, "turn.ended")
    const labelled = await server.create(workDir, "#script\nrun true", { ...wish, labels: { env: "prod" } })
    expect(labelled).toMatchObject({ reused: false, labels: { env: "prod" } })
    await server.untilLogged(labelled.id, "approval.requested")
    const approvalOf = async ({ id }: { id: string }) =>
      (await server.call("GET", `/v1/sessions/${id}/approvals`)).body.items[0]
    expect(await approvalOf(plain)).toMatchObject({ status: "approved", rule: "mode:bypassPermissions" })
    expect(await approvalOf(labelled)).toMatchObject({ status: "open", required: 2 })
  })

  it("takes people of certain roles, and not whoever asked for the work", async () => {
    const approvers = "{ roles: [operator, admin], notRequester: true }"
    const server = await startWithPolicy(
      `version: 1\nrules: [{ id: a, match: { kind: execute }, decision: ask, approvers: ${approvers} }]`,
    )
    const keyOf = async (role: string, userId: string, more = {}) =>
      bearer((await server.createKey(role, { userId, ...more })).key)
    const [ada, adasOther, bo] = [
      await keyOf("operator", "ada"),
      await keyOf("admin", "ada"),
      await keyOf("admin", "bo"),
    ]
    const cy = await keyOf("custom", "cy", { permissions: ["session.read", "session.approve"] })
    const prompt = "#script\nrun true"
    const body = { workDir: temporary("work"), prompt }
    const { id } = (await server.call("POST", "/v1/sessions", body, ada)).body
    const vote = async (choice: string, headers: Record<string, string> | undefined) => {
      const { status, body } = await server.call("POST", `/v1/sessions/${id}/${choice}`, {}, headers)
      return [status, body.code ?? body.status]
    }
    await server.untilLogged(id, "approval.requested")
    const refused = [403, "not-an-approver"]
    expect([await vote("approve", ada), await vote("approve", adasOther), await vote("approve", cy)]).toEqual([
      refused,
      refused,
      refused,
    ])
    const [asked] = (await server.call("GET", `/v1/sessions/${id}/approvals`)).body.items
    expect(asked).toMatchObject({ status: "open", roles: ["operator", "admin"], excludedVoter: "ada", votes: [] })
    expect(await vote("approve", bo)).toEqual([200, "approved"])
    // The next prompt is somebody else's.
    await server.untilLogged(id, "turn.ended")
    expect((await server.call("POST", `/v1/sessions/${id}/send`, { text: prompt }, bo)).status).toBe(200)
    await server.streamUntil(
      `/v1/sessions/${id}/events`,
      ({ event, data }) => event === "approval.requested" && JSON.parse(data ?? "").data.excludedVoter === "bo",
    )
    expect([await vote("approve", bo), await vote("reject", cy)]).toEqual([refused, [200, "rejected"]])
  })

  it("refuses the mode in which the agent judges by itself, where it has something to forbid", async () => {
    const body = { workDir: temporary("work"), permissionMode: "auto" }
    const refused = await (await startWithPolicy()).call("POST", "/v1/sessions", body)
    expect(refused).toMatchObject({ status: 422, body: { code: "mode-not-allowed" } })
    const allowing = "{ version: 1, rules: [{ id: a, match: { kind: read }, decision: allow }] }"
    const server = await startWithPolicy(allowing)
    expect((await server.call("POST", "/v1/sessions", body)).body.code).not.toBe("mode-not-allowed")
  })
})

it("the policies of docs/policy.md are ones", () => {
  const page = readFileSync(new URL("../../../docs/policy.md", import.meta.url), "utf8")
  const texts = [...page.matchAll(/^```yaml\n(version:.*?)^```/gms)].map(([, text = ""]) => text)
  const policies = texts.map((text) => readPolicyFile(policyFile(text)))
  expect(policies.map(({ rules }) => rules.map(({ id }) => id))).toEqual([
    ["read-anything-inside", "tests-are-fine", "never-secrets", "prod-needs-two"],
    [],
  ])
  expect(policies.map(({ budgets }) => budgets.map(({ scope }) => scope))).toEqual([
    [],
    ["session", "server", "key:CI of the website"],
  ])
})

describe("a policy file that cannot be used stops the start, and says where", () => {
  it.each([
    ["version: 1\nrules: [", /policy\.yaml:2:\d+: /],
    ["version: 2", /policy\.yaml:1:10: version: /],
    [
      "version: 1\nrules:\n  - id: a\n    match: { paht: x }\n    decision: deny",
      /policy\.yaml:4:12: rules\.0\.match: .*paht/,
    ],
    [
      'version: 1\nbudgets: [{ scope: session, usd: 5 }, { scope: "template:t", usd: 5 }]',
      /policy\.yaml:2:48: a budget of a template is not enforced/,
    ],
    ["version: 1\nbudgets:\n  - scope: session", /policy\.yaml:3:5: budgets\.0: A budget limits usd, tokens or both/],
  ])("%j", async (text, message) => {
    await expect(startWithPolicy(text)).rejects.toThrow(message)
  })

  it("that is not there", async () => {
    await expect(start({ config: { policy: { file: "/nowhere/policy.yaml" } } })).rejects.toThrow(/cannot be read/)
  })
})

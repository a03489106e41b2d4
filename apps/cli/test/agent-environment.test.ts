import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { processesOf, script, useAg } from "./ag-harness.ts"

const { home, temporary } = useAg()

/** What a server's environment may have, and none of it is an agent's. */
const secrets = {
  AWS_SECRET_ACCESS_KEY: "canary-aws",
  DATABASE_URL: "postgres://app:canary-database@127.0.0.1/app",
  GITHUB_TOKEN: "canary-github",
  HTTPS_PROXY: "http://ada:canary-proxy@127.0.0.1:9",
  NPM_TOKEN: "canary-npm",
  // Another agent's.
  ANTHROPIC_API_KEY: "canary-anthropic",
  SSH_AUTH_SOCK: "/tmp/canary-ssh",
  AEGIS_AUDIT_CANARY: "canary-of-ours",
  // One that is in a name as well.
  "CANARY-canary-name": "canary-name",
}

it("an agent and its host have nothing of the server's environment but what they need", async () => {
  const ag = home(secrets)
  const words = ["--cwd", temporary("work"), script("say here")]
  expect(await ag.run("run", ...words)).toMatchObject({ code: 0 })
  const others = processesOf(ag.stateDir).map((pid) => ({
    words: readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0"),
    variables: readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").filter(Boolean),
  }))
  const of = (program: string) => others.filter(({ words }) => words.some((word) => word.includes(program)))
  const [servers, hosts, agents] = [of("server"), of("agent-host-program"), of("demo-agent")]
  // The server itself has them: they were there to be handed on.
  expect(servers.some(({ variables }) => variables.includes("GITHUB_TOKEN=canary-github"))).toBe(true)
  expect([hosts.length, agents.length]).toEqual([1, 1])
  const token = readFileSync(join(ag.stateDir, "token"), "utf8").trim()
  for (const { variables } of [...hosts, ...agents]) {
    expect(variables.some((variable) => variable.startsWith("PATH="))).toBe(true)
    expect(variables.filter((variable) => variable.includes("canary") || variable.includes(token))).toEqual([])
  }
})

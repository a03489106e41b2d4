import { expect, test } from "vitest"
import { createAgentEnvironment } from "../src/node.ts"

test("an agent inherits what programs need, and what its adapter allows", () => {
  const inherit = {
    PATH: "/bin",
    HOME: "/h",
    LC_ALL: "C",
    XDG_CONFIG_HOME: "/c",
    Path: "p",
    SystemRoot: "w",
    ANTHROPIC_API_KEY: "k",
    TERM: undefined,
  }

  expect(createAgentEnvironment({ inherit })).toEqual({
    PATH: "/bin",
    HOME: "/h",
    LC_ALL: "C",
    XDG_CONFIG_HOME: "/c",
    Path: "p",
    SystemRoot: "w",
  })
  expect(createAgentEnvironment({ inherit, allow: ["ANTHROPIC_"] })).toHaveProperty("ANTHROPIC_API_KEY", "k")
})

test("no secret of the server gets through, whatever is allowed", () => {
  const names = "AEGIS_AUTH_TOKEN aegis_auth_token AEGIS_DATABASE_URL AEGIS_AGENT_RUN".split(" ")
  const others =
    "DATABASE_URL SLACK_BOT_TOKEN AWS_SECRET_ACCESS_KEY GITHUB_TOKEN NODE_OPTIONS NODE_COMPILE_CACHE LD_PRELOAD NPM_TOKEN PGPASSWORD PATHS".split(
      " ",
    )
  const inherit = Object.fromEntries([...names, ...others].map((name) => [name, `canary-${name}`]))

  expect(createAgentEnvironment({ inherit })).toEqual({})
  expect(createAgentEnvironment({ inherit, allow: ["AEGIS_", "A", "", "aegis_auth"] })).toEqual({
    AWS_SECRET_ACCESS_KEY: "canary-AWS_SECRET_ACCESS_KEY",
  })
})

test("more is inherited by name, less by name, and nothing of the server's in any case", () => {
  const inherit = {
    GITHUB_TOKEN: "g",
    NPM_A: "a",
    NPM_B: "b",
    NPMX: "x",
    LANG: "C",
    AEGIS_AUTH_TOKEN: "t",
    PATH: "/bin",
  }
  const names = ["github_token", "NPM_*", "AEGIS_*", "AEGIS_AUTH_TOKEN"]
  expect(createAgentEnvironment({ inherit, names })).toEqual({
    GITHUB_TOKEN: "g",
    NPM_A: "a",
    NPM_B: "b",
    LANG: "C",
    PATH: "/bin",
  })
  expect(createAgentEnvironment({ inherit, names, allow: ["NPM"], deny: ["NPM_*", "LANG"] })).toEqual({
    GITHUB_TOKEN: "g",
    NPMX: "x",
    PATH: "/bin",
  })
})

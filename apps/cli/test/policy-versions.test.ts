import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { useAg } from "./ag-harness.ts"

const { home, temporary } = useAg()

it("ag policy sets the policy, tells its versions, and tries another one", async () => {
  const ag = home()
  const folder = temporary("policy")
  const write = (name: string, rules: string) => {
    writeFileSync(join(folder, name), `version: 1\nrules:\n${rules}`)
    return join(folder, name)
  }
  const echo = "  - { id: echo, match: { kind: execute, command: 'echo *' }, decision: allow }\n"
  const first = write("policy.yaml", echo)
  const second = write("strict.yaml", echo.replace("allow", "deny"))
  const cwd = temporary("work")
  const run = () => ag.run("run", "#script\nrun echo hello", "--cwd", cwd, "--yes", "--quiet")
  await run()
  expect((await ag.run("policy", "show")).stderr).toContain("The server has no policy")
  expect((await ag.run("policy", "versions")).stderr).toContain("never had a policy")
  expect(await ag.run("policy", "set", first)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^1 {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}local \(rest\)\n {3}\+ rule {4}echo\n$/),
  })
  const shown = await ag.run("policy", "show")
  expect([JSON.parse(shown.stdout).rules[0].id, shown.stderr]).toEqual([
    "echo",
    expect.stringMatching(/^Version 1, set by local on /),
  ])
  expect(await ag.run("policy", "set", second, "--if-version", "0")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("The policy is at version 1, and not at 0"),
  })
  for (const [words, told] of [
    [["set"], "Name the file"],
    [["set", first, "--none"], "Name the file"],
    [["set", first, "--if-version", "one"], "is no version"],
    [["show", "--version", "x"], "is no version"],
  ] as const)
    expect(await ag.run("policy", ...words)).toMatchObject({ code: 2, stderr: expect.stringContaining(told) })
  expect((await ag.run("policy", "shadow", second)).stdout).toBe(
    "Version 2 is on trial: 0 requests so far, as answered → as it would have answered\n",
  )
  await run()
  expect((await ag.run("policy", "shadow")).stdout.split("\n")).toEqual([
    "Version 2 is on trial: 1 request so far, as answered → as it would have answered",
    "✓ allow → deny   1  otherwise",
    expect.stringMatching(/^ {4}echo: session /),
    "",
  ])
  expect((await ag.run("policy", "shadow", "--none")).stderr).toContain("No policy is on trial")
  expect(JSON.parse((await ag.run("policy", "set", "--none", "--if-version", "1", "--json")).stdout)).toMatchObject({
    version: 4,
  })
  const [{ id }] = await ag.json("sessions")
  await ag.run("send", id, "#script\nrun echo hello")
  expect((await ag.run("approve", id, "--remember")).code).toBe(0)
  expect((await ag.run("policy", "set", second, "--session", id)).stderr).toContain("The session has rules of its own")
  const own = await ag.run("policy", "show", "--session", id)
  expect([JSON.parse(own.stdout).rules[0].id, own.stderr]).toEqual(["echo", expect.stringContaining("echo hello")])
  const { items } = JSON.parse((await ag.run("policy", "versions", "--json")).stdout)
  expect(items.map(({ version }: { version: number }) => version)).toEqual([4, 1])
  expect(JSON.parse((await ag.run("policy", "show", "--version", "1", "--json")).stdout).rules[0].id).toBe("echo")
})

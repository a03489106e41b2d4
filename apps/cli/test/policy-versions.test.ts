import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { script, useAg } from "./ag-harness.ts"

const { home, temporary } = useAg()

/** Two policies about the same command, in files: one allows it, and one does not. */
function policies() {
  const folder = temporary("policy")
  const write = (name: string, decision: string) => {
    const rule = `{ id: echo, match: { kind: execute, command: 'echo *' }, decision: ${decision} }`
    writeFileSync(join(folder, name), `version: 1\nrules:\n  - ${rule}\n`)
    return join(folder, name)
  }
  return { lax: write("policy.yaml", "allow"), strict: write("strict.yaml", "deny") }
}

it("ag policy sets the policy where it is what was read, and tells its versions", async () => {
  const ag = home()
  const { lax, strict } = policies()
  await ag.run("run", script("run echo hello"), "--cwd", temporary("work"), "--yes", "--quiet")
  expect((await ag.run("policy", "show")).stderr).toContain("The server has no policy")
  expect(await ag.run("policy", "set", lax)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^1 {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}local \(rest\)\n {3}\+ rule {4}echo\n$/),
  })
  expect(await ag.run("policy", "set", strict, "--if-version", "0")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("The policy is at version 1, and not at 0"),
  })
  expect(JSON.parse((await ag.run("policy", "set", "--none", "--if-version", "1", "--json")).stdout).version).toBe(2)
  expect((await ag.run("policy", "versions")).stdout).toMatch(/^2 {2}.*\n {3}- rule {4}echo\n1 {2}.*\n.*\n$/)
  const shown = await ag.run("policy", "show", "--version", "1")
  expect([JSON.parse(shown.stdout).rules[0].id, shown.stderr]).toEqual([
    "echo",
    expect.stringMatching(/^Version 1, set by local on /),
  ])
})

it("ag policy says what it takes before it asks a server", async () => {
  const ag = home()
  const { lax } = policies()
  for (const [words, told] of [
    [["set"], "Name the file"],
    [["set", lax, "--none"], "Name the file"],
    [["set", lax, "--if-version", "one"], "is no version"],
  ] as const)
    expect(await ag.run("policy", ...words)).toMatchObject({ code: 2, stderr: expect.stringContaining(told) })
})

it("ag policy tries one, and gives a session rules of its own beside what it remembers", async () => {
  const ag = home()
  const { strict } = policies()
  const cwd = temporary("work")
  await ag.run("run", script("say hi"), "--cwd", cwd, "--quiet")
  expect((await ag.run("policy", "shadow", strict)).stdout).toBe(
    "Version 1 is on trial. 0 requests, as answered → by it\n",
  )
  const [{ id }] = await ag.json("sessions")
  await ag.run("send", id, script("run echo hello"))
  expect((await ag.run("approve", id, "--remember")).code).toBe(0)
  expect((await ag.run("policy", "shadow")).stdout.split("\n")).toEqual([
    "Version 1 is on trial. 1 request, as answered → by it",
    "✓ ask   → deny   1  otherwise",
    `    echo: session ${id.slice(0, 8)}`,
    "",
  ])
  expect((await ag.run("policy", "shadow", "--none")).stderr).toContain("No policy is on trial")
  expect((await ag.run("policy", "set", strict, "--session", id)).stderr).toContain("The session has rules of its own")
  const own = await ag.run("policy", "show", "--session", id)
  expect([JSON.parse(own.stdout).rules[0].id, own.stderr]).toEqual(["echo", expect.stringContaining("echo hello")])
})

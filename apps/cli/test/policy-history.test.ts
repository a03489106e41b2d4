import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { useAg } from "./ag-harness.ts"

const { home, temporary } = useAg()

it("ag policy holds a file against what agents have asked for, and finds rules in what was approved", async () => {
  const ag = home()
  const file = join(temporary("policy"), "policy.yaml")
  writeFileSync(
    file,
    "version: 1\nrules:\n  - { id: echo, match: { kind: execute, command: 'echo *' }, decision: allow }\n",
  )
  const nothing = await ag.run("policy", "simulate", file)
  expect(nothing).toMatchObject({ code: 5, stderr: expect.stringContaining("No server is running") })
  const cwd = temporary("work")
  for (let count = 0; count < 3; count++)
    await ag.run("run", "#script\nrun echo hello\nrun ls", "--cwd", cwd, "--yes", "--quiet")
  expect((await ag.run("policy", "simulate", file)).stdout.split("\n")).toEqual([
    "6 requests, by the server's policy → by policy.yaml",
    "! ask   → allow  3  otherwise",
    ...Array<string>(3).fill("    echo: echo hello"),
    "  ask   → ask    3  as before",
    "",
  ])
  const { outcomes } = JSON.parse((await ag.run("policy", "simulate", file, "--json", "--since", "30d")).stdout)
  expect(outcomes).toHaveLength(2)
  const suggested = await ag.run("policy", "suggest")
  expect(suggested.stdout).toContain("  # approved 3 times\n")
  expect(suggested.stdout).toContain('"match":{"kind":"execute","command":"echo hello"}')
  expect(await ag.run("policy", "show")).toMatchObject({ stdout: "", stderr: expect.stringContaining("no policy") })
  expect(await ag.run("policy", "simulate", file, "--since", "soon")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("write how long ago"),
  })
})

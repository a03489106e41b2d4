import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { useAg } from "./ag-harness.ts"

const { home, temporary } = useAg()

const stages = `name: nightly
stages:
  - name: build
    prompt: "#script\\nsay built"
  - name: test
    dependsOn: [build]
    prompt: "#script\\nsay {{stages.build.output}} and tested"
`

it("ag pipeline begins what a file says, waits for it, shows and cancels it; ag pipelines lists", async () => {
  const ag = home()
  const file = join(temporary("pipeline"), "stages.yaml")
  writeFileSync(file, stages)
  await ag.run("server", "start")
  expect(await ag.run("pipelines")).toMatchObject({ stdout: "", stderr: expect.stringContaining("ag pipeline create") })

  const done = await ag.run("pipeline", "create", "-f", file, "--wait")
  expect([done.code, done.stderr.trim().split("\n")]).toEqual([0, ["… build", "✓ build", "… test", "✓ test"]])
  const lines = done.stdout.trimEnd().split("\n")
  expect(lines[0]).toMatch(/^nightly {2}completed {2}[0-9a-f-]{36}$/)
  expect(lines[1]).toMatch(/^ {2}✓ build {2}[0-9a-f]{8} {2}.* built$/)
  expect(lines[2]).toMatch(/^ {2}✓ test {3}[0-9a-f]{8} {2}.* built and tested$/)

  const failing = stages.replace("say built", "exit 3")
  writeFileSync(file, failing)
  const failed = await ag.run("pipeline", "create", "--file", file, "--wait", "--json")
  expect([failed.code, JSON.parse(failed.stdout)]).toMatchObject([1, { status: "failed", reason: "Failed: build." }])

  writeFileSync(file, stages.replace("say built", "wait"))
  const { id } = await ag.json("pipeline", "create", "--file", file)
  expect((await ag.run("pipeline", "show", id.slice(0, 8))).stdout).toContain("after build")
  expect((await ag.run("pipeline", "cancel", id)).stdout).toMatch(/^nightly {2}cancelled/)
  expect((await ag.run("pipeline", "show", id, "--wait")).code).toBe(1)
  expect((await ag.run("pipeline", "show", "nightly")).stderr).toContain("could be")
  const listed = (await ag.run("pipelines")).stdout.trimEnd().split("\n")
  expect(listed.map((line) => line.split(/ +/).slice(1, 4).join(" "))).toEqual([
    "cancelled 0/2 nightly",
    "failed 0/2 nightly",
    "completed 2/2 nightly",
  ])
  expect(await ag.json("pipelines", "--status", "completed")).toHaveLength(1)
})

it("ag pipeline create says where in the file something does not fit, and begins nothing", async () => {
  const ag = home()
  const file = join(temporary("pipeline"), "stages.yaml")
  await ag.run("server", "start")
  const refused = async (text: string) => {
    writeFileSync(file, text)
    return ag.run("pipeline", "create", "-f", file)
  }
  expect(await refused(stages.replace("dependsOn: [build]", "retries: 2"))).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/stages.yaml:6:\d+: Only a stage with onFailure retry/),
  })
  expect(await refused(stages.replace("[build]", "[bild]"))).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("stage test depends on bild, and there is no such stage"),
  })
  expect(await refused("name: [")).toMatchObject({ code: 2, stderr: expect.stringContaining("stages.yaml:1:") })
  expect(await ag.run("pipeline", "show", "none")).toMatchObject({ code: 3 })
  expect(await ag.json("pipelines")).toEqual([])
})

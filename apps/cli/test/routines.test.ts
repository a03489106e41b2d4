import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { useAg } from "./ag-harness.ts"

const { home, temporary } = useAg()

const yearly = `name: yearly
cron: 0 0 1 1 *
timeZone: Europe/Berlin
missedRun: once
prompt: "#script\\nsay done"
`

it("ag routine makes what a file says, or says where it does not fit; it shows, runs, pauses, resumes and deletes it", async () => {
  const ag = home()
  const file = join(temporary("routine"), "yearly.yaml")
  await ag.run("server", "start")
  for (const [was, is, words] of [
    ["0 0 1 1 *", "0 0 31 2 *", /yearly.yaml:2:\d+: "0 0 31 2 \*" never comes/],
    ["Europe/Berlin", "Mars/Base", /yearly.yaml:3:\d+: There is no time zone "Mars\/Base"/],
  ] as const) {
    writeFileSync(file, yearly.replace(was, is))
    const refused = await ag.run("routine", "create", "-f", file)
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(words) })
  }
  expect(await ag.run("routines")).toMatchObject({ stdout: "", stderr: expect.stringContaining("ag routine create") })

  writeFileSync(file, yearly)

  const made = await ag.run("routine", "create", "-f", file)
  expect([made.code, made.stdout.split("\n")]).toEqual([
    0,
    [
      expect.stringMatching(/^yearly {2}enabled {2}[0-9a-f-]{36}$/),
      expect.stringMatching(/^ {2}0 0 1 1 \* \(Europe\/Berlin\), next \d{4}-\d\d-\d\d \d\d:\d\d$/),
      "",
    ],
  ])
  const ran = await ag.run("routine", "run", "yearly")
  expect([ran.code, ran.stdout]).toEqual([
    0,
    expect.stringMatching(/^… {4}1 {2}[\d-]{10} [\d:]{5} {2}[0-9a-f]{8} {2}running\n$/),
  ])
  expect(ran.stderr).toMatch(/Follow it: ag tail [0-9a-f]{8}/)
  const shown = async () => (await ag.run("routine", "show", "yearly")).stdout.trimEnd().split("\n")
  await expect.poll(async () => (await shown()).at(-1), { timeout: 20_000 }).toMatch(/^ {2}✓ {4}1 .* m?s$/)

  expect((await ag.run("routine", "pause", "yearly")).stdout).toMatch(
    /^yearly {2}paused {2}.*\n {2}0 0 1 1 \* \(Europe\/Berlin\)\n/,
  )
  expect((await ag.run("routines")).stdout).toMatch(/^[0-9a-f]{8} {2}✓ {2}paused {12}0 0 1 1 \* {2}yearly\n$/)
  const { id, enabled, lastRun } = await ag.json("routine", "resume", "yearly")
  expect([enabled, lastRun.status]).toEqual([true, "completed"])
  expect(await ag.json("routine", "list")).toMatchObject([{ id, enabled: true }])

  expect(await ag.run("routine", "delete", id.slice(0, 8))).toMatchObject({ code: 0, stdout: "" })
  expect(await ag.run("routine", "show", id)).toMatchObject({ code: 3 })
  expect(await ag.json("routines")).toEqual([])
})

import { appendFile, readdir, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { findRecording, programPath, type RecordedLine, readRecording } from "../src/node.ts"
import { DemoRun, temporaryDetachedHost, temporaryFolder, temporaryHost } from "./fixtures/demo-run.ts"

async function linesOf(path: string) {
  const lines: RecordedLine[] = []
  for await (const line of readRecording(path)) lines.push(line)
  return lines
}

const methodsOf = (lines: readonly RecordedLine[]) =>
  lines.map(({ from, text }) => `${from} ${JSON.parse(text).method ?? "reply"}`)

describe.each([
  ["in this process", async () => temporaryHost()],
  ["in a process of its own", () => temporaryDetachedHost()],
] as const)("the recording of an agent of a host %s", (_, newHost) => {
  async function startRecorded(bytes: number) {
    const { host, hostId } = await newHost()
    const cwd = await temporaryFolder()
    const path = join(cwd, "recordings", "r")
    const args = [programPath("demo-agent")]
    const env = { PATH: process.env.PATH ?? "/usr/bin:/bin" }
    const recording = { path, bytes }
    const link = await host.start({ runId: "r", command: process.execPath, args, env, cwd, recording })
    return { path, link, run: new DemoRun(link, hostId, { mode: "default", clientVersion: "0", runId: "r", cwd }) }
  }

  test("has both directions in their order, to the letter, for its owner alone", async () => {
    const { run, link, path } = await startRecorded(1e6)
    await run.next("ready")
    await run.prompt("#script\nsay Grüße\nrun echo")
    await run.decide(await run.next("permission"), "approve")
    await run.next("turn.ended")
    await link.stop()
    expect(findRecording(path)).toBe("whole")
    const lines = await linesOf(path)
    // Updates come when the agent likes.
    expect(methodsOf(lines).filter((method) => method !== "agent session/update")).toEqual([
      "client initialize",
      "agent reply",
      "client session/new",
      "agent reply",
      "client session/set_mode",
      "agent reply",
      "client session/prompt",
      "agent session/request_permission",
      "client reply",
      "agent reply",
    ])
    expect(lines.some(({ text }) => text.includes("Grüße"))).toBe(true)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(join(path, ".."))).mode & 0o777).toBe(0o700)
  })

  test("is cut where it would be too long, says so by its name, and the agent goes on", async () => {
    const { run, path } = await startRecorded(3000)
    await run.next("ready")
    await run.prompt("#script\nchunks 50 100\nsay End.")
    await run.next("turn.ended")
    expect(run.said).toMatch(/End\.$/)
    expect(findRecording(path)).toBe("cut")
    expect(await readdir(join(path, ".."))).toEqual(["r.cut"])
    expect((await stat(`${path}.cut`)).size).toBeLessThanOrEqual(3000)
  })
})

describe("a recording's file", () => {
  test("ends before what is half written; what is none is told from it", async () => {
    const path = join(await temporaryFolder(), "r")
    expect(findRecording(path)).toBe("none")
    // A line that comes in two pieces stands where its end came, and a character is whole again.
    const [first, second] = [Buffer.from("ü\nhal").subarray(0, 1), Buffer.from("ü\nhal").subarray(1)]
    await writeFile(path, `agent 1 1\n`)
    await appendFile(path, first)
    await appendFile(path, `client 2 1\nx`)
    await appendFile(path, `agent 3 ${second.length}\n`)
    await appendFile(path, second)
    await appendFile(path, "client 4 100\nnot all")
    expect(await linesOf(path)).toEqual([
      { from: "client", at: 2, text: "x" },
      { from: "agent", at: 3, text: "ü" },
    ])
    for (const damaged of ["nobody 1 1\nx", "agent x 1\nx", "x".repeat(100)]) {
      await writeFile(path, damaged)
      await expect(linesOf(path)).rejects.toMatchObject({ code: "recording-damaged" })
    }
  })

  test("is never another one's", async () => {
    const { host } = temporaryHost()
    const path = join(await temporaryFolder(), "r")
    await writeFile(path, "kept")
    const spawn = { runId: "r", command: "/bin/echo", args: ["x"], env: {}, cwd: "/", recording: { path, bytes: 100 } }
    await (await host.start(spawn)).exited
    expect([(await stat(path)).size, findRecording(path)]).toEqual([4, "whole"])
  })
})

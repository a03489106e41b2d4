import { execFile } from "node:child_process"
import { readFile, symlink } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { describe, expect, test } from "vitest"
import type { AgentFrame, AgentHost, AgentLink } from "../src/index.ts"
import { sweepAgents } from "../src/node.ts"
import {
  type HostLimits,
  startDemo,
  startDemoProcess,
  temporaryDetachedHost,
  temporaryFolder,
  temporaryHost,
} from "./fixtures/demo-run.ts"
import { markedProcesses } from "./fixtures/marked.ts"

const env = { PATH: process.env.PATH ?? "/usr/bin:/bin" }

describe.each([
  ["in this process", async (limits: HostLimits = {}) => temporaryHost(limits)],
  ["in a process of its own", temporaryDetachedHost],
] as const)("an agent host %s", (_, newHost) => {
  describe("start", () => {
    test("a program that is not there says what to do", async () => {
      const { host } = await newHost()
      const start = host.start({ runId: "r", command: "no-such-agent", args: [], env, cwd: "/" })

      await expect(start).rejects.toMatchObject({
        code: "agent-not-found",
        message: expect.stringContaining("no-such-agent"),
      })
      expect(await host.attach("r")).toBeUndefined()
    })

    test("a folder that is not there is not taken for a missing program", async () => {
      const { host } = await newHost()
      const start = host.start({ runId: "r", command: process.execPath, args: [], env, cwd: "/no/such/folder" })

      await expect(start).rejects.toMatchObject({
        code: "agent-start-failed",
        message: expect.stringContaining("/no/such/folder"),
      })
    })

    test("a link is not followed to a folder that nobody has named", async () => {
      const { host } = await newHost()
      const [folder, elsewhere] = [await temporaryFolder(), await temporaryFolder()]
      await symlink(elsewhere, join(folder, "link"))
      for (const cwd of [join(folder, "link"), join(folder, "link", "."), `${folder}/link/../link`])
        await expect(
          host.start({ runId: "r", command: "/bin/sh", args: ["-c", "pwd -P"], env, cwd }),
        ).rejects.toMatchObject({
          code: "agent-start-failed",
          message: expect.stringContaining(elsewhere),
        })
      const link = await host.start({ runId: "s", command: "/bin/sh", args: ["-c", "pwd -P"], env, cwd: folder })
      expect((await allFrames(link)).map(({ text }) => text)).toEqual([folder])
    })

    test("a file that is no program cannot be started", async () => {
      const { host } = await newHost()
      const start = host.start({ runId: "r", command: "/etc/passwd", args: [], env, cwd: "/" })

      await expect(start).rejects.toMatchObject({ code: "agent-start-failed" })
    })

    test("arguments reach the program as they are, without a shell", async () => {
      const { host } = await newHost()
      const link = await shell(host, 'printf "%s\\n" "$@"', ["-", "$(id)", "a b", "*", "'"])

      expect((await allFrames(link)).map(({ text }) => text)).toEqual(["$(id)", "a b", "*", "'"])
    })

    test("a run is started once", async () => {
      const { host } = await newHost()
      await shell(host, "cat", [], "same")

      await expect(shell(host, "cat", [], "same")).rejects.toMatchObject({ code: "agent-start-failed" })
    })

    test("a run is found until it is released", async () => {
      const { host } = await newHost()
      const link = await shell(host, "cat", [], "r1")

      expect(await host.attach("r1")).toBe(link)
      expect(await host.attach("r2")).toBeUndefined()
      await link.stop()
      link.release()
      expect(await host.attach("r1")).toBeUndefined()
    })

    test("a closed host starts nothing, has stopped all, and can be closed again", async () => {
      const { host } = await newHost()
      const link = await shell(host, "cat")
      await host.close()
      await host.close()

      expect(await link.exited).toMatchObject({ signal: "SIGTERM" })
      await expect(shell(host, "cat")).rejects.toMatchObject({ code: "host-closed" })
    })
  })

  describe("frames", () => {
    test("reading begins after any offset that was not acknowledged, and ends with the process", async () => {
      const { host } = await newHost()
      const link = await shell(host, "printf 'one\\ntwo\\nthree\\n'")

      expect(await allFrames(link)).toEqual([
        { text: "one", end: 4 },
        { text: "two", end: 8 },
        { text: "three", end: 14 },
      ])
      expect(await allFrames(link, 4)).toEqual([
        { text: "two", end: 8 },
        { text: "three", end: 14 },
      ])
      link.acknowledge(8)
      expect(await allFrames(link, 0)).toEqual([{ text: "three", end: 14, isAfterGap: true }])
    })

    test("a reader that is aborted ends, and the agent goes on", async () => {
      const { host } = await newHost()
      const link = await shell(host, "echo one; cat")
      const stop = new AbortController()
      const seen: string[] = []
      for await (const page of link.frames({ after: 0, signal: stop.signal })) {
        seen.push(...page.map(({ text }) => text))
        stop.abort()
      }
      await link.send({ id: "a", line: "two" })

      expect(seen).toEqual(["one"])
      expect(await firstFrame(link, 4)).toEqual({ text: "two", end: 8 })
    })

    test("a last line without an end is dropped and counted", async () => {
      const { host } = await newHost()
      const link = await shell(host, "printf 'whole\\nhalf'")

      expect((await allFrames(link)).map(({ text }) => text)).toEqual(["whole"])
      expect((await link.exited).reason).toContain("4 bytes were dropped")
    })

    test("an agent that talks while nobody acknowledges is stopped by the pipe, not by memory", async () => {
      const { host } = await newHost({ spoolBytes: 4_000_000 })
      const before = process.memoryUsage().rss
      const link = await shell(host, "exec yes 0123456789012345678901234567890123456789")
      for await (const page of link.frames({ after: 0 })) if ((page.at(-1)?.end ?? 0) >= 4_000_000) break
      await untilBlocked(link.pid)

      const heard = await heardSoFar(link)
      expect(heard).toBeLessThan(4_000_000 + 512 * 1024)
      expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000)
      link.acknowledge(heard)
      expect(await firstFrame(link, heard)).toMatchObject({ end: heard + 41 })
    })

    test("what an agent said before it ended is all there, whatever the bound", async () => {
      const { host } = await newHost({ spoolBytes: 1000 })
      const link = await shell(host, "seq 1 20000")
      await link.exited

      expect((await allFrames(link)).length).toBe(20000)
    })

    test("a line over the cap ends the agent, and the exit says why", async () => {
      const run = await startDemo({ newHost, limits: { frameBytes: 1_000_000 } })
      await run.next("ready")
      await run.prompt("#script\nflood 50000000")

      expect(await run.link.exited).toMatchObject({
        signal: "SIGKILL",
        reason: expect.stringContaining("more than 1000000 bytes"),
      })
    })
  })

  describe("send", () => {
    test("the same id is written once", async () => {
      const { host } = await newHost()
      const link = await shell(host, "cat")
      await Promise.all([link.send({ id: "a", line: "1" }), link.send({ id: "a", line: "1" })])
      await link.send({ id: "b", line: "2" })
      await link.send({ id: "a", line: "1" })
      await link.send({ id: "c", line: "3" })

      expect(await firstFrame(link, 4)).toEqual({ text: "3", end: 6 })
      expect(await firstFrame(link, 0)).toEqual({ text: "1", end: 2 })
    })

    test("a line break inside a frame is refused", async () => {
      const { host } = await newHost()
      const link = await shell(host, "cat")

      await expect(link.send({ id: "a", line: "1\n2" })).rejects.toMatchObject({ code: "frame-invalid" })
    })

    test("what an agent does not read waits up to a bound", async () => {
      const { host } = await newHost({ stdinBytes: 1_000_000 })
      const link = await shell(host, "sleep 1000")
      const waiting = [1, 2, 3].map((n) => link.send({ id: `${n}`, line: "x".repeat(300_000) }))
      const tooMuch = link.send({ id: "4", line: "x".repeat(300_000) })

      await expect(tooMuch).rejects.toMatchObject({ code: "agent-not-reading" })
      const settled = Promise.allSettled(waiting)
      await link.stop()
      const outcomes = await settled
      expect(outcomes).toMatchObject([1, 2, 3].map(() => ({ status: "rejected", reason: { code: "agent-exited" } })))
    })

    test("an agent that is gone takes nothing", async () => {
      const { host } = await newHost()
      const link = await shell(host, "exit 3")
      expect(await link.exited).toMatchObject({ code: 3, signal: null })

      await expect(link.send({ id: "a", line: "1" })).rejects.toMatchObject({ code: "agent-exited" })
    })
  })

  describe("exit", () => {
    test("the tail of stderr is bounded and whole characters", async () => {
      const { host } = await newHost({ stderrBytes: 100 })
      const link = await shell(host, "for i in $(seq 1 2000); do printf 'ü🚀' >&2; done; printf '!' >&2; exit 1")
      const { stderrTail } = await link.exited

      expect(stderrTail).toMatch(/^[ü🚀]+!$/u)
      expect(Buffer.byteLength(stderrTail)).toBeGreaterThan(90)
      expect(Buffer.byteLength(stderrTail)).toBeLessThanOrEqual(100)
    })

    test("an agent that crashes in the middle of a turn tells its signal", async () => {
      const run = await startDemo({ newHost })
      await run.next("ready")
      await run.prompt("#script\nsay a\ncrash")

      expect(await run.link.exited).toMatchObject({ code: null, signal: "SIGKILL" })
    })

    test("an agent that ignores SIGTERM and leaves a daemon is gone with all of it", async () => {
      const run = await startDemo({ newHost })
      await run.next("ready")
      await run.prompt("#script\nignore-term\nspawn-daemon\nwait")
      await run.next("message.delta")
      expect(await markedProcesses(run.marker)).toHaveLength(2)
      const started = Date.now()
      const exit = await run.link.stop({ graceMs: 300 })

      expect(exit.signal).toBe("SIGKILL")
      expect(Date.now() - started).toBeGreaterThanOrEqual(300)
      await expect.poll(() => markedProcesses(run.marker)).toEqual([])
    })

    test("a daemon that holds the pipes open does not outlive its agent", async () => {
      const { host, hostId } = await newHost()
      const link = await shell(host, "setsid sleep 1000 & echo started", [], "r")

      expect(await allFrames(link)).toEqual([{ text: "started", end: 8 }])
      expect(await link.exited).toMatchObject({ code: 0 })
      expect(await markedProcesses(`${hostId}:r`)).toEqual([])
    })

    test("a process that hid its marker and holds the pipes is not waited for", async () => {
      const { host } = await newHost()
      const link = await shell(host, "setsid env -i /bin/sh -c 'echo $$; exec sleep 1000' & wait $!")
      const hidden = Number((await firstFrame(link, 0))?.text)
      try {
        expect(await link.stop()).toMatchObject({ signal: "SIGTERM" })
      } finally {
        process.kill(hidden, "SIGKILL")
      }
    })

    test("stopping twice gives the same end", async () => {
      const { host } = await newHost()
      const link = await shell(host, "cat")

      expect(await link.stop()).toEqual(await link.stop())
    })
  })
})

describe("sweepAgents", () => {
  test("ends what carries the marker of the host, and nothing of another", async () => {
    const [one, other] = [temporaryHost(), temporaryHost()]
    const cwd = await temporaryFolder()
    const left = await startDemoProcess(one.host, { runId: "a", cwd })
    const spared = await startDemoProcess(other.host, { runId: "a", cwd })

    expect(await sweepAgents({ hostId: one.hostId })).toBe(1)
    expect(await left.exited).toMatchObject({ signal: "SIGKILL" })
    expect(await markedProcesses(`${other.hostId}:a`)).toEqual([spared.pid])
    expect(await sweepAgents({ hostId: one.hostId })).toBe(0)
  })

  test("spares the process that sweeps, though it was started under an agent itself", async () => {
    const code =
      'const { sweepAgents } = await import("@aegis/acp-runtime/node"); console.log(await sweepAgents({ hostId: "h" }))'
    const args = ["--conditions=@aegis/source", "--input-type=module", "--eval", code]
    const options = { cwd: fileURLToPath(new URL("..", import.meta.url)), env: { ...env, AEGIS_AGENT_RUN: "h:r" } }

    expect((await promisify(execFile)(process.execPath, args, options)).stdout).toBe("0\n")
  })
})

function shell(host: AgentHost, script: string, args: readonly string[] = [], runId = "run") {
  return host.start({ runId, command: "/bin/sh", args: ["-c", script, ...args], env, cwd: "/" })
}

async function allFrames(link: AgentLink, after = 0): Promise<AgentFrame[]> {
  const frames: AgentFrame[] = []
  for await (const page of link.frames({ after })) frames.push(...page)
  return frames
}

async function firstFrame(link: AgentLink, after: number) {
  for await (const page of link.frames({ after })) return page[0]
  return undefined
}

/** The end of what is there now: pages that are there come without a turn of the event loop between them. */
async function heardSoFar(link: AgentLink) {
  let offset = 0
  const stop = new AbortController()
  setImmediate(() => stop.abort())
  for await (const page of link.frames({ after: 0, signal: stop.signal })) offset = page.at(-1)?.end ?? offset
  return offset
}

/** Until the process has used no more time between two looks: it waits in its write. */
async function untilBlocked(pid: number) {
  let used = -1
  for (;;) {
    const stat = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]?.split(" ") ?? []
    const now = Number(stat[11]) + Number(stat[12])
    if (stat[0] === "S" && now === used) return
    used = now
    await delay(50)
  }
}

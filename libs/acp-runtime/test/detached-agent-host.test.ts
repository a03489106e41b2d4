import { execFileSync } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs"
import { mkdir } from "node:fs/promises"
import { connect, type Socket } from "node:net"
import { join } from "node:path"
import { describe, expect, onTestFinished, test } from "vitest"
import { openHostFolder } from "../src/host-folder.ts"
import { encodeMessage, type FromHost, MessageReader } from "../src/host-message.ts"
import type { AgentFrame, AgentHost, AgentLink } from "../src/index.ts"
import { openDetachedAgentHost } from "../src/node.ts"
import { temporaryDetachedHost } from "./fixtures/demo-run.ts"
import { markedProcesses } from "./fixtures/marked.ts"

const env = { PATH: process.env.PATH ?? "/usr/bin:/bin" }

describe("an agent outlives the process that started it", () => {
  test("what it said meanwhile is read from where one was, and a frame is written once whoever sends it", async () => {
    const { host, options } = await temporaryDetachedHost()
    const link = await shell(host, "echo one; read a; echo $a; cat")
    expect(await firstFrame(link, 0)).toEqual({ text: "one", end: 4 })
    await link.send({ id: "a", line: "two" })
    await host.close({ keepAgents: true })
    await expect(shell(host, "cat", "other")).rejects.toMatchObject({ code: "host-closed" })

    const again = await reopen(options)
    expect(await again.runs()).toEqual(["run"])
    const found = await attached(again)
    await found.send({ id: "a", line: "two" })
    await found.send({ id: "b", line: "three" })
    expect(await frames(found, 4, 2)).toEqual([
      { text: "two", end: 8 },
      { text: "three", end: 14 },
    ])
    expect(await found.stop()).toMatchObject({ signal: "SIGTERM" })
  })

  test("how it ended meanwhile is told, once: what was released is gone", async () => {
    const { host, hostId, options } = await temporaryDetachedHost()
    await shell(host, "echo last; echo why >&2; read a; exit 7")
    await host.close({ keepAgents: true })
    const second = await reopen(options)
    await (await attached(second)).send({ id: "a", line: "end" })
    await second.close({ keepAgents: true })
    await expect.poll(() => markedProcesses(`${hostId}:run`)).toEqual([])

    const third = await reopen(options)
    const found = await attached(third)
    expect(await found.exited).toMatchObject({ code: 7, stderrTail: "why\n" })
    expect(await frames(found, 0, 1)).toEqual([{ text: "last", end: 5 }])
    found.release()
    expect([await third.attach("run"), await third.runs(), readdirSync(join(options.folder, "runs"))]).toEqual([
      undefined,
      [],
      [],
    ])
  })

  test("nobody there to listen: it is left waiting at its pipe, and goes on when somebody is", async () => {
    const { host, options } = await temporaryDetachedHost({ spoolBytes: 100_000 })
    await shell(host, "seq 1 200000")
    await host.close({ keepAgents: true })
    const spooled = () => sizeOf(join(options.folder, "runs", "run"))
    await expect.poll(spooled).toBeGreaterThanOrEqual(100_000)
    const held = spooled()

    const found = await attached(await reopen(options))
    let count = 0
    for await (const page of found.frames({ after: 0 })) {
      count += page.length
      found.acknowledge(page.at(-1)?.end ?? 0)
    }
    expect([count, held < 400_000]).toEqual([200_000, true])
  })
})

test("the process of the host is one, and goes with its last server when no agent is left to hold", async () => {
  const { host, hostId, options } = await temporaryDetachedHost()
  await Promise.all([shell(host, "cat", "one"), shell(host, "cat", "two"), shell(host, "cat", "three")])
  expect(hostProcesses(hostId)).toHaveLength(1)
  expect(modesIn(options.folder)).toEqual({ folder: "700", secret: "600", socket: "600" })
  await host.close()
  expect([hostProcesses(hostId), await markedProcesses(`${hostId}:one`)]).toEqual([[], []])
})

test("a host that is killed: all it had written is read, its agents are ended, and the next agent has a new one", async () => {
  const { host, hostId } = await temporaryDetachedHost()
  const link = await shell(host, "seq 1 1000; setsid sleep 1000 & cat")
  const seen = await frames(link, 0, 10)
  process.kill(hostProcesses(hostId)[0] ?? 0, "SIGKILL")
  expect(await link.exited).toMatchObject({ code: null, reason: expect.stringContaining("host") })
  expect(await markedProcesses(`${hostId}:run`)).toEqual([])
  const rest: AgentFrame[] = []
  for await (const page of link.frames({ after: seen.at(-1)?.end ?? 0 })) rest.push(...page)
  expect([...seen, ...rest].map(({ text }) => Number(text))).toEqual(Array.from({ length: 1000 }, (_, n) => n + 1))
  await expect(link.send({ id: "a", line: "x" })).rejects.toMatchObject({ code: "agent-exited" })
  link.release()

  const next = await shell(host, "echo again", "next")
  expect(await frames(next, 0, 1)).toEqual([{ text: "again", end: 6 }])
})

test("a host that died while nobody was there: its agents are ended at the next start, and their words kept", async () => {
  const { host, hostId, options } = await temporaryDetachedHost()
  await shell(host, "echo kept; cat")
  await expect.poll(() => sizeOf(join(options.folder, "runs", "run"))).toBeGreaterThan(0)
  await host.close({ keepAgents: true })
  process.kill(hostProcesses(hostId)[0] ?? 0, "SIGKILL")

  const again = await reopen(options)
  expect(await markedProcesses(`${hostId}:run`)).toEqual([])
  const found = await attached(again)
  expect(await frames(found, 0, 5)).toEqual([{ text: "kept", end: 5 }])
  expect(await found.exited).toMatchObject({ code: null, reason: expect.stringContaining("host") })
})

test("a connection that is cut is made anew: nothing is read twice, nothing is missed", async () => {
  const { host, options } = await temporaryDetachedHost()
  const link = await shell(host, 'n=0; while read a; do n=$((n+1)); printf "%s-$n\\n" "$a"; done')
  const texts: string[] = []
  const reading = (async () => {
    for await (const page of link.frames({ after: 0 })) texts.push(...page.map(({ text }) => text))
  })()
  for (let round = 1; round <= 5; round++) {
    const sent = link.send({ id: `frame ${round}`, line: `line${round}` })
    const intruder = await helloTo(options.folder, {})
    intruder.socket.destroy()
    await sent
    await expect.poll(() => texts.length).toBe(round)
  }
  await link.stop()
  await reading
  expect(texts).toEqual(["line1-1", "line2-2", "line3-3", "line4-4", "line5-5"])
})

test("a connection that is cut while more waits than is let through goes on to the end", async () => {
  const { host, options } = await temporaryDetachedHost()
  const link = await shell(host, "seq 1 2000000")
  const seen: number[] = []
  let cuts = 0
  for await (const page of link.frames({ after: 0 })) {
    for (const { text } of page) seen.push(Number(text))
    // Answers come behind the output: after a few of them, as much as is let through waits behind this page.
    if (cuts < 3) for (let round = 0; round < 20; round++) await host.runs()
    if (cuts < 3 && seen.length > cuts * 150_000) {
      cuts += 1
      const intruder = await helloTo(options.folder, {})
      intruder.socket.destroy()
    }
  }
  expect([cuts, seen.length, seen.every((value, index) => value === index + 1)]).toEqual([3, 2_000_000, true])
})

test("what was acknowledged leaves the disk", async () => {
  const { host, options } = await temporaryDetachedHost()
  const link = await shell(host, "head -c 40000000 /dev/zero | tr '\\0' x | fold -w 999; read a")
  let largest = 0
  let end = 0
  for await (const page of link.frames({ after: 0 })) {
    end = page.at(-1)?.end ?? end
    link.acknowledge(end)
    largest = Math.max(largest, sizeOf(join(options.folder, "runs", "run")))
    if (end > 40_000_000) break
  }
  expect(end).toBeGreaterThan(40_000_000)
  expect(largest).toBeLessThan(34_000_000)
  await expect.poll(() => sizeOf(join(options.folder, "runs", "run"))).toBeLessThan(9_000_000)
})

describe("whoever connects", () => {
  test.each([
    ["another secret", { secret: "0".repeat(64) }],
    ["no secret", { secret: "" }],
  ])("with %s is shown the door", async (_, hello) => {
    const { host, options } = await temporaryDetachedHost()
    await shell(host, "cat")
    const guest = await helloTo(options.folder, hello)
    expect(await guest.ended).toEqual([])
  })

  test.each([
    ["no protocol of ours", Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")],
    ["a message of 4 GB", Buffer.from("ffffffffffffffff", "hex")],
    ["no JSON", Buffer.from("00000002000000007b7b", "hex")],
  ])("with %s is shown the door, and the agents go on", async (_, bytes) => {
    const { host, options } = await temporaryDetachedHost()
    const link = await shell(host, "cat")
    const socket = connect(openHostFolder(options.folder).socketPath)
    socket.on("error", () => {})
    socket.write(bytes)
    await new Promise((resolve) => socket.once("close", resolve))
    await link.send({ id: "a", line: "still here" })
    expect(await firstFrame(link, 0)).toEqual({ text: "still here", end: 11 })
  })

  test("speaks the latest version that both know, or is told why not", async () => {
    const { host, options } = await temporaryDetachedHost()
    await shell(host, "cat")
    await host.close({ keepAgents: true })
    const later = await helloTo(options.folder, { versions: [7, 1] })
    expect(await later.first).toMatchObject({ type: "welcome", version: 1 })
    const stranger = await helloTo(options.folder, { versions: [7] })
    expect(await stranger.first).toMatchObject({ type: "refused", message: expect.stringContaining("version 1") })
  })

  test("is answered when it asks for what this host does not know yet", async () => {
    const { host, options } = await temporaryDetachedHost()
    await shell(host, "cat")
    // A server that is there would take its place back.
    await host.close({ keepAgents: true })
    const later = await helloTo(options.folder, { versions: [2, 1] })
    await later.first
    later.socket.write(encodeMessage({ type: "juggle", request: 9 } as never))
    later.socket.end()
    expect((await later.ended).at(-1)).toMatchObject({ type: "failed", request: 9, code: "host-unreachable" })
  })
})

test("a data directory that is deleted takes its agents along", async () => {
  const { host, hostId, options } = await temporaryDetachedHost()
  await shell(host, "cat")
  await host.close({ keepAgents: true })
  rmSync(options.folder, { recursive: true })
  await expect.poll(() => hostProcesses(hostId)).toEqual([])
  expect(await markedProcesses(`${hostId}:run`)).toEqual([])
})

test("a data directory with a path too long for a socket has its socket elsewhere, for its owner alone", async () => {
  const { options } = await temporaryDetachedHost()
  const folder = join(options.folder, "deep".repeat(30))
  await mkdir(folder)
  const host = await reopen({ ...options, folder })
  const link = await shell(host, "echo far")
  expect(await firstFrame(link, 0)).toEqual({ text: "far", end: 4 })
  const { socketPath } = openHostFolder(folder)
  expect(Buffer.byteLength(socketPath)).toBeLessThan(104)
  const place = join(socketPath, "..")
  expect((statSync(place).mode & 0o777).toString(8)).toBe("700")
  await host.close()
  expect(existsSync(place)).toBe(false)

  // Somebody else's folder, or one that others may write to, or a link to one, is not trusted.
  mkdirSync(place)
  chmodSync(place, 0o777)
  await expect(openDetachedAgentHost({ ...options, folder })).rejects.toMatchObject({ code: "host-unreachable" })
  rmSync(place, { recursive: true })
  symlinkSync(options.folder, place)
  await expect(openDetachedAgentHost({ ...options, folder })).rejects.toMatchObject({ code: "host-unreachable" })
  rmSync(place)
})

async function reopen(options: Parameters<typeof openDetachedAgentHost>[0]) {
  const host = await openDetachedAgentHost(options)
  onTestFinished(() => host.close())
  return host
}

async function attached(host: AgentHost) {
  const link = await host.attach("run")
  if (!link) throw new Error("The host does not have the run.")
  return link
}

function shell(host: AgentHost, script: string, runId = "run") {
  return host.start({ runId, command: "/bin/sh", args: ["-c", script], env, cwd: "/" })
}

/** So many frames, or all there are. */
async function frames(link: AgentLink, after: number, count: number) {
  const seen: AgentFrame[] = []
  for await (const page of link.frames({ after })) {
    seen.push(...page)
    if (seen.length >= count) return seen.slice(0, count)
  }
  return seen
}

async function firstFrame(link: AgentLink, after: number) {
  return (await frames(link, after, 1))[0]
}

/** A connection of somebody's, after its first word; and all that it is told. */
async function helloTo(folder: string, hello: { readonly secret?: string; readonly versions?: readonly number[] }) {
  const { socketPath, secret } = openHostFolder(folder)
  const socket: Socket = connect(socketPath)
  socket.on("error", () => {})
  const reader = new MessageReader<FromHost>(1_000_000)
  const told: FromHost[] = []
  const first = Promise.withResolvers<FromHost | undefined>()
  socket.on("data", (bytes: Buffer) => {
    told.push(...reader.push(bytes).map(({ head }) => head))
    first.resolve(told[0])
  })
  const ended = new Promise<readonly FromHost[]>((resolve) => socket.once("close", () => resolve(told)))
  void ended.then(() => first.resolve(undefined))
  socket.write(encodeMessage({ type: "hello", versions: [1], secret, ...hello }))
  if (Object.keys(hello).length === 0) await first.promise
  return { socket, first: first.promise, ended }
}

function hostProcesses(hostId: string) {
  return readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && commandOf(pid).includes(`\0${hostId}\0`))
    .map(Number)
}

function commandOf(pid: string) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8")
  } catch {
    // Gone meanwhile.
    return ""
  }
}

function sizeOf(folder: string) {
  if (!existsSync(folder)) return 0
  return readdirSync(folder).reduce(
    (sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  )
}

function modesIn(folder: string) {
  const mode = (path: string) => execFileSync("stat", ["-c", "%a", path], { encoding: "utf8" }).trim()
  return { folder: mode(folder), secret: mode(join(folder, "secret")), socket: mode(join(folder, "socket")) }
}

import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { expect, it } from "vitest"
import { isProcessAlive } from "../src/agent.ts"

it("says of a process whether it runs", async () => {
  const child = spawn(process.execPath, ["-e", "process.stdin.resume()"])
  const { pid = 0 } = child
  expect([isProcessAlive(process.pid), isProcessAlive(pid)]).toEqual([true, true])
  child.kill("SIGKILL")
  await once(child, "exit")
  expect(isProcessAlive(pid)).toBe(false)
})

it.runIf(process.platform === "linux")("takes one that has ended for gone, though nobody has asked how", async () => {
  // The shell becomes a program that waits for no child; the child ends when that program is there.
  const parent = spawn("sh", ["-c", "cat <&3 >&2 & echo $!; exec sleep 600"], {
    stdio: ["ignore", "pipe", "ignore", "pipe"],
  })
  const [line] = (await once(createInterface({ input: parent.stdout as NodeJS.ReadableStream }), "line")) as [string]
  const child = Number(line)
  expect(isProcessAlive(child)).toBe(true)
  ;(parent.stdio[3] as NodeJS.WritableStream).end()
  await expect.poll(() => isProcessAlive(child)).toBe(false)
  expect(process.kill(child, 0)).toBe(true)
  parent.kill()
})
